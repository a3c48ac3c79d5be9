import type { Segment } from '../core/calibration.ts'
import { softRank } from '../core/evidence.ts'

/** Undeclared accounts are judged by all honest accounts together. */
export const POOLED = 'pooled'
/** Segments with fewer accounts say nothing by themselves. */
export const LEAST_ACCOUNTS = 100

/** How steeply evidence grows with the score; the tail of honest scores falls by about e in two units. */
const STEEPNESS = 1.5
/** Higher scores are not told apart: one odd account of a calibration must not silence it. */
const HIGHEST = 16

/** At least 1: where no honest account has scored at all, a small score is still a small matter. */
export const lift = (score: number): number => Math.exp(STEEPNESS * Math.min(HIGHEST, score))
/** The score that is lifted to this. */
export const scoreOf = (lifted: number): number => Math.log(lifted) / STEEPNESS

/** The e-value of a score under "this account is one of the segment's". */
export class Gauge {
  readonly segment: string
  readonly calibrated: number
  readonly #sum: number

  constructor(segment: string, { scores }: Segment) {
    this.segment = segment
    this.calibrated = scores.length
    this.#sum = scores.reduce((sum, score) => sum + lift(score), 0)
  }

  evidence(score: number): number {
    return score <= 0 ? 1 : Math.max(1, softRank(lift(score), this.#sum, this.calibrated))
  }

  /** The score from which the evidence reaches a value; infinite where so many accounts cannot support it. */
  scoreFor(evidence: number): number {
    if (this.evidence(HIGHEST) < evidence) return Infinity
    let low = 0
    let high = HIGHEST
    while (high - low > 0.01) {
      const mid = (low + high) / 2
      if (this.evidence(mid) < evidence) low = mid
      else high = mid
    }
    return high
  }
}
