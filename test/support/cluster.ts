import assert from 'node:assert/strict'
import { createRandom, type Random } from '../../src/lab/random.ts'
import {
  DAY_MS,
  type ClusterTest,
  type ClusterView,
  type MemberView,
  type PopulationView,
  type Trait,
} from '../../src/campaigns/cluster/view.ts'

/** Groups for the tests of the cluster tests: honest ones of several rhythms, and fleets that a dispatcher feeds. */
export const FROM_MS: number = 20_600 * DAY_MS
export const NOW_MS: number = FROM_MS + 3 * DAY_MS
export const HOURS = 72

const blank: MemberView = {
  createdMs: null,
  firstMs: FROM_MS - DAY_MS,
  lastMs: NOW_MS,
  fingerprint: 0,
  userAgent: 0,
  ipPrefix: 0,
  asn: 0,
  params: 0,
  hourly: new Uint32Array(HOURS),
  hourLimit: null,
  day24: new Uint16Array(24),
  models: new Map(),
  starts: [],
  stops: [],
  fills: [],
  coverage: new Uint8Array(256),
  answers: new Uint16Array(16),
}

export const member = (known: Partial<MemberView> = {}): MemberView => ({ ...blank, ...known })

/** The same members, each with something changed. */
export const altered = (
  members: readonly MemberView[],
  change: (one: MemberView) => Partial<MemberView>,
): MemberView[] => members.map((one) => member(Object.assign({}, one, change(one))))

export const cluster = (members: readonly MemberView[], known: Partial<ClusterView> = {}): ClusterView => ({
  nowMs: NOW_MS,
  hourlyFromMs: FROM_MS,
  members,
  texts: null,
  ...known,
})

/** Daytime of people who live in several lands: a hump in the afternoon, a trough at night. */
export const PEOPLE: Float64Array = Float64Array.from(
  { length: 24 },
  (_, hour) => 1.1 + Math.cos(((hour - 15) / 12) * Math.PI),
)

export const population = (known: Partial<PopulationView> = {}): PopulationView => ({
  accounts: 10_000,
  count: () => 0,
  day24: PEOPLE,
  answers: ANSWERS,
  releases: [],
  modelShare: () => 0,
  ...known,
})

/** Lengths of answers, most of them middling. */
export const ANSWERS: Float64Array = Float64Array.from({ length: 16 }, (_, bin) => Math.exp(-((bin - 7) ** 2) / 18))

/** A population that holds these values of one trait, each as often as it is listed, and none of the others. */
export function holding(trait: Trait, values: readonly number[]): PopulationView {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return population({ accounts: values.length, count: (of, value) => (of === trait ? (counts.get(value) ?? 0) : 0) })
}

/** The members are part of the population, as they are in life. */
export const withOthers = (trait: Trait, own: readonly number[], others: readonly number[]): PopulationView =>
  holding(trait, [...own, ...others])

/** A population of which 40 % have the value 1 of every trait, and nobody anything else. */
export const others: PopulationView = population({ count: (_trait, value) => (value === 1 ? 4000 : 0) })

export const group = (known: (i: number) => Partial<MemberView>, of: number = 20): ClusterView =>
  cluster(Array.from({ length: of }, (_, i) => member(known(i))))

export function poisson(mean: number, random: Random): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  let product = random.next()
  let count = 0
  for (const least = Math.exp(-mean); product > least; count++) product *= random.next()
  return count
}

export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())

/** A gamma law of mean 1 (Marsaglia and Tsang). */
export function gamma(shape: number, random: Random): number {
  if (shape < 1) return (gamma(shape + 1, random) * (shape + 1) * (1 - random.next()) ** (1 / shape)) / shape
  const d = shape - 1 / 3
  for (;;) {
    const x = normal(random)
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape
  }
}

