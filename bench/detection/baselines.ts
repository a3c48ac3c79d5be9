import type { RecordedExchange } from '../../src/core/recorded.ts'
import { createRandom, hash32 } from '../../src/lab/random.ts'
import type { Subject, Verdict } from './subject.ts'
import type { Sample } from './traffic.ts'

// What Weir must beat: published detectors of one account's traffic on cheap features, a limit on volume, and chance. Each
// gets the threshold at which one in two hundred honest accounts of the calibration is stopped, and then stops for good.

const NOMINAL = 0.005

/** Looks at an account's exchanges in turn and says how suspect it is by now; null as long as it cannot tell. */
type Watch = (exchange: RecordedExchange) => number | null

export const baselineNames = ['volume limit', 'PRADA-style', 'SEAT-style', 'pooled MMD', 'random'] as const

interface Baseline {
  readonly name: (typeof baselineNames)[number]
  readonly watch: (account: string) => Watch
}

export function createBaselines(calibration: readonly Sample[]): ReadonlyMap<string, () => Subject> {
  const reference = meanOf(calibration)
  const all: readonly Baseline[] = [
    { name: 'volume limit', watch: volume },
    { name: 'PRADA-style', watch: prada },
    { name: 'SEAT-style', watch: seat },
    { name: 'pooled MMD', watch: () => mmd(reference) },
    { name: 'random', watch: (account) => constant(hash32(account, 5)) },
  ]
  return new Map(
    all.map((baseline) => {
      const threshold = thresholdOf(baseline, calibration)
      return [baseline.name, () => stopping(baseline, threshold)]
    }),
  )
}

const accountOf = ({ tenant, key }: RecordedExchange): string => tenant ?? key

function thresholdOf({ watch }: Baseline, calibration: readonly Sample[]): number {
  const watches = new Map<string, { readonly watch: Watch; top: number }>()
  for (const { exchange } of calibration) {
    const account = accountOf(exchange)
    let one = watches.get(account)
    if (one === undefined) {
      one = { watch: watch(account), top: Number.NEGATIVE_INFINITY }
      watches.set(account, one)
    }
    one.top = Math.max(one.top, one.watch(exchange) ?? one.top)
  }
  const tops = [...watches.values()].map(({ top }) => top).toSorted((a, b) => b - a)
  return tops[Math.floor(tops.length * NOMINAL)] ?? Number.POSITIVE_INFINITY
}

function stopping({ watch }: Baseline, threshold: number): Subject {
  const watches = new Map<string, Watch | 'stopped'>()
  const pass: Verdict = { action: 'allow', evidence: 1, level: 'normal' }
  const stop: Verdict = { action: 'block', evidence: 1 / NOMINAL, level: 'block' }
  return {
    judge: (exchange) => {
      const account = accountOf(exchange)
      let one = watches.get(account)
      if (one === 'stopped') return stop
      if (one === undefined) {
        one = watch(account)
        watches.set(account, one)
      }
      // As with Weir, an exchange meets what was known before it.
      if ((one(exchange) ?? Number.NEGATIVE_INFINITY) > threshold) watches.set(account, 'stopped')
      return pass
    },
  }
}

function volume(): Watch {
  let count = 0
  return () => ++count
}

function constant(hash: number): Watch {
  const value = createRandom(hash).next()
  return () => value
}

const KEPT = 256
const AT_LEAST = 100

/** Distances to the nearest earlier prompt are normal among benign ones: Shapiro and Francia's W, and 1 - W is suspect. */
function prada(): Watch {
  const kept: Float32Array[] = []
  const distances: number[] = []
  return (exchange) => {
    const vector = vectorOf(exchange)
    if (kept.length > 0) {
      const nearest = Math.sqrt(Math.max(0, 2 - 2 * Math.max(...kept.map((one) => dot(one, vector)))))
      distances.push(nearest)
      if (distances.length > KEPT) distances.shift()
      if (kept.length < KEPT && nearest > 0.2) kept.push(vector)
    } else kept.push(vector)
    return distances.length < AT_LEAST || distances.length % 10 !== 0 ? null : 1 - normality(distances)
  }
}

/** The correlation of the ordered values with the normal scores that they would have. */
function normality(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const n = sorted.length
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n
  let [xy, xx, yy] = [0, 0, 0]
  for (const [i, value] of sorted.entries()) {
    const score = normalQuantile((i + 1 - 0.375) / (n + 0.25))
    xy += score * (value - mean)
    xx += score * score
    yy += (value - mean) ** 2
  }
  return yy === 0 ? 0 : (xy * xy) / (xx * yy)
}

/** Tukey's lambda at 0.135, close enough for plotting positions. */
const normalQuantile = (p: number): number => (p ** 0.135 - (1 - p) ** 0.135) / 0.1975

/** Pairs of prompts that are nearly the same. */
function seat(): Watch {
  const recent: Float32Array[] = []
  let pairs = 0
  return (exchange) => {
    const vector = vectorOf(exchange)
    if (recent.some((one) => dot(one, vector) > 0.8)) pairs++
    recent.push(vector)
    if (recent.length > KEPT) recent.shift()
    return pairs
  }
}

/** How far the mean of each hundred prompts is from that of benign ones. */
function mmd(reference: Float32Array): Watch {
  let sum = new Float32Array(SIZE)
  let count = 0
  return (exchange) => {
    for (const [i, value] of vectorOf(exchange).entries()) sum[i]! += value
    if (++count < AT_LEAST) return null
    let distance = 0
    for (const [i, value] of sum.entries()) distance += (value / count - reference[i]!) ** 2
    sum = new Float32Array(SIZE)
    count = 0
    return distance
  }
}

function meanOf(samples: readonly Sample[]): Float32Array {
  const sum = new Float32Array(SIZE)
  for (const { exchange } of samples)
    for (const [i, value] of vectorOf(exchange).entries()) sum[i]! += value / samples.length
  return sum
}

const SIZE = 128

/** Words of the last turn, hashed with signs, of length 1. */
function vectorOf({ turns }: RecordedExchange): Float32Array {
  const vector = new Float32Array(SIZE)
  for (const [word] of (turns.at(-1)?.text ?? '')
    .slice(0, 800)
    .toLowerCase()
    .matchAll(/[\p{L}']+|\d+|[^\s\p{L}\d]/gu)) {
    const hash = hash32(word)
    vector[hash % SIZE]! += hash & 0x8000_0000 ? -1 : 1
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < SIZE; i++) sum += a[i]! * b[i]!
  return sum
}
