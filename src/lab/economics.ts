import type { Costs } from './costs.ts'
import { isFull, type Exchange } from './ledger.ts'
import { HOUR_MS } from './run.ts'
import { SIGN_UP_MS } from './traffic/thief.ts'

/** What a thief got for how much, in one arm. */
export interface Bill {
  /** Answers in full to what it wanted, and their tokens. */
  readonly harvested: number
  readonly tokens: number
  /** Answers with something in them that were not in full: restricted ones and those of decoys. */
  readonly partly: number
  /** It stopped because it had what it wanted. */
  readonly isComplete: boolean
  readonly accounts: number
  readonly hours: number
  readonly dollars: Dollars
  /** Requests that it took, chaff and refused ones among them. */
  readonly requests: number
  /** Harvest answers in full before the first account met anything, and before each account did, at the median. */
  readonly beforeContainment: number
}

export interface Dollars {
  readonly accounts: number
  readonly tokens: number
  readonly network: number
  readonly words: number
  readonly proofs: number
  /** Somebody runs it. */
  readonly labour: number
  readonly total: number
}

export interface BillOptions {
  readonly costs: Costs
  readonly goal: number
  readonly paraphrases: boolean
  /** Hashes that the thief's proofs of work took. */
  readonly hashes: number
  readonly startMs: number
}

/** `exchanges`: of the thief alone, in the order of time. */
export function billOf(exchanges: readonly Exchange[], options: BillOptions): Bill {
  const { costs, goal, startMs } = options
  const until = indexOfGoal(exchanges, goal)
  const used = exchanges.slice(0, until + 1)
  const full = used.filter((exchange) => exchange.sample !== null && isFull(exchange))
  const accounts = new Set(used.map(({ account }) => account)).size
  const lastMs = used.at(-1)?.atMs ?? startMs
  const sum = (of: (exchange: Exchange) => number): number => used.reduce((total, one) => total + of(one), 0)
  const wordedTokens = options.paraphrases ? sum(({ sample, inputTokens }) => (sample === null ? 0 : inputTokens)) : 0
  const hours = Math.max((lastMs - startMs) / HOUR_MS, SIGN_UP_MS / HOUR_MS)
  const parts = {
    accounts: accounts * (costs.accountUsd + costs.cardUsd),
    tokens: sum(({ costNanoUsd }) => costNanoUsd) / 1e9,
    network: sum(({ wireBytes }) => wireBytes) * costs.proxyUsdPerByte,
    words: wordedTokens * (costs.paraphraseInputUsdPerToken + costs.paraphraseOutputUsdPerToken),
    proofs: options.hashes * costs.hashUsd,
    labour: hours * costs.personHourUsd,
  }
  return {
    harvested: full.length,
    tokens: full.reduce((total, { outputTokens }) => total + outputTokens, 0),
    partly: used.filter((one) => one.label !== null && !isFull(one)).length,
    isComplete: full.length >= goal,
    accounts,
    hours,
    dollars: { ...parts, total: Object.values(parts).reduce((a, b) => a + b, 0) },
    requests: used.length,
    beforeContainment: beforeContainment(used),
  }
}

/** The exchange that completed the set; the last one where none did. */
function indexOfGoal(exchanges: readonly Exchange[], goal: number): number {
  let got = 0
  for (const [i, exchange] of exchanges.entries()) {
    if (exchange.sample !== null && isFull(exchange)) got++
    if (got === goal) return i
  }
  return exchanges.length - 1
}

function beforeContainment(exchanges: readonly Exchange[]): number {
  let got = 0
  for (const exchange of exchanges) {
    if (!isFull(exchange)) return got
    if (exchange.sample !== null) got++
  }
  return got
}

/**
 * How much more the same set takes. Where the run was called off before the set was complete, what it had taken by then is
 * a lower bound, and `atLeast` says so: what new accounts got is what the run has shown, and nothing is made up beyond it.
 */
export interface Multiples {
  readonly accounts: number
  readonly hours: number
  readonly dollars: number
  readonly accountHours: number
  readonly atLeast: boolean
  /** Part of the set that there was when the run ended. */
  readonly collected: number
  /**
   * Account-hours for the whole set if copies of the thief, side by side, fared no worse than this one on average. Later
   * accounts fare worse than earlier ones, so this is below the truth; it is an estimate all the same, and no bound.
   */
  readonly atThisRate: number
}

export function multiplesOf(bill: Bill, plain: Bill): Multiples {
  const accounts = bill.accounts / plain.accounts
  const hours = bill.hours / plain.hours
  const collected = Math.min(1, bill.harvested / plain.harvested)
  return {
    accounts,
    hours,
    dollars: bill.dollars.total / plain.dollars.total,
    accountHours: accounts * hours,
    atLeast: !bill.isComplete,
    collected,
    atThisRate: (accounts * hours) / collected,
  }
}
