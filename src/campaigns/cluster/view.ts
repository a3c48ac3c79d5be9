import type { Family } from '../../core/decision.ts'

/**
 * What the cluster tests see: a group of accounts that the campaign engine has put together by what they send, and the
 * population that they are held against. The tests ask whether the group also behaves like one dispatcher.
 *
 * Every test's null is "these are unrelated people, put together for a reason that has nothing to do with what is measured
 * here". So whoever builds a group must not have chosen its members by the thing that a test measures: a group put together
 * by fingerprint says nothing in `client`.
 */
export interface ClusterView {
  readonly nowMs: number
  /** Start of the first hour of every member's `hourly`. */
  readonly hourlyFromMs: number
  /**
   * In a fixed order that does not depend on what they did, such as by number. Of a large campaign a sample that is drawn
   * in the same way says as much: all tests take 20 ms for 20 members, 120 ms for a thousand.
   */
  readonly members: readonly MemberView[]
  /** Different texts that two or more members have sent, and how many so many strangers would share; null: unknown. */
  readonly texts: SharedTexts | null
}

export interface SharedTexts {
  readonly shared: number
  /** From the rate at which accounts of the population that send the same kind of thing share texts. */
  readonly expected: number
}

/** One account. Keyed hashes and numbers only; 0 stands for an unknown trait. */
export interface MemberView {
  readonly createdMs: number | null
  readonly firstMs: number
  readonly lastMs: number
  readonly fingerprint: number
  readonly userAgent: number
  readonly ipPrefix: number
  readonly asn: number
  readonly params: number
  /** Exchanges in each of the last hours, at most 72. */
  readonly hourly: Uint32Array
  /** Most exchanges an hour that its limits and Weir's own actions allow; null: nothing binds. */
  readonly hourLimit: number | null
  /** Exchanges by hour of the day, UTC. */
  readonly day24: Uint16Array
  /** Exchanges of the last 24 h by model. */
  readonly models: ReadonlyMap<number, number>
  /** When it began after ten minutes of silence or more, oldest first; the last 16. */
  readonly starts: readonly number[]
  /** When a limit or an action of its own first stopped it after it had been answered, oldest first; the last 16. */
  readonly stops: readonly number[]
  /** Use of its tightest daily limit in each complete day of the last week: used / allowed. */
  readonly fills: readonly number[]
  /** Which cells of content it has been in; may be all zero. */
  readonly coverage: Uint8Array
  /** Answers by length, 16 bins. */
  readonly answers: Uint16Array
}

export const traits = ['fingerprint', 'userAgent', 'ipPrefix', 'asn', 'params', 'createdDay'] as const
export type Trait = (typeof traits)[number]

/** The accounts that were active in the cluster's time, its members among them. */
export interface PopulationView {
  readonly accounts: number
  /** How many of them have a trait; a created day is in days since the epoch. */
  count(trait: Trait, value: number): number
  /** Mean of their shapes of the day, each account counted once. */
  readonly day24: Float64Array
  /** Mean of their answers' lengths, each account counted once. */
  readonly answers: Float64Array
  readonly releases: readonly Release[]
  /** Share, of the accounts that were there before, that have made at least half of their last 24 h's exchanges with a model. */
  modelShare(model: number, beforeMs: number): number
}

/** A model that has become available. */
export interface Release {
  readonly model: number
  readonly atMs: number
}

/** One test; null where there is too little to test. */
export interface ClusterTest {
  readonly name: string
  readonly family: Family
  test(cluster: ClusterView, population: PopulationView): Verdict | null
}

/** `logE`: ln of an e-value, for one look. `says`: the numbers behind it, for an operator. */
export interface Verdict {
  readonly logE: number
  readonly says: string
}

export const HOUR_MS = 3_600_000
export const DAY_MS: number = 24 * HOUR_MS
