/** A share with its exact (Clopper-Pearson) 95 % interval. */
export interface Share {
  readonly hits: number
  readonly of: number
  /** Null of nothing. */
  readonly share: number | null
  readonly low: number
  readonly high: number
}

export function shareOf(hits: number, of: number): Share {
  const tail = 0.025
  const low = hits === 0 ? 0 : quantile(tail, hits, of - hits + 1)
  const high = hits === of ? 1 : quantile(1 - tail, hits + 1, of - hits)
  return { hits, of, share: of === 0 ? null : hits / of, low, high }
}

/** Of the beta law, by bisection: the incomplete beta function is monotonic. */
function quantile(p: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (incompleteBeta(middle, a, b) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The regularized incomplete beta function, by Lentz's continued fraction. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const tiny = 1e-300
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny)
  let fraction = d
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d || tiny)
    c = 1 + even / c || tiny
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d || tiny)
    c = 1 + odd / c || tiny
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-12) break
  }
  return front * fraction
}

/** Lanczos' approximation. */
function logGamma(x: number): number {
  const t = x + 7 - 0.5
  let sum = 0.999_999_999_999_809_9
  for (const [i, one] of lanczos.entries()) sum += one / (x + i)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

const lanczos = [
  676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13, -176.615_029_162_140_6,
  12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6, 1.505_632_735_149_311_6e-7,
] as const
