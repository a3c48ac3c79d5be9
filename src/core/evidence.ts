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