/** Shares from a Dirichlet law. */
export function dirichlet(shape: ArrayLike<number>, spread: number, random: Random): Float64Array {
  let total = 0
  for (let i = 0; i < shape.length; i++) total += shape[i]!
  const drawn = Float64Array.from({ length: shape.length }, (_, i) => {
    const own = (spread * shape[i]!) / total
    return own * gamma(own, random)
  })
  const sum = drawn.reduce((a, b) => a + b, 0)
  return drawn.map((x) => x / sum)
}

/** Counts of `of` draws by shares. */
export function draws(shares: ArrayLike<number>, of: number, random: Random): Uint16Array {
  const counts = new Uint16Array(shares.length)
  let total = 0
  for (let i = 0; i < shares.length; i++) total += shares[i]!
  for (let n = 0; n < of; n++) {
    let rest = random.next() * total
    let i = 0
    while (i < shares.length - 1 && (rest -= shares[i]!) > 0) i++
    counts[i]!++
  }
  return counts
}

/** A user of some rhythm: the rate in an hour, against the mean of all users. */
type Rhythm = (random: Random) => (hour: number) => number

/** The rhythms of honest users. */
export const rhythms: Readonly<Record<'even' | 'bursty' | 'daily' | 'office', Rhythm>> = {
  /** The same at all hours; users differ in how much they do. */
  even: (random) => {
    const own = gamma(4, random)
    return () => own
  },
  /** Comes and goes. */
  bursty: (random) => {
    const own = gamma(1, random)
    return () => own * gamma(0.5, random)
  },
  /** Somewhere in the world, by day. */
  daily: (random) => {
    const own = gamma(1, random)
    const zone = random.below(6)
    return (hour) => own * PEOPLE[(hour + zone) % 24]! * gamma(2, random)
  },
  /** One office: everybody from nine to six. */
  office: (random) => {
    const own = gamma(3, random)
    return (hour) => (hour % 24 >= 9 && hour % 24 < 18 ? 2.7 * own * gamma(3, random) : 0)
  },
}

/** Members of one rhythm, with so many exchanges an hour on average. */
export function people(rhythm: keyof typeof rhythms, of: number, perHour: number, random: Random): MemberView[] {
  return Array.from({ length: of }, () => {
    const rate = rhythms[rhythm](random)
    return withHours(Array.from({ length: HOURS }, (_, hour) => poisson(perHour * rate(hour), random)))
  })
}

export function withHours(counts: readonly number[], known: Partial<MemberView> = {}): MemberView {
  const day24 = new Uint16Array(24)
  for (const [hour, count] of counts.entries()) day24[hour % 24]! += count
  return member({ hourly: Uint32Array.from(counts), day24, ...known })
}

/** A fleet: each job goes to a member by chance. */
export function fleet(of: number, perHour: number, random: Random): MemberView[] {
  return Array.from({ length: of }, () => withHours(Array.from({ length: HOURS }, () => poisson(perHour, random))))
}

/** Fails unless honest groups keep the promise of an e-value: a mean of at most 1, and 20 or more once in twenty at most. */
export function keepsItsPromise(
  test: ClusterTest['test'],
  draw: (random: Random) => readonly [ClusterView, PopulationView],
  options: { readonly seed: string; readonly times: number },
): void {
  const random = createRandom(options.seed)
  let sum = 0
  let squares = 0
  let past = 0
  let tested = 0
  for (let i = 0; i < options.times; i++) {
    const verdict = test(...draw(random))
    if (verdict === null) continue
    const e = Math.exp(verdict.logE)
    tested++
    sum += e
    squares += e * e
    if (e >= 20) past++
  }
  assert.ok(tested > options.times / 2, `${options.seed}: only ${tested} could be tested`)
  const mean = sum / tested
  const error = Math.sqrt(Math.max(0, squares / tested - mean * mean) / tested)
  assert.ok(mean <= 1 + 3 * error, `${options.seed}: mean ${mean} +- ${error}`)
  assert.ok(past / tested <= 0.05, `${options.seed}: ${past} of ${tested} past 20`)
}
