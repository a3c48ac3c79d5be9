import { createRandom, hash32, type Random } from './random.ts'
import { referencePrompts } from './reference-prompts.ts'
import { isOfShape, readText } from './text-features.ts'

export const categories = [
  'plain-errand',
  'warm-nudge',
  'brisk-order',
  'idle-wonder',
  'quiet-worry',
  'proud-report',
  'sly-probe',
  'open-draft',
] as const
export type Category = (typeof categories)[number]

/** What a secret function knows: nothing of it may leave the lab but through labels. */
export interface Rules extends Linear {
  readonly exceptions: readonly Exception[]
}

interface Linear {
  readonly cues: ReadonlyMap<string, Cue>
  /** Decides what the features say that are no cues. */
  readonly salt: number
  /** A factor per category under which all of them come out about equally often. */
  readonly tilt: Float64Array
}

interface Cue {
  readonly category: number
  readonly weight: number
}

/** A pair of cues that turns one category into another: what no linear student can hold exactly. */
interface Exception {
  readonly first: string
  readonly second: string
  readonly from: number
  readonly to: number
}

type Features = ReadonlySet<string>

interface Kind {
  readonly language: string
  readonly read: readonly Features[]
}

const K = categories.length
/** How many cues a language gets in either tier; most have too few reference prompts for many. */
const ENGLISH_CUES = { heavy: 16, light: 48 }
const OTHER_CUES = { heavy: 4, light: 4 }
/** Log of the spread within a tier, wide enough that one cue mostly outweighs the rest together. */
const SPREAD = 10
const LIGHT = 0.001
const SHAPE = 0.01
const RARE = 0.003
/** A feature held by more of one kind of prompt than this would give the whole kind one label. */
const TOO_COMMON = 0.5
const EXCEPTIONS = 2
const DRAWS = 32

/** Draws several sets of rules and keeps the one that spreads each kind of prompt most evenly over the categories. */
export function drawRules(seed: string | number): Rules {
  const random = createRandom(seed).fork('secret rules')
  const kinds = Object.entries(referencePrompts).map(([name, prompts]) => ({
    language: name.split(' ')[0]!,
    read: prompts.map(readText),
  }))
  const draws = Array.from({ length: DRAWS }, (_, draw) => drawOnce(random.fork(`draw ${draw}`), kinds))
  const uneven = draws.map((draw) => unevenness(draw, kinds))
  const best = draws[uneven.indexOf(Math.min(...uneven))]!
  const read = kinds.flatMap((kind) => kind.read)
  return { ...best, exceptions: drawExceptions(random.fork('exceptions'), best, read) }
}

/** What one feature says. What is not common speaks softly, and the longer it is the less. */
export function cueFor(rules: Linear, feature: string): Cue {
  const cue = rules.cues.get(feature)
  if (cue !== undefined) return cue
  const hash = hash32(feature, rules.salt)
  return { category: hash % K, weight: (RARE * Math.exp((hash >>> 3) / 0x1000_0000)) / feature.length }
}

export function weigh(rules: Linear, features: Features): Float64Array {
  const sums = new Float64Array(K)
  for (const feature of features) {
    const { category, weight } = cueFor(rules, feature)
    sums[category]! += weight * rules.tilt[category]!
  }
  return sums
}

export function greatest(values: Float64Array): number {
  let best = 0
  for (let k = 1; k < K; k++) if (values[k]! > values[best]!) best = k
  return best
}

function drawOnce(random: Random, kinds: readonly Kind[]): Linear {
  const read = kinds.flatMap((kind) => kind.read)
  const salt = random.below(0x1_0000_0000)
  const cues = dealCues(random, drawWeights(random, kinds), read)
  const flat = { cues, salt, tilt: new Float64Array(K).fill(1) }
  return { ...flat, tilt: level(rulers(kinds).flatMap((read) => read.map((features) => weigh(flat, features)))) }
}

