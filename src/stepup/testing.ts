import type { Means } from '../core/action.ts'
import { memoryRecords, type Records } from '../core/records.ts'
import { meansNames } from '../core/action.ts'
import type { Pass } from './pass.ts'
import { StepUps, type Asked, type StepUpOptions } from './step-ups.ts'

export const NOW: number = Date.UTC(2026, 0, 5, 12)
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
export const BITS = 6

/** A room in which everybody is asked, for everything, unless a test says otherwise. */
export interface Room {
  readonly stepUps: StepUps
  readonly passes: Pass[]
  readonly records: Records
  /** Who is not asked any more. */
  readonly free: Set<string>
}

export function roomOf(over: Partial<StepUpOptions> = {}, means: readonly Means[] = meansNames): Room {
  const free = new Set<string>()
  const records = over.records ?? memoryRecords()
  const asked = (account: string): Asked | null =>
    free.has(account) ? null : { means, graceLeft: 3, sinceMs: NOW - 5000 }
  const stepUps = new StepUps({
    secret: new Uint8Array(32).fill(7),
    records,
    settings: { proofBits: BITS, challengeMs: 600_000, attests: true },
    asked,
    checkToken: () => Promise.resolve('refused'),
    ...over,
  })
  const passes: Pass[] = []
  stepUps.passed((pass) => void passes.push(pass))
  return { stepUps, passes, records, free }
}
