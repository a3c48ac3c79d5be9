/** A measured value with its spread over rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: readonly number[]
}

export function spreadOf(rounds: readonly number[]): Spread {
  const sorted = rounds.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)!, rounds }
}

export const joined = (spreads: readonly Spread[]): Spread => spreadOf(spreads.flatMap(({ rounds }) => rounds))

/** Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}

/** Round by round, so that what slows a whole round down falls out. */
export function ratio(of: Spread, to: Spread): Spread {
  return spreadOf(of.rounds.map((value, i) => value / to.rounds[i]!))
}
