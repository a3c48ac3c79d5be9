import { exponential } from '../chance.ts'
import type { Ask, Client, Message, Reply } from '../client.ts'
import type { Random } from '../random.ts'
import type { Stage } from '../run.ts'
import { confirm, isAsked } from './confirm.ts'

/** How often a vendor's own client library tries again what was turned away for now, and how long it waits at most. */
const RETRIES = 2
const LONGEST_WAIT_MS = 60_000
/** How long it takes until somebody opens the page that a refusal names. */
const NOTICED_MS = 20 * 60_000

/** What an honest program does: it waits for as long as it is told to, tries twice, and then tells its person. */
export async function askPolitely(stage: Stage, client: Client, ask: Ask): Promise<Reply> {
  for (let tries = 0; ; tries++) {
    const reply = await client.ask(ask)
    if (isAsked(reply) && tries === 0) {
      await stage.sleep(exponential(stage.random, NOTICED_MS))
      if (await confirm(stage, client, ['proof_of_work', 'purpose'])) continue
    }
    const isForNow = reply.status === 429 || reply.status >= 500
    if (!isForNow || tries === RETRIES || stage.now() >= stage.endMs) return reply
    await stage.sleep(Math.min(LONGEST_WAIT_MS, reply.retryAfterMs ?? 1000 * 2 ** tries))
  }
}

/** The talk as it is sent: what was said, with the answers as they came. */
export const said = (turns: readonly { readonly role: string; readonly text: string }[]): readonly Message[] =>
  turns.map(({ role, text }) => ({ role: role as Message['role'], content: text }))

/** What stands for the model's part of a talk in the history that is sent again. */
export const echoes = (random: Random): string => random.pick(answers)

const answers = [
  'It depends on a few things, so here is the short version first.',
  'Good question. There are two ways to look at it.',
  'Here is a draft that you can change as you like.',
  'That should work. If it does not, tell me what you see.',
  'I would start with the simplest part.',
  'Yes, within limits.',
  'Sorry about that. Here is another try.',
]
