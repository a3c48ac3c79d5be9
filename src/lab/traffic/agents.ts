import { exponential, geometric } from '../chance.ts'
import type { Message } from '../client.ts'
import type { Random } from '../random.ts'
import type { Actor, Stage } from '../run.ts'
import type { LabAccount } from '../roster.ts'
import { everyday } from '../text/everyday.ts'
import { phrases } from '../text/phrase.ts'
import { fileName, symbol, toolResult } from '../text/tool-text.ts'
import { words } from '../text/words.ts'
import { askPolitely, echoes } from './honest.ts'
import { person, steady, type Rhythm } from './rhythm.ts'

const SYSTEM =
  'You are a coding agent that works in the repository of the user. Use the tools to read, search and edit files and to run commands. Keep answers short.'

const tasks = phrases(
  [
    '{fix|look into|why does} <symbol> {fail|break|return null} {in|since} <file>{?|, tests are red|}',
    '{add|write} {a test|tests|docs} for <symbol>',
    '{rename|move|split} <file>{ please| into two|, it is too long}',
    'no, {undo that|not that file|leave <symbol> alone}',
    '{ok|good|yes}, {now|then} {run it|commit|the other one|do the same for <file>}',
    'what {is|does} <symbol> {for|do}? {who calls it|is it dead code}?',
    '{the build|ci|lint} {is broken|complains about <file>}',
    'make <symbol> {faster|async|simpler}, {keep the api|it is called a lot}',
    '{continue|go on|try again|still red|done?|thanks}',
  ],
  { ...words, symbol, file: fileName },
)

/** One run of an agent: a person says what to do, then tools and model take turns. */
export async function toolLoop(stage: Stage, random: Random, account: LabAccount, starts: Rhythm): Promise<void> {
  const client = stage.client(account)
  while (await starts()) {
    let turns: Message[] = []
    for (let talks = geometric(random, 3); talks > 0; talks--) {
      const order = random.next() < 0.85 ? tasks(random) : everyday('honest')(random)
      turns = [...turns.slice(-8), { role: 'user', content: order }]
      for (let calls = geometric(random, 7); calls > 0 && stage.now() < stage.endMs; calls--) {
        await askPolitely(stage, client, { messages: [{ role: 'system', content: SYSTEM }, ...turns] })
        const tool = random.pick(['Read', 'Grep', 'Edit', 'Bash', 'Read'])
        turns = [
          ...turns.slice(-8),
          { role: 'assistant', content: `[${tool}] ${echoes(random)}` },
          { role: 'tool', content: toolResult(random, tool) },
        ]
        await stage.sleep(2000 + exponential(random, 6000))
      }
      await stage.sleep(exponential(random, 120_000))
    }
  }
}

/** Developers with a coding agent each. */
export const agents = (count: number): readonly Actor[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `agent/${i}`,
    enter(random, roster, startMs) {
      const account = roster.add(random, startMs, {
        class: 'agents',
        isHonest: true,
        trust: 'standard',
        profile: i % 2 === 0 ? 'agent' : 'unknown',
      })
      return (stage) => toolLoop(stage, stage.random, account, person(stage, stage.random, 3, 1))
    },
  }))

/** One company's agents that work day and night on tickets, a key each, from one network with one program. */
export const agentFleet = (count: number): readonly Actor[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `fleet/${i}`,
    enter(random, roster, startMs) {
      const account = roster.add(random, startMs, {
        class: 'agent fleet',
        isHonest: true,
        trust: 'verified',
        profile: 'agent',
        tenant: 'fleet-owner',
      })
      return (stage) => toolLoop(stage, stage.random, account, steady(stage, stage.random, 900_000, 1))
    },
  }))
