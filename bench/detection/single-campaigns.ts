import type { Random } from '../../src/lab/random.ts'
import type { Clock } from './clock.ts'
import { openCorpus } from './corpora.ts'
import { DAY_MS, drawFace, drawOwnProgram, drawPool, type Infrastructure } from '../../src/lab/traffic/face.ts'
import { type Corpus, templatesOf } from './harvest.ts'
import { chance, exponential, logNormal, shuffled } from '../../src/lab/chance.ts'
import { respliced } from './recombine.ts'
import { createAccount, type Step } from './script.ts'
import { assignment } from '../../src/lab/text/assignments.ts'
import { words } from '../../src/lab/text/words.ts'
import type { Account } from './traffic.ts'
import type { World } from './world.ts'

// Campaigns of one hand that does not hide behind a fleet.

const HOUR_MS = 3_600_000

/** One family of prompts, 50,000 of them in 72 hours, by one account. */
export function promptSweep(world: World, random: Random): readonly Account[] {
  const requests = 50_000
  const corpus = openCorpus(world.data, 'reasoning', requests, random.fork('corpus'))
  return [
    one(world, random, 'prompt sweep', requests, world.clocks.jittered(3), (inner) =>
      queued(corpus, 0, requests, inner),
    ),
  ]
}

/** Every topic by every kind of question, as broad as a curriculum, a dozen wordings by turns. */
export function coverageRun(world: World, random: Random): readonly Account[] {
  const topics = words['topic'] as readonly string[]
  const places = words['place'] as readonly string[]
  const kinds = [
    'Define {t} precisely.',
    'What are the main open questions about {t}?',
    'Give a worked example for {t}.',
    'How is {t} measured or assessed?',
    'Who contributed most to {t}, and when?',
    'Which misconceptions exist about {t}?',
    'How does {t} differ in {p}?',
    'What would an expert on {t} read first?',
    'Name the subfields of {t} and how they relate.',
    'What changed in {t} during the last decade?',
    'Write five quiz questions with answers on {t}.',
    'Explain {t} by an analogy.',
    'What data would one need to study {t} in {p}?',
    'List the key terms of {t} with definitions.',
    'How could {t} be regulated in {p}?',
    'What are the risks of {t}?',
  ]
  const texts = shuffled(
    random.fork('order'),
    topics.flatMap((topic) =>
      kinds.map((kind, i) =>
        kind.replaceAll('{t}', topic).replaceAll('{p}', places[(i * 7 + topic.length) % places.length]!),
      ),
    ),
  )
  function* run(): Generator<Step> {
    for (const text of texts) yield { turns: [{ role: 'user', text }], harvest: true }
  }
  return [one(world, random, 'coverage run', texts.length, world.clocks.dispatcher(1.5), run)]
}

/** One template over documents from ten at night to six, for five nights; what is refused is asked again until it is answered. */
export function overnightRun(world: World, random: Random): readonly Account[] {
  const texts =
    templatesOf(world.data, 'sweep').get('xsum_DOC_tldr') ?? [...templatesOf(world.data, 'sweep').values()][3]!
  const requests = 6000
  function* run(inner: Random): Generator<Step> {
    const seen = new Set<string>()
    for (;;) {
      const text = respliced(inner, texts)
      if (seen.has(text)) continue
      seen.add(text)
      const turns: Step['turns'] = [{ role: 'user', text }]
      while (chance(inner, 0.35)) yield { turns, harvest: true, status: chance(inner, 0.7) ? 429 : 503 }
      yield { turns, harvest: true }
    }
  }
  return [one(world, random, 'overnight template run', requests, nights(5), run)]
}

const nights = (count: number): Clock =>
  function* (random, startMs, total) {
    const evening = Math.ceil(startMs / DAY_MS) * DAY_MS + 22 * HOUR_MS
    for (let i = 0; i < total; i++) {
      const night = Math.floor((i * count) / total)
      const within = ((i * count) / total) % 1
      yield Math.round(evening + night * DAY_MS + within * 8 * HOUR_MS + random.next() * 900)
    }
  }

/** One harvest over a dozen keys without a tenant, each used until it is worn out and the next some minutes later. */
export function keyRotation(world: World, random: Random): readonly Account[] {
  const keys = 12
  const each = 400
  const corpus = openCorpus(world.data, 'rubric', keys * each, random.fork('corpus'))
  const program = drawOwnProgram(random.fork('program'))
  const networks = drawPool(random.fork('pool'), 6)
  let startMs = world.startMs + 2.5 * DAY_MS
  return Array.from({ length: keys }, (_, i) => {
    const own = random.fork(`key/${i}`)
    const hours = logNormal(own, 5, 0.3)
    const account = one(
      world,
      own,
      'key rotation',
      each,
      world.clocks.jittered(hours / 24),
      (inner) => queued(corpus, i * each, each, inner),
      { startMs: Math.round(startMs), infrastructure: { program, networks }, tenant: false },
    )
    startMs += hours * HOUR_MS * 1.05 + exponential(own, 4) * 60_000
    return account
  })
}

/** A customer with a template of its own, and fifty throw-away accounts that send it, so that the customer is blamed. */
export function framing(world: World, random: Random): readonly Account[] {
  const text = (inner: Random): string =>
    `Extract due date, amount and sender from the letter and answer in XML.\n\nLetter: ${assignment(inner)} ${assignment(inner)}`
  const says = (inner: Random): Generator<Step> =>
    forever(() => ({ turns: [{ role: 'user', text: text(inner) }], harvest: false }))
  const victim = one(world, random.fork('victim'), 'framed victim', 600, world.clocks.service(6), says, {
    kind: 'honest',
    startMs: world.startMs + DAY_MS,
  })
  const framers = Array.from({ length: 50 }, (_, i) => {
    const own = random.fork(`framer/${i}`)
    const startMs = Math.round(world.startMs + (3 + own.next()) * DAY_MS)
    return one(world, own, 'framer', 20, world.clocks.jittered(1), says, {
      kind: 'framer',
      startMs,
      infrastructure: { signedUpMs: startMs - DAY_MS },
    })
  })
  return [victim, ...framers]
}

interface Where {
  readonly kind?: Account['kind']
  readonly startMs?: number
  readonly infrastructure?: Infrastructure
  readonly tenant?: boolean
}

function one(
  world: World,
  random: Random,
  name: string,
  count: number,
  clock: Clock,
  steps: (random: Random) => Iterator<Step>,
  { kind = 'harvest-fleet', startMs = world.startMs + 2.5 * DAY_MS, infrastructure = {}, tenant = true }: Where = {},
): Account {
  const face = drawFace(random.fork('face'), startMs, infrastructure)
  return createAccount(
    { kind, class: name, face: tenant ? face : { ...face, tenant: null }, startMs, count, clock, steps },
    random,
  )
}

function* queued(corpus: Corpus, from: number, count: number, random: Random): Generator<Step> {
  const order = shuffled(
    random,
    Array.from({ length: count }, (_, i) => from + i),
  )
  for (const index of order) yield { ...corpus.prompt(index), harvest: true }
}

function* forever(make: () => Step): Generator<Step> {
  for (;;) yield make()
}
