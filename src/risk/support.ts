import type { Segment } from '../core/calibration.ts'
import { levels, type Level } from '../core/decision.ts'
import { Gauge, LEAST_ACCOUNTS } from './calibration.ts'
import type { Ladder } from './ladder.ts'

/** What the accounts of a segment can be made to say, and what they cannot. */
export interface Support {
  readonly segment: string
  readonly accounts: number
  /** Fewer are not judged by. */
  readonly enough: boolean
  /** m accounts support an error of 1 in m + 1, whatever their scores. */
  readonly oneIn: number
  /** The most evidence there can be against these very scores. */
  readonly mostEvidence: number
  readonly highest: readonly number[]
  readonly reach: readonly Reach[]
}

export interface Reach {
  readonly level: Level
  readonly evidence: number
  /** From which score of an account's own on; null: never. */
  readonly fromScore: number | null
}

const SHOWN = 5

export function supportOf(name: string, segment: Segment, ladder: Ladder): Support {
  const { scores } = segment
  const gauge = new Gauge(name, segment)
  return {
    segment: name,
    accounts: scores.length,
    enough: scores.length >= LEAST_ACCOUNTS,
    oneIn: scores.length + 1,
    mostEvidence: gauge.evidence(Infinity),
    highest: scores.toSorted((a, b) => b - a).slice(0, SHOWN),
    reach: levels.flatMap((level) => {
      const evidence = alone(level, ladder)
      if (evidence === null) return []
      const score = gauge.scoreFor(evidence)
      return [{ level, evidence, fromScore: score === Infinity ? null : score }]
    }),
  }
}

/** The evidence from which a level is reached by an account alone; a block takes a campaign. */
function alone(level: Level, ladder: Ladder): number | null {
  switch (level) {
    case 'normal':
    case 'block':
      return null
    case 'step_up':
      return ladder.stepUp
    case 'watch':
    case 'notice':
    case 'tarpit':
    case 'squeeze':
      return ladder[level]
  }
}
