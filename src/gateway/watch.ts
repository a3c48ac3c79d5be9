import type { Cancel, Clock } from '../core/clock.ts'

/** What an exchange can be waiting for. */
export type Wait = 'first byte' | 'next byte' | 'client stall' | 'end'

/** One timer that is moved by writing down a time: a timer made anew for every chunk costs more than the chunk. */
export class Watch {
  readonly #clock: Clock
  readonly #onExpired: (wait: Wait) => void
  #deadlineMs = Number.MAX_SAFE_INTEGER
  #endMs = Number.MAX_SAFE_INTEGER
  #firesAtMs = Number.MAX_SAFE_INTEGER
  #waitMs = 0
  #wait: Wait = 'end'
  #cancel: Cancel | null = null

  constructor(clock: Clock, onExpired: (wait: Wait) => void) {
    this.#clock = clock
    this.#onExpired = onExpired
  }

  /** Starts a wait of `ms` in place of the one that runs. */
  arm(ms: number, wait: Wait): void {
    this.#wait = wait
    this.#waitMs = ms
    const nowMs = this.#clock.now()
    this.#deadlineMs = nowMs + ms
    this.#schedule(nowMs)
  }

  /** Starts the running wait over, at the price of reading the clock. */
  touch(): void {
    this.#deadlineMs = this.#clock.now() + this.#waitMs
  }

  /** A bound on the whole, and the shortest wait that will be armed: one timer then serves them all. */
  limit(ms: number, shortestMs: number): void {
    const nowMs = this.#clock.now()
    this.#endMs = nowMs + ms
    this.#deadlineMs = nowMs + shortestMs
    this.#schedule(nowMs)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #schedule(nowMs: number): void {
    const at = Math.min(this.#deadlineMs, this.#endMs)
    if (this.#cancel !== null && this.#firesAtMs <= at) return
    this.#cancel?.()
    this.#firesAtMs = at
    this.#cancel = this.#clock.after(Math.max(0, at - nowMs), () => this.#fire())
  }

  #fire(): void {
    this.#cancel = null
    const now = this.#clock.now()
    if (now >= this.#endMs) this.#onExpired('end')
    else if (now >= this.#deadlineMs) this.#onExpired(this.#wait)
    else this.#schedule(now)
  }
}
