import type { Clock } from '../core/clock.ts'
import type { Exchange } from '../core/exchange.ts'

/**
 * Keeps callers waiting who are worth it, without being drained by them: what is held, and what waits in memory for it,
 * has a bound, above which a caller is told to come back instead and waits on its own side.
 */
export interface TarpitBounds {
  readonly maxHeld: number
  readonly maxHeldBytes: number
}

export class TarpitGate {
  #bounds: TarpitBounds
  #held = 0
  #heldBytes = 0
  #pausing = 0
  #turnedAway = 0

  constructor(bounds: TarpitBounds) {
    this.#bounds = bounds
  }

  /** Other bounds from now on; what is held stays and counts. */
  resize(bounds: TarpitBounds): void {
    this.#bounds = bounds
  }

  /** A place for an exchange of which so many bytes have to wait; null: there is none. Each place must be left once. */
  enter(bytes: number): TarpitPlace | null {
    const { maxHeld, maxHeldBytes } = this.#bounds
    if (this.#held >= maxHeld || this.#heldBytes + bytes > maxHeldBytes) {
      this.#turnedAway++
      return null
    }
    this.#held++
    this.#heldBytes += bytes
    return new TarpitPlace(this, bytes)
  }

  get held(): number {
    return this.#held
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** How many found no place. */
  get turnedAway(): number {
    return this.#turnedAway
  }

  get freeBytes(): number {
    return Math.max(0, this.#bounds.maxHeldBytes - this.#heldBytes)
  }

  /** For places only. */
  add(bytes: number): void {
    this.#heldBytes += bytes
  }

  /** For places only: one upstream more that waits, or less; false: there are enough. */
  pause(change: 1 | -1): boolean {
    if (change === 1 && this.#pausing >= MAX_PAUSING) return false
    this.#pausing += change
    return true
  }

  /** For places only. */
  vacate(bytes: number): void {
    this.#held--
    this.#heldBytes -= bytes
  }
}

/** An answer that is held up gives its upstream free early, as far as one answer may fill the memory. */
const MAX_READ_AHEAD_BYTES = 256 * 1024
/** The part of what is free that one place may use: the fuller the tarpit, the less each of its answers reads ahead. */
const SHARE = 1 / 16

/** An upstream that waits for the tarpit has a connection that honest callers may want: few do at once. */
const MAX_PAUSING = 32

/** What one held exchange keeps in memory. */
export class TarpitPlace {
  readonly #gate: TarpitGate
  #bytes: number
  #pauses = false
  #left = false

  constructor(gate: TarpitGate, bytes: number) {
    this.#gate = gate
    this.#bytes = bytes
  }

  /** Room for so many bytes more; false: there is none. */
  keep(bytes: number): boolean {
    if (this.#left || bytes > this.#gate.freeBytes) return false
    this.#bytes += bytes
    this.#gate.add(bytes)
    return true
  }

  /** So many bytes wait no longer. */
  release(bytes: number): void {
    if (this.#left) return
    this.#bytes -= bytes
    this.#gate.add(-bytes)
  }

  /** Whether the upstream may be paused now, until `goOn`. */
  pause(): boolean {
    if (!this.#pauses && !this.#left) this.#pauses = this.#gate.pause(1)
    return this.#pauses
  }

  goOn(): void {
    if (this.#pauses) this.#gate.pause(-1)
    this.#pauses = false
  }

  /** So many bytes may wait before the upstream has to. */
  get readAheadBytes(): number {
    return Math.min(MAX_READ_AHEAD_BYTES, this.#gate.freeBytes * SHARE)
  }

  leave(): void {
    if (this.#left) return
    this.goOn()
    this.#left = true
    this.#gate.vacate(this.#bytes)
  }
}

/** Holds an exchange up; false as soon as its client has left. */
export function sitOut(exchange: Exchange, waitMs: number, clock: Clock): Promise<boolean> {
  if (exchange.gone) return Promise.resolve(false)
  return new Promise((resolve) => {
    const cancel = clock.after(waitMs, () => resolve(true))
    exchange.onGone(() => {
      cancel()
      resolve(false)
    })
  })
}
