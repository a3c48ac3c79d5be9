import type { Limit } from './limit.ts'
import {
  advance,
  atRest,
  hold,
  owe,
  restsAt,
  room,
  settle,
  sliceAt,
  startWindow,
  waitMs,
  type WindowState,
} from './window.ts'

/**
 * One limit's count for one caller. Times are arguments and may repeat, but a caller must not reorder its own calls.
 * A local counter has the whole limit as its slice; a leased one shares it with other processes.
 */
export interface Counter {
  /** Replaced when a reload changes the amount: what was counted stays. */
  limit: Limit
  readonly key: string
  /** When the book last gave it out. */
  givenAtMs: number
  /** Units that `hold` may take now. */
  room(nowMs: number): number
  /** Takes `units` and tells the slice they were taken in, which `settle` wants back. */
  hold(units: number, nowMs: number): number
  /** Ends a hold and charges `actual`; returns the units that became debt. */
  settle(held: number, actual: number, slice: number, nowMs: number): number
  /** Charges what nobody held, for a first look at debt left by others; returns the units that became debt. */
  owe(units: number, nowMs: number): number
  /** Milliseconds until `units` could be taken; null: never. */
  waitMs(units: number, nowMs: number): number | null
  view(nowMs: number): CounterView
  /** Nothing is held or counted: the counter can be forgotten and made anew without anybody gaining by it. */
  atRest(nowMs: number): boolean
  /** Whether it may have to wait before it can decide: what is here as a whole never has to. */
  readonly isShared: boolean
  /** Resolves when the counter can decide about `need`, having tried for `want`; null when it can already. */
  prepare(need: number, want: number, nowMs: number): Promise<void> | null
  /** False while a shared store does not answer. */
  readonly live: boolean
}

export interface CounterView {
  readonly used: number
  readonly held: number
  readonly debt: number
  readonly remaining: number
  /** Epoch ms at which everything counted so far has left the window. */
  readonly restsAtMs: number
}

/** Retry hint while only unfinished exchanges stand in the way: they end at any moment. */
export const HELD_RETRY_MS = 1000

export class LocalCounter implements Counter {
  limit: Limit
  readonly key: string
  givenAtMs: number
  readonly live = true
  readonly isShared = false
  readonly #state: WindowState

  constructor(limit: Limit, key: string, nowMs: number) {
    this.limit = limit
    this.key = key
    this.givenAtMs = nowMs
    this.#state = startWindow(nowMs)
  }

  room(nowMs: number): number {
    advance(this.#state, this.limit, nowMs)
    return room(this.#state, this.limit)
  }

  hold(units: number, nowMs: number): number {
    advance(this.#state, this.limit, nowMs)
    hold(this.#state, this.limit, units)
    return sliceAt(this.limit, this.#state.atMs)
  }

  settle(held: number, actual: number, slice: number, nowMs: number): number {
    advance(this.#state, this.limit, nowMs)
    return settle(this.#state, this.limit, held, actual, slice)
  }

  owe(units: number, nowMs: number): number {
    advance(this.#state, this.limit, nowMs)
    return owe(this.#state, this.limit, units)
  }

  waitMs(units: number, nowMs: number): number | null {
    advance(this.#state, this.limit, nowMs)
    return waitMs(this.#state, this.limit, units, HELD_RETRY_MS)
  }

  view(nowMs: number): CounterView {
    advance(this.#state, this.limit, nowMs)
    const { used, held, heldBefore, debt } = this.#state
    const counted = this.limit.kind === 'bucket' ? Math.max(0, used - held) : used
    return {
      used: Math.ceil(counted),
      held: held + heldBefore,
      debt: Math.ceil(debt),
      remaining: room(this.#state, this.limit),
      restsAtMs: restsAt(this.#state, this.limit),
    }
  }

  atRest(nowMs: number): boolean {
    return atRest(this.#state, this.limit, nowMs)
  }

  prepare(): null {
    return null
  }
}
