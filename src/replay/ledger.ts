import type { ActionName } from '../core/decision.ts'
import type { RecordedExchange } from '../core/recorded.ts'
import type { SkipReason } from './line.ts'

/** Actions under which a client gets its whole answer, if later. */
const answering: ReadonlySet<ActionName> = new Set(['allow', 'throttle', 'tarpit'])

/** What an account did, and what it would have met. */
export interface Tally {
  exchanges: number
  inputTokens: number
  outputTokens: number
  costNanoUsd: number
  /** Exchanges whose cost is known. */
  priced: number
  answeredInFull: number
}

export interface Skip {
  readonly why: SkipReason
  count: number
  /** The first ones, from 1. */
  readonly lines: number[]
}

/** A tally is about 100 bytes. Beyond the cap newcomers are counted in the total only. */
const MAX_ACCOUNTS = 250_000
const MAX_LINES_NAMED = 10

/** Counts what was read, in memory that the cap on accounts bounds. */
export class Ledger {
  readonly total: Tally = start()
  firstMs: number | null = null
  lastMs: number | null = null
  exchangesWithText = 0
  /** Exchanges of accounts that came after the cap. */
  uncounted = 0
  readonly #maxAccounts: number
  readonly #accounts = new Map<string, Tally>()
  readonly #met = new Map<ActionName, number>()
  readonly #skips = new Map<SkipReason, Skip>()

  constructor(maxAccounts: number = MAX_ACCOUNTS) {
    this.#maxAccounts = maxAccounts
  }

  get accounts(): number {
    return this.#accounts.size
  }

  account(name: string): Readonly<Tally> | null {
    return this.#accounts.get(name) ?? null
  }

  /** How many exchanges met each action. */
  get met(): ReadonlyMap<ActionName, number> {
    return this.#met
  }

  skips(): readonly Readonly<Skip>[] {
    return [...this.#skips.values()]
  }

  add(account: string, exchange: RecordedExchange, action: ActionName, costNanoUsd: number | null): void {
    this.firstMs ??= exchange.timeMs
    this.lastMs = exchange.timeMs
    if (exchange.turns.length > 0) this.exchangesWithText++
    this.#met.set(action, (this.#met.get(action) ?? 0) + 1)
    count(this.total, exchange, action, costNanoUsd)
    let tally = this.#accounts.get(account)
    if (tally === undefined) {
      if (this.#accounts.size >= this.#maxAccounts) {
        this.uncounted++
        return
      }
      tally = start()
      this.#accounts.set(account, tally)
    }
    count(tally, exchange, action, costNanoUsd)
  }

  skip(why: SkipReason, line: number): void {
    const skip = this.#skips.get(why)
    if (skip === undefined) this.#skips.set(why, { why, count: 1, lines: [line] })
    else {
      skip.count++
      if (skip.lines.length < MAX_LINES_NAMED) skip.lines.push(line)
    }
  }
}

export function sumOf(tallies: readonly Readonly<Tally>[]): Tally {
  const sum = start()
  for (const tally of tallies) for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += tally[name]
  return sum
}

const start = (): Tally => ({
  exchanges: 0,
  inputTokens: 0,
  outputTokens: 0,
  costNanoUsd: 0,
  priced: 0,
  answeredInFull: 0,
})

function count(tally: Tally, exchange: RecordedExchange, action: ActionName, costNanoUsd: number | null): void {
  tally.exchanges++
  tally.inputTokens += exchange.inputTokens ?? 0
  tally.outputTokens += exchange.outputTokens ?? 0
  if (costNanoUsd !== null) {
    tally.costNanoUsd += costNanoUsd
    tally.priced++
  }
  if (answering.has(action)) tally.answeredInFull++
}
