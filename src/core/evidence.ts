/** Arithmetic of e-values (Vovk and Wang 2021, Ramdas et al. 2023); logarithms where they grow large. */

const RATES = [2, 4, 8, 16, 32]

/** ln of the e-value of a Poisson count against its expectation: a mixture over how much larger the rate may be. */
export function excessLogE(count: number, expected: number): number {
  let top = -Infinity
  for (const rate of RATES) top = Math.max(top, count * Math.log(rate) - expected * (rate - 1))
  let sum = 0
  for (const rate of RATES) sum += Math.exp(count * Math.log(rate) - expected * (rate - 1) - top)
  return top + Math.log(sum / RATES.length)
}

/**
 * Soft-rank e-value: (m + 1) s / (s + sum of the calibration's s). Its mean is 1 whenever the account and the m accounts of
 * the calibration are exchangeable, whatever the score; it never exceeds m + 1, which is all that m accounts can support.
 */
export const softRank = (score: number, calibrationSum: number, calibrated: number): number =>
  ((calibrated + 1) * score) / (score + calibrationSum)

/**
 * Which of many e-values pass at a false discovery rate of q, whatever their dependence (e-BH, Wang and Ramdas 2022): the k
 * largest, where the k-th is at least n / (q k). Gives their places, the largest first. Not for running maxima: those go
 * through `adjustRunning` first.
 */
export function eBenjaminiHochberg(eValues: readonly number[], q: number): number[] {
  const order = eValues.map((_, place) => place).sort((a, b) => eValues[b]! - eValues[a]!)
  let passed = 0
  for (const [rank, place] of order.entries()) if (eValues[place]! * q * (rank + 1) >= eValues.length) passed = rank + 1
  return order.slice(0, passed)
}

/** Turns the running maximum of an e-process, at least 1, into an e-value: (e - 1 - ln e) / (ln e)^2. */
export function adjustRunning(e: number): number {
  const log = Math.log(Math.max(1, e))
  // The limit at 1, where the quotient loses its digits.
  if (log < 1e-3) return 0.5 + log / 6
  return log === Infinity ? Infinity : (e - 1 - log) / (log * log)
}
