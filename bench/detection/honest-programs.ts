import type { Random } from '../../src/lab/random.ts'
import type { ApiCall } from './data.ts'
import { drawFace, hexOf } from '../../src/lab/traffic/face.ts'
import { templatesOf } from './harvest.ts'
import { honestPeople } from './people.ts'
import { between, chance, logNormal, shuffled } from '../../src/lab/chance.ts'
import { createAccount, type Step } from './script.ts'
import { toolResult } from '../../src/lab/text/tool-text.ts'
import type { Account } from './traffic.ts'
import { beginning, times, type World } from './world.ts'

/** Two real developers' sessions with coding agents, cut into accounts: their turns, the calls between, the real gaps. */
export function developerAgents(world: World, random: Random): readonly Account[] {
  const turns = Map.groupBy(world.data.humanTurns(), ({ session }) => session)
  const sessions = shuffled(
    random.fork('order'),
    [...Map.groupBy(world.data.apiCalls(), ({ session }) => session).values()].filter(
      (calls) => calls.length >= 8 && world.has(calls[0]!.session),
    ),
  )
  const out: Account[] = []
  while (sessions.length > 0 && out.length < times(world, 40)) {
    const calls: ApiCall[] = []
    while (calls.length < 120 && sessions.length > 0) calls.push(...sessions.pop()!)
    const own = random.fork(`${out.length}`)
    const startMs = beginning(world, own, 4)
    const count = Math.min(300, calls.length)
    const face = drawFace(own.fork('face'), startMs)
    out.push(
      createAccount(
        {
          kind: 'honest',
          class: 'developer agent',
          face: { ...face, withHistory: true },
          startMs,
          count,
          clock: (_random, from, n) => replayed(calls, from, n),
          steps: (inner) =>
            agentSteps(inner, calls.slice(0, count), (session) => turns.get(session)?.map(({ text }) => text) ?? []),
        },
        own,
      ),
    )
  }
  return out
}

/** At the gaps of the calls on record; a night between sessions counts as ten hours. */
function* replayed(calls: readonly ApiCall[], startMs: number, count: number): Generator<number> {
  let time = startMs
  for (let i = 0; i < count; i++) {
    yield time
    const gap = (calls[i + 1]?.timeMs ?? 0) - calls[i]!.timeMs
    time += gap < 0 ? 3_600_000 : Math.max(200, Math.min(gap, 36_000_000))
  }
}

const AGENT =
  'You are a coding agent that works in the repository of the user. Use the tools to read, search and edit files and to run commands. Keep answers short.'

function* agentSteps(
  random: Random,
  calls: readonly ApiCall[],
  turnsOf: (session: string) => readonly string[],
): Generator<Step> {
  let session = ''
  let said: readonly string[] = []
  let next = 0
  let turns: Step['turns'] = []
  for (const call of calls) {
    if (call.session !== session) {
      session = call.session
      said = turnsOf(session)
      next = 0
      turns = []
    }
    const spoken = call.byTool && turns.length > 0 ? null : said[next++]
    const turn =
      spoken === null || spoken === undefined
        ? { role: 'tool' as const, text: toolResult(random, call.tools[0] ?? 'Read') }
        : { role: 'user' as const, text: spoken }
    turns = [...turns.slice(-9), turn]
    yield { turns, system: AGENT, harvest: false }
    turns = [...turns, { role: 'assistant', text: `[${call.tools.join(', ') || 'done'}]` }]
  }
}

const services = [
  'the help desk of a furniture shop',
  'a travel planner',
  'a writing coach',
  'a study companion',
  'a recipe finder',
  'an assistant inside a spreadsheet',
  'a legal intake form',
  'a fitness trainer',
  'a bank branch',
  'a games community',
  'a Linux support forum',
  'a museum guide',
  'a landlord portal',
  'a language school',
  'a plant nursery',
  'a bike workshop',
] as const

/** Many end users behind one key: single prompts and what the users of a support channel wrote. */
export function apps(world: World, random: Random): readonly Account[] {
  const prompts = shuffled(
    random.fork('prompts'),
    [...world.data.arena(), ...world.data.userOriented()].filter(world.has),
  )
  const people = shuffled(random.fork('people'), honestPeople(world, 'app'))
  return Array.from({ length: times(world, 24) }, (_, i) => {
    const own = random.fork(`${i}`)
    const said = i % 2 === 0 ? prompts.splice(0, 60) : people.splice(0, 12).flatMap(({ said }) => said.slice(0, 12))
    const startMs = beginning(world, own, 6)
    const system = `You are the assistant of ${services[i % services.length]}. Stay on its subject, be brief and friendly.`
    return createAccount(
      {
        kind: 'honest',
        class: 'app',
        face: drawFace(own.fork('face'), startMs),
        startMs,
        count: said.length,
        clock: world.clocks.service(between(own, 2, 6)),
        steps: (inner) => endUsers(inner, said, system),
      },
      own,
    )
  })
}

function* endUsers(random: Random, said: readonly string[], system: string): Generator<Step> {
  let user = hexOf(random)
  for (const text of said) {
    if (chance(random, 0.6)) user = hexOf(random)
    yield { turns: [{ role: 'user', text }], system, user, harvest: false }
  }
}

/** One template each over a list of documents, as a customer's pipeline: the hard negative. */
export function batchTenants(world: World, random: Random): readonly Account[] {
  return shuffled(
    random.fork('order'),
    [...templatesOf(world.data, 'batch')].filter(([name]) => world.has(name)).map(([, texts]) => texts),
  )
    .slice(0, times(world, 57))
    .map((texts, i) => {
      const own = random.fork(`${i}`)
      const days = Math.min(5, logNormal(own, 0.5, 1))
      const startMs = beginning(world, own, days)
      return createAccount(
        {
          kind: 'honest',
          class: 'batch',
          face: drawFace(own.fork('face'), startMs),
          startMs,
          count: texts.length,
          clock: world.clocks.service(days),
          steps: () => prompts(shuffled(own.fork('texts'), texts)),
        },
        own,
      )
    })
}

export function* prompts(texts: Iterable<string>): Generator<Step> {
  for (const text of texts) yield { turns: [{ role: 'user', text }], harvest: false }
}
