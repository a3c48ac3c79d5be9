import { createRandom, hash32, type Random } from '../../src/lab/random.ts'
import type { Clock } from './clock.ts'
import type { Data } from './data.ts'
import { DAY_MS, drawFace } from '../../src/lab/traffic/face.ts'
import { templatesOf } from './harvest.ts'
import { between, chance, geometric, logNormal } from '../../src/lab/chance.ts'
import type { Scenario } from './scenario.ts'
import { createAccount, type Step } from './script.ts'
import { createSpeech, type Speech } from './speech.ts'
import { assignment } from '../../src/lab/text/assignments.ts'
import { honestDocuments } from './text/documents.ts'
import { familiesOf, type Family } from '../../src/lab/text/families.ts'
import { type Account, merge } from './traffic.ts'
import { createWorld, type World } from './world.ts'

// The fleet that Weir is built against, whole: 24,000 accounts of 667 exchanges, a quarter of them harvest, among 100,000
// honest ones. Nothing is kept but what each active account needs to go on.

interface Size {
  readonly fleet: number
  readonly exchanges: number
  readonly share: number
  readonly honest: number
  /** How many templates the harvest is spread over. */
  readonly families: number
  readonly days: number
}

const full: Size = { fleet: 24_000, exchanges: 667, share: 0.25, honest: 100_000, families: 300, days: 28 }

export const scale: Scenario = {
  name: 'scale',
  quick: false,
  targets: [
    { of: 'fleet of 24,000', measure: 'leak', atMost: 0.02 },
    { of: 'people, agents and apps', measure: 'friction', atMost: 0.005 },
    { of: 'people, agents and apps', measure: 'firm', atMost: 0.002 },
    { of: 'batch customers', measure: 'friction', atMost: 0.05 },
    { of: 'all honest', measure: 'blocked', atMost: 0 },
  ],
  countFrom: new Map(),
  stream: (data, seed) => merge(createScale(data, createRandom(`scale/${seed}`), full)),
}

/** At any size, for tests and for machines with less. */
export function createScale(data: Data, random: Random, size: Size): readonly Account[] {
  const world = createWorld(data, { part: 'all', days: size.days })
  const speech = { honest: createSpeech(data, 'honest'), chaff: createSpeech(data, 'chaff') }
  return [
    ...honestAccounts(world, random.fork('honest'), size, speech.honest),
    ...fleetAccounts(world, random.fork('fleet'), size, speech.chaff),
  ]
}

/** The most exchanges of one account. */
const MOST = 5000

function* talk(random: Random, speech: Speech, world: World, repeats: number): Generator<Step> {
  const utter = speech.begin(random.fork('speech'))
  const mean = between(random, 1.5, 5)
  let left = 0
  let turns: Step['turns'] = []
  let last = ''
  for (;;) {
    if (left-- <= 0) {
      left = geometric(random, mean) - 1
      turns = []
    }
    if (last === '' || !chance(random, repeats)) last = utter()
    turns = [...turns.slice(-6), { role: 'user', text: last }]
    yield { turns, harvest: false }
    turns = [...turns, { role: 'assistant', text: random.pick(world.answers) }]
  }
}

function honestAccounts(world: World, random: Random, { honest }: Size, speech: Speech): readonly Account[] {
  const { passage } = honestDocuments(world.data)
  return Array.from({ length: honest }, (_, i) => {
    const own = random.fork(`${i}`)
    const days = between(own, 1, world.days)
    const startMs = Math.round(world.startMs + own.next() * (world.days - days) * DAY_MS)
    const count = Math.max(1, Math.min(MOST, Math.round(logNormal(own, 40, 1.2))))
    const kind = own.next()
    const [name, clock, steps] =
      kind < 0.88
        ? (['scale seat', world.clocks.human(days), (inner: Random) => talk(inner, speech, world, 0.04)] as const)
        : kind < 0.98
          ? ([
              'scale app',
              world.clocks.service(days),
              (inner: Random) => endUsers(talk(inner, speech, world, 0.01)),
            ] as const)
          : (['scale batch', world.clocks.service(days), (inner: Random) => documents(inner, i, passage)] as const)
    return createAccount(
      { kind: 'honest', class: name, face: drawFace(own.fork('face'), startMs), startMs, count, clock, steps },
      own,
    )
  })
}

function* endUsers(talks: Iterator<Step>): Generator<Step> {
  let user = 0
  for (let step = talks.next(); step.done !== true; step = talks.next()) {
    if (step.value.turns.length === 1) user++
    yield { ...step.value, user: `u-${user}` }
  }
}

/** A template of its own, which is a task as testers word it, over numbered documents. */
function* documents(random: Random, account: number, passage: (random: Random) => string): Generator<Step> {
  const frame = assignment(random)
  for (let i = 0; ; i++)
    yield { turns: [{ role: 'user', text: `${frame}\nDocument ${account}-${i}: ${passage(random)}` }], harvest: false }
}

function fleetAccounts(world: World, random: Random, size: Size, speech: Speech): readonly Account[] {
  const { fleet, exchanges, share } = size
  const families = familiesOf(size.families)
  const content = contents(world.data)
  const jobs = Math.round(exchanges * share)
  return Array.from({ length: fleet }, (_, i) => {
    const own = random.fork(`${i}`)
    const startMs = Math.round(world.startMs + (3 + own.next() * 5) * DAY_MS)
    const clock: Clock = world.clocks.human(between(own, 0.6, 0.75) * world.days)
    const steps = (inner: Random): Iterator<Step> =>
      mixed(inner, size, jobs, i, families, content, talk(inner, speech, world, 0))
    return createAccount(
      {
        kind: share === 0 ? 'control' : 'harvest-fleet',
        class: 'fleet of 24,000',
        face: drawFace(own.fork('face'), startMs),
        startMs,
        count: exchanges,
        clock,
        steps,
      },
      own,
    )
  })
}

function* mixed(
  random: Random,
  { exchanges, fleet }: Size,
  jobs: number,
  account: number,
  families: readonly Family[],
  content: (index: number) => string,
  chaff: Iterator<Step>,
): Generator<Step> {
  for (let i = 0, done = 0; i < exchanges; i++) {
    if (chance(random, (jobs - done) / (exchanges - i))) {
      const index = done++ * fleet + account
      yield { turns: [{ role: 'user', text: random.pick(families)(content(index)) }], harvest: true }
    } else yield chaff.next().value as Step
  }
}

/** Two sentences of the sweep's documents, each pair once: as many contents as there are pairs. */
function contents(data: Data): (index: number) => string {
  const sentences = [
    ...new Set(
      [...templatesOf(data, 'sweep').values()].flatMap((texts) =>
        texts.slice(0, 60).flatMap((text) => text.split(/(?<=[.!?])\s+/)),
      ),
    ),
  ].filter(({ length }) => length >= 40 && length <= 220)
  const n = sentences.length
  return (index) => {
    const lap = Math.floor(index / n)
    const first = index % n
    return `${sentences[first]!} ${sentences[(hash32(sentences[first]!) + lap) % n]!}`
  }
}
