import type { AccountCase, CampaignCase, Decision } from '../core/decision.ts'
import type { RecordedExchange } from '../core/recorded.ts'

/** The decision path as a replay needs it. Exchanges come one by one, and their time never runs backwards. */
export interface ReplayJudge {
  /** Time of the latest exchange that it has seen, in an earlier run too; null where it has seen none. */
  readonly lastMs: number | null
  /** What this exchange would have met by the evidence before it; afterwards it counts as seen. */
  judge(exchange: RecordedExchange): Decision
  /** The name that cases give to the account of this exchange. */
  accountOf(exchange: RecordedExchange): string
  /**
   * Keyed hashes of the text's shape that campaigns are made of, the same as in `CampaignCase.keys`. Asked for right
   * after `judge` and for the same exchange, so that what was worked out there can be given again.
   */
  keysOf(exchange: RecordedExchange): readonly number[]
  /** Closes the last tick. */
  finish(): void
  accounts(): readonly AccountCase[]
  campaigns(): readonly CampaignCase[]
  /** All that it knows, to go on from in another run. */
  snapshot(): Uint8Array
}

/** What an exchange cost, where its log does not say so; null: there is no price for it. */
export type CostOf = (exchange: RecordedExchange) => number | null
