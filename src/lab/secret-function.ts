import { createRandom, hash32, type Random } from './random.ts'
import { referencePrompts } from './reference-prompts.ts'
import { readText } from './text-features.ts'

/**
 * The thing worth stealing: a labelling of texts by rules of its own, drawn from a seed and told to nobody. Whoever asks
 * often enough can train a copy that agrees with it, so "how much did this account carry away" becomes a number. It
 * claims nothing about language: the categories mean only what the seed made of them.
 *
 * Common features weigh the most and one of them usually decides, so a simple student learns the frequent rules from
 * hundreds of answers and the rest from thousands.
 */
export interface SecretFunction {
  label(text: string): Labelling
}

export interface Labelling {
  readonly category: Category
  /** In (0, 1]: the winner's share of all that was found. */
  readonly confidence: number
  /** What spoke for the category, strongest first; up to three. */
  readonly evidence: readonly string[]
}

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

interface Cue {
  readonly class: number
  readonly weight: number
}

/** A cue pair that turns one category into another: what no linear student can hold exactly. */
interface Exception {
  readonly first: string
  readonly second: string
  readonly from: number
  readonly to: number
}

const K = categories.length
/** Spread of the cues' weights: at e^11 between the least and the greatest, one cue mostly decides. */
const SPREAD = 11
const ENGLISH_CUES = 60
const OTHER_CUES = 8
const EXCEPTIONS = 4

export function createSecretFunction(seed: string | number): SecretFunction {
  const random = createRandom(seed).fork('secret function')
  const salt = random.below(0x1_0000_0000)
  const read = Object.values(referencePrompts).flatMap((prompts) => prompts.map(readText))
  const cues = drawCues(random.fork('cues'), read)
  const scores = (features: ReadonlySet<string>): Float64Array => {
    const sums = new Float64Array(K)
    for (const feature of features) {
      const cue = cues.get(feature) ?? rareCue(feature, salt)
      sums[cue.class]! += cue.weight
    }
    return sums
  }
  const tilt = level(read.map(scores))
  const exceptions = drawExceptions(random.fork('exceptions'), read, cues)

  return {
    label: (text) => {
      const features = readText(text)
      const sums = scores(features)
      for (let k = 0; k < K; k++) sums[k]! *= tilt[k]!
      const winner = greatest(sums)
      const exception = exceptions.find((e) => e.from === winner && features.has(e.first) && features.has(e.second))
      if (exception !== undefined)
        return { category: categories[exception.to]!, confidence: 0.5, evidence: [exception.first, exception.second] }
      const evidence = [...features]
        .map((feature) => ({ feature, ...(cues.get(feature) ?? rareCue(feature, salt)) }))
        .filter((found) => found.class === winner)
        .sort((a, b) => b.weight - a.weight)
        .slice(0, 3)
        .map((found) => found.feature)
      const total = sums.reduce((a, b) => a + b, 0)
      return { category: categories[winner]!, confidence: total > 0 ? sums[winner]! / total : 1 / K, evidence }
    },
  }
}

/**
 * Common features of each language, each with a seed-drawn weight. From the heaviest down, each goes to the category
 * that has so far decided the fewest reference prompts, so that no category starves.
 */
function drawCues(random: Random, read: readonly ReadonlySet<string>[]): Map<string, Cue> {
  const common = new Set<string>()
  let from = 0
  for (const [language, prompts] of Object.entries(referencePrompts)) {
    const counts = new Map<string, number>()
    for (const features of read.slice(from, from + prompts.length))
      for (const feature of features) counts.set(feature, (counts.get(feature) ?? 0) + 1)
    from += prompts.length
    const ranked = [...counts].filter(([feature]) => !common.has(feature)).sort((a, b) => b[1] - a[1])
    for (const [feature] of ranked.slice(0, language === 'en' ? ENGLISH_CUES : OTHER_CUES)) common.add(feature)
  }
  const weighted = [...common].map((feature) => ({ feature, weight: Math.exp(SPREAD * random.next()) }))
  weighted.sort((a, b) => b.weight - a.weight)

  const cues = new Map<string, Cue>()
  const decided = new Float64Array(K)
  let open = read
  for (const { feature, weight } of weighted) {
    let least = random.below(K)
    for (let k = 0; k < K; k++) if (decided[k]! < decided[least]!) least = k
    cues.set(feature, { class: least, weight })
    const still = open.filter((features) => !features.has(feature))
    decided[least]! += open.length - still.length
    open = still
  }
  return cues
}

/** Everything that is not common speaks softly, and the longer it is the less. */
function rareCue(feature: string, salt: number): Cue {
  const h = hash32(feature, salt)
  return { class: h % K, weight: (0.1 * Math.exp((2 * (h >>> 3)) / 0x2000_0000)) / feature.length }
}

/** Factors under which the categories come out equally often on the reference prompts, as nearly as they can. */
function level(scored: readonly Float64Array[]): Float64Array {
  const log = new Float64Array(K)
  let factors = log.map(Math.exp)
  for (let round = 0; round < 400; round++) {
    const wins = new Float64Array(K)
    for (const sums of scored) wins[greatest(sums.map((sum, k) => sum * factors[k]!))]!++
    const step = 3 / (1 + round / 20)
    for (let k = 0; k < K; k++) log[k]! += step * (1 / K - wins[k]! / scored.length)
    factors = log.map(Math.exp)
  }
  return factors
}

function drawExceptions(
  random: Random,
  read: readonly ReadonlySet<string>[],
  cues: ReadonlyMap<string, Cue>,
): Exception[] {
  const known = [...cues.keys()]
  const share = (feature: string): number => read.filter((features) => features.has(feature)).length / read.length
  const middling = known.filter((feature) => share(feature) > 0.1 && share(feature) < 0.6)
  return Array.from({ length: EXCEPTIONS }, () => {
    const from = random.below(K)
    return {
      first: random.pick(middling),
      second: random.pick(middling),
      from,
      to: (from + 1 + random.below(K - 1)) % K,
    }
  })
}

function greatest(sums: Float64Array): number {
  let best = 0
  for (let k = 1; k < K; k++) if (sums[k]! > sums[best]!) best = k
  return best
}
