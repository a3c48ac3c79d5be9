import type { Random } from './random.ts'

// Laws of chance on top of the lab's seeded generator.

export const between = (random: Random, low: number, high: number): number => low + random.next() * (high - low)

export const chance = (random: Random, share: number): boolean => random.next() < share

export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
  return radius * Math.cos(2 * Math.PI * random.next())
}

export const logNormal = (random: Random, median: number, sigma: number): number =>
  median * Math.exp(sigma * normal(random))

export const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random.next())

/** Mean 1; Marsaglia and Tsang's method, with Stuart's boost below shape 1. */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return ((gamma(random, shape + 1) * (shape + 1)) / shape) * (1 - random.next()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal(random)
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape
  }
}

/** 1 or more, mean `mean`. */
export const geometric = (random: Random, mean: number): number =>
  1 + Math.floor(Math.log(1 - random.next()) / Math.log(1 - 1 / Math.max(mean, 1.000_001)))

export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const out = [...list]
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const kept = out[i]!
    out[i] = out[j]!
    out[j] = kept
  }
  return out
}

/** Picks by weight; made once for many draws. */
export function weighted<T>(pairs: readonly (readonly [T, number])[]): (random: Random) => T {
  const total = pairs.reduce((sum, [, weight]) => sum + weight, 0)
  return (random) => {
    let left = random.next() * total
    for (const [value, weight] of pairs) {
      left -= weight
      if (left < 0) return value
    }
    return pairs.at(-1)![0]
  }
}
