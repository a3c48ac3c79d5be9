import type { Level } from './decision.ts'

/** What an operator asks first. */
export interface DetectionStatus {
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Nothing is enforced because nobody has calibrated on own traffic or asked for it. */
  readonly learning: boolean
  readonly calibration: { readonly source: string; readonly own: boolean; readonly accounts: number }
  /** Accounts by the highest level that they have reached. */
  readonly levels: Readonly<Record<Level, number>>
  readonly accounts: number
  readonly campaigns: number
  /** Events that were judged by this process. */
  readonly judged: number
  /** Epoch ms; null: never by this process. */
  readonly savedAtMs: number | null
}
