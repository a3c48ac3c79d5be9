/** Which of several equal servers takes the next request; knows nothing of how they are talked to. */

const FIRST_OUT_MS = 1000
const LONGEST_OUT_MS = 30_000

/** One of the servers behind an upstream, and what is known of it. */
export class EqualServer<T> {
  readonly value: T
  inFlight = 0
  failedAtMs: number = -Infinity
  #outMs = 0
  /** A server that could not be connected to is tried by one request before all others follow. */
  #trying = false

  constructor(value: T) {
    this.value = value
  }

  available(nowMs: number): boolean {
    return this.#outMs === 0 || (!this.#trying && !this.#isOut(nowMs))
  }

  /** A request goes to it; `left` is told when it is over, `connected` or `failed` once that is known. */
  enter(): void {
    this.inFlight++
    this.#trying = true
  }

  left(): void {
    this.inFlight--
  }

  connected(): void {
    this.#trying = false
    this.#outMs = 0
  }

  failed(nowMs: number): void {
    this.#trying = false
    // Requests that failed together are one failure.
    if (!this.#isOut(nowMs)) this.#outMs = Math.min(LONGEST_OUT_MS, Math.max(FIRST_OUT_MS, this.#outMs * 2))
    this.failedAtMs = nowMs
  }

  /** Not by a deadline: a clock that is set back must not keep a server out for as long as that. */
  #isOut(nowMs: number): boolean {
    const sinceMs = nowMs - this.failedAtMs
    return sinceMs >= 0 && sinceMs < this.#outMs
  }
}

export class EqualServers<T> {
  readonly all: readonly EqualServer<T>[]
  #next = 0

  constructor(values: readonly T[]) {
    if (values.length === 0) throw new Error('an upstream needs a server')
    this.all = values.map((value) => new EqualServer(value))
  }

  /**
   * The one with the fewest requests in flight, in turns where they are equal. Never none: if all are out, the one whose
   * failure is the longest ago has the best chance.
   */
  pick(nowMs: number): EqualServer<T> {
    const { all } = this
    if (all.length === 1) return all[0]!
    let best = -1
    for (let step = 0; step < all.length; step++) {
      const at = (this.#next + step) % all.length
      if (all[at]!.available(nowMs) && (best < 0 || all[at]!.inFlight < all[best]!.inFlight)) best = at
    }
    if (best < 0) best = this.#leastRecentlyFailed()
    this.#next = (best + 1) % all.length
    return all[best]!
  }

  #leastRecentlyFailed(): number {
    let best = 0
    this.all.forEach(({ failedAtMs }, at) => {
      if (failedAtMs < this.all[best]!.failedAtMs) best = at
    })
    return best
  }
}
