/** Laws that the cluster tests compare, as logarithms. Each e-value is a ratio of two of them, so its mean under the lower is 1. */

const LANCZOS: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
]

/** ln of the gamma function of x > 0 (Lanczos, g = 7; Stirling where x is large). */
export function logGamma(x: number): number {
  if (x > 30) {
    const inverse = 1 / x
    const rest = inverse * (1 / 12 - inverse * inverse * (1 / 360 - (inverse * inverse) / 1260))
    return (x - 0.5) * Math.log(x) - x + 0.9189385332046727 + rest
  }
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const z = x - 1
  let sum = 0.9999999999998099
  for (let i = 0; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (z + i + 1)
  const t = z + 7.5
  return 0.9189385332046727 + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * ln of the chance of these counts in order: shares are drawn from a Dirichlet law of mean `shape` and spread `spread`,
 * then the counts from the shares. Infinite spread: the shares are the shape.
 */
export function logCounts(counts: ArrayLike<number>, shape: ArrayLike<number>, spread: number): number {
  let total = 0
  let sum = 0
  for (let i = 0; i < counts.length; i++) {
    const n = counts[i]!
    if (n === 0) continue
    total += n
    if (spread === Infinity) sum += n * Math.log(shape[i]!)
    else sum += logGamma(spread * shape[i]! + n) - logGamma(spread * shape[i]!)
  }
  return spread === Infinity ? sum : sum + logGamma(spread) - logGamma(spread + total)
}

/** ln of the mean of what is given as logarithms, each with its weight; without weights, equal ones. */
export function logMean(logs: readonly number[], weights?: readonly number[]): number {
  const top = Math.max(...logs)
  if (top === -Infinity) return -Infinity
  let sum = 0
  let all = 0
  for (const [i, log] of logs.entries()) {
    const weight = weights === undefined ? 1 : weights[i]!
    sum += weight * Math.exp(log - top)
    all += weight
  }
  return top + Math.log(sum / all)
}

/** A shape from counts or shares: sums to one, and nothing in it is impossible. */
export function shapeOf(shares: ArrayLike<number>): Float64Array {
  const { length } = shares
  let total = 0
  for (let i = 0; i < length; i++) total += shares[i]!
  return Float64Array.from({ length }, (_, i) =>
    total === 0 ? 1 / length : (0.98 * shares[i]!) / total + 0.02 / length,
  )
}