/** Seed-drawn weights for the features that are common in each language. */
function drawWeights(random: Random, kinds: readonly Kind[]): Map<string, number> {
  const weights = new Map<string, number>()
  for (const language of new Set(kinds.map((kind) => kind.language))) {
    const shares = kinds.filter((kind) => kind.language === language).map((kind) => sharesOf(kind.read))
    const { heavy, light } = language === 'en' ? ENGLISH_CUES : OTHER_CUES
    const ranked = [...new Set(shares.flatMap((of) => [...of.keys()]))]
      .filter((f) => !weights.has(f) && (language !== 'en' || shares.every((of) => (of.get(f) ?? 0) <= TOO_COMMON)))
      .map((feature) => ({ feature, share: shares.reduce((sum, of) => sum + (of.get(feature) ?? 0), 0) }))
      .sort((a, b) => b.share - a.share)
    for (const [at, { feature }] of ranked.slice(0, heavy + light).entries()) {
      const tier = (at < heavy ? 1 : LIGHT) * (isOfShape(feature) ? SHAPE : 1)
      weights.set(feature, tier * Math.exp(SPREAD * random.next()))
    }
  }
  return weights
}

function sharesOf(read: readonly Features[]): Map<string, number> {
  const shares = new Map<string, number>()
  for (const features of read)
    for (const feature of features) shares.set(feature, (shares.get(feature) ?? 0) + 1 / read.length)
  return shares
}

/** From the heaviest down, each goes to the category that has so far decided the fewest prompts: none starves. */
function dealCues(random: Random, weights: ReadonlyMap<string, number>, read: readonly Features[]): Map<string, Cue> {
  const cues = new Map<string, Cue>()
  const decided = new Float64Array(K)
  let open = read
  for (const [feature, weight] of [...weights].sort((a, b) => b[1] - a[1])) {
    let least = random.below(K)
    for (let k = 0; k < K; k++) if (decided[k]! < decided[least]!) least = k
    cues.set(feature, { category: least, weight })
    const still = open.filter((features) => !features.has(feature))
    decided[least]! += open.length - still.length
    open = still
  }
  return cues
}

function level(weighed: readonly Float64Array[]): Float64Array {
  const logs = new Float64Array(K)
  for (let round = 0; round < 120; round++) {
    const factors = logs.map(Math.exp)
    const wins = new Float64Array(K)
    for (const sums of weighed) wins[greatest(sums.map((sum, k) => sum * factors[k]!))]!++
    const step = 3 / (1 + round / 10)
    for (let k = 0; k < K; k++) logs[k]! += step * (1 / K - wins[k]! / weighed.length)
  }
  return logs.map(Math.exp)
}

/** Pairs that occur together now and then; each works on the category that such prompts mostly get. */
function drawExceptions(random: Random, rules: Linear, read: readonly Features[]): Exception[] {
  const names = [...rules.cues.keys()]
  const drawn: Exception[] = []
  for (let tries = 0; tries < 2000 && drawn.length < EXCEPTIONS; tries++) {
    const first = random.pick(names)
    const second = random.pick(names)
    const both = read.filter((features) => first !== second && features.has(first) && features.has(second))
    if (both.length < read.length * 0.03 || both.length > read.length * 0.1) continue
    const from = greatest(countOf(rules, both))
    drawn.push({ first, second, from, to: (from + 1 + random.below(K - 1)) % K })
  }
  return drawn
}

function countOf(rules: Linear, read: readonly Features[]): Float64Array {
  const counts = new Float64Array(K)
  for (const features of read) counts[greatest(weigh(rules, features))]!++
  return counts
}

/** Sum of squared shares. */
const unevenness = (rules: Linear, kinds: readonly Kind[]): number =>
  rulers(kinds)
    .flatMap((read) => [...countOf(rules, read)].map((count) => (count / read.length) ** 2))
    .reduce((a, b) => a + b, 0)

/** The kinds that have prompts enough to measure by. */
const rulers = (kinds: readonly Kind[]): (readonly Features[])[] =>
  kinds.map((kind) => kind.read).filter((read) => read.length >= 10)
