import type { Limit } from './limit.ts'

/**
 * What the quota room needs of a store that several processes share, or that outlives one. A process leases units of a
 * counter, spends them on its own, and reports now and then. All numbers of a lease only grow, and both sides take the
 * greater of what they know and what they are told: a report that is lost, repeated, late or out of order is harmless.
 */
export interface LeaseStore {
  /** Answers at once where the store is in the process, later where it is not. Rejects when it cannot be reached. */
  ask(asks: readonly LeaseAsk[]): readonly LeaseGrant[] | Promise<readonly LeaseGrant[]>
}

export interface LeaseAsk {
  /** The counter's name. */
  readonly key: string
  readonly limit: Limit
  /** Names the lease: one process, one stretch of time. */
  readonly lease: string
  /** Units used up under this lease so far. */
  readonly spent: number
  /** Units of this lease that will not be used. */
  readonly returned: number
  /** Units used beyond every lease: the store makes debt of what finds no room. */
  readonly owed: number
  /** Units that must be out under this lease for its process to go on, and units that it would like to have out. */
  readonly need: number
  readonly want: number
  /** After this long without a report the lease ends, and what is out is charged in full. */
  readonly ttlMs: number
}

export interface LeaseGrant {
  readonly key: string
  readonly lease: string
  /** Units ever granted under this lease. */
  readonly granted: number
  /** The lease has ended, and everything that was out has been charged: settle nothing more under it. */
  readonly ended: boolean
  /** The counter as the store sees it, with what all processes hold. */
  readonly used: number
  readonly out: number
  readonly debt: number
  readonly restsAtMs: number
  /** Milliseconds until `need` could be met; 0 if it was; null: never. */
  readonly waitMs: number | null
}
