import { KIN } from './assumptions.ts'
import { logGamma, logMean } from './likelihood.ts'

/**
 * Whether more members do something than their share of the population says. Null: a beta-binomial count of mean `share`
 * and spread `kin`, since honest accounts that were put together come in offices and classes. Alternative: the same law
 * leaned towards more, a mixture over how much. The ratio grows with the count, so a smaller honest share costs nothing.
 */
const LEANINGS = [0.25, 0.5, 0.75, 0.95]

export function shareLogE(count: number, of: number, share: number, kin: number = KIN): number {
  const yes = kin * Math.min(1, Math.max(share, 1e-9))
  const no = kin - yes
  if (of === 0 || no <= 0) return 0
  const logs = LEANINGS.map((leaning) => {
    const leant = (leaning * no) / (1 - leaning)
    return leant <= yes
      ? 0
      : beta(count + leant, of - count + no, leant, no) - beta(count + yes, of - count + no, yes, no)
  })
  return logMean(logs)
}

/** ln of B(a, b) / B(c, d). */
const beta = (a: number, b: number, c: number, d: number): number =>
  logGamma(a) + logGamma(b) - logGamma(a + b) - (logGamma(c) + logGamma(d) - logGamma(c + d))
