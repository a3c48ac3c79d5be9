import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { parseConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import type { RequestEvent } from '../core/event.ts'
import { err, ok, type Result } from '../core/result.ts'
import { serve, type Serving } from '../serve.ts'
import { readCosts } from './costs.ts'
import { billText } from './demo-bill.ts'
import { plainShow, screenShow } from './demo-live.ts'
import { sendRequests } from './demo-requests.ts'
import { actOne, actTwo, eventTable, staying, takenText } from './demo-screen.ts'
import { tellStory } from './demo-story.ts'
import { demoSize, playArm, thieves, type DemoSize } from './demo-thieves.ts'

/**
 * `npm run demo`, the product's story in three acts: a gateway on sockets and the official client; four thieves and honest
 * customers through the same pipeline on a virtual clock; and the bill. Everything that is printed was measured just then. Ends by itself in
 * a pipe; in a terminal the gateway stays up to be tried by hand.
 */
const token = randomBytes(18).toString('base64url')
const secret = `wr_demo_${randomBytes(16).toString('hex')}`

const config = `
listen: 127.0.0.1:0
control: { listen: 127.0.0.1:0, token: "${token}" }
upstreams:
  demo: { dialect: openai, embedded: demo }
models: { "*": { upstream: demo, price: { input: 0.15, output: 0.6 } } }
identity:
  keys:
    - { id: app, secret: "${secret}", tenant: acme, profile: app }
quotas:
  - { name: tokens-minute, per: [key], tokens: 60000, window: 1m, kind: sliding }
  - { name: story-budget, per: [key], output_tokens: 400, window: 1h, kind: sliding }
  - { name: in-flight, per: [tenant], concurrent: 8 }
`

async function main(): Promise<number> {
  const size = sizeAsked()
  if (!size.ok) {
    process.stderr.write(`${size.error}\n`)
    return 2
  }
  const events: RequestEvent[] = []
  const serving = await openGateway(events)
  if (!serving.ok) {
    process.stderr.write(`${serving.error}\n`)
    return 2
  }
  const { dataUrl, controlUrl } = serving.value
  print(actOne(dataUrl))
  const shown = await sendRequests(serving.value, secret)
  while (events.length < shown.length) await new Promise((resolve) => setTimeout(resolve, 5))
  print(eventTable(shown, events))
  const played = await playThieves(size.value)
  if (!played.ok) process.stderr.write(`${played.error}\n`)
  if (played.ok && process.stdout.isTTY) {
    print(staying(dataUrl, controlUrl, secret, token))
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve())
      process.once('SIGTERM', () => resolve())
    })
  }
  await serving.value.stop(1000)
  return played.ok && events.length === shown.length ? 0 : 1
}

async function openGateway(events: RequestEvent[]): Promise<Result<Serving, string>> {
  const parsed = parseConfig(config, 'demo', {})
  if (!parsed.ok) return err(formatProblems(parsed.error))
  return serve({
    config: parsed.value,
    controlToken: token,
    readConfig: () => parsed,
    sinks: [(event) => void events.push(event)],
    say: (level, what, details) => process.stderr.write(`${level}: ${what} ${JSON.stringify(details)}\n`),
  })
}

/** Acts two and three. */
async function playThieves(size: DemoSize): Promise<Result<null, string>> {
  const names = thieves.map(({ name }) => name)
  print(actTwo(thieves, size))
  const plain = await playArm('unprotected', size)
  if (!plain.ok) return plain
  print(takenText(plain.value, names))
  const paints = process.stdout.isTTY && process.env['TERM'] !== 'dumb'
  const show = paints
    ? screenShow({
        write: (text) => void process.stdout.write(text),
        size: () => process.stdout,
        thieves: names,
        answers: size.answers,
        unprotected: plain.value.exchanges,
      })
    : plainShow(print)
  const guarded = await playArm('protected', size, {
    watch: (scene) =>
      show.begin(
        scene,
        tellStory(scene, size.answers, (line) => show.tell(line)),
      ),
    progress: (partDone) => show.progress(partDone),
  })
  if (!guarded.ok) return guarded
  show.end()
  const { startMs, exchanges } = guarded.value
  const bill = { thieves: names, size, costs: readCosts(), startMs, unprotected: plain.value.exchanges }
  print(`\n${billText({ ...bill, guarded: exchanges })}`)
  return ok(null)
}

function sizeAsked(): Result<DemoSize, string> {
  const text = { type: 'string' } as const
  try {
    const { values } = parseArgs({ options: { answers: text, hours: text, seed: text } })
    const answers = Number(values.answers ?? demoSize.answers)
    const hours = Number(values.hours ?? demoSize.hours)
    if (!Number.isInteger(answers) || answers < 1 || !(hours > 0 && hours <= 24 * 7))
      return err('--answers takes a whole number from 1, --hours a number up to 168')
    return ok({ answers, hours, seed: values.seed ?? demoSize.seed })
  } catch (error) {
    return err(`${(error as Error).message}\nusage: npm run demo -- [--answers N] [--hours N] [--seed TEXT]`)
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

// Whoever has read enough, as `head` does, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exitCode = await main()
