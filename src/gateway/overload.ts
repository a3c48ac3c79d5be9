/** From 0, of whom nothing is known, to 9, who is trusted most. */
const PRIORITIES = 10

/**
 * Bounds the exchanges in flight. When it gets narrow the least trusted are turned away first: of the most trusted caller's
 * share, those of priority 0 have seven tenths.
 */
export class OverloadGate {
  readonly #lowestShare: number
  #limits: readonly number[] = []
  readonly #shed: number[] = Array.from({ length: PRIORITIES }, () => 0)
  #inFlight = 0

  constructor(maxInFlight: number, lowestShare = 0.7) {
    this.#lowestShare = lowestShare
    this.resize(maxInFlight)
  }

  /** Another bound from now on; what is in flight stays in it and counts. */
  resize(maxInFlight: number): void {
    const lowest = this.#lowestShare
    this.#limits = Array.from({ length: PRIORITIES }, (_, priority) =>
      priority === PRIORITIES - 1 ? maxInFlight : maxInFlight * (lowest + ((1 - lowest) * priority) / (PRIORITIES - 1)),
    )
  }

  /** Whether an exchange may go on; each that may must `leave` once. */
  enter(priority: number): boolean {
    // What is no priority is the lowest one.
    const known = priority >= 0 ? Math.min(PRIORITIES - 1, Math.floor(priority)) : 0
    if (this.#inFlight >= this.#limits[known]!) {
      this.#shed[known]!++
      return false
    }
    this.#inFlight++
    return true
  }

  leave(): void {
    if (this.#inFlight > 0) this.#inFlight--
  }

  /** An exchange that only waits, and is bounded elsewhere, takes no room; each that is parked must come back once. */
  park(): void {
    this.leave()
  }

  /** It goes on, and counts again until it leaves. False: there is no room for it, and it must end. */
  unpark(priority: number): boolean {
    if (this.enter(priority)) return true
    this.rejoin()
    return false
  }

  /** It comes back only to leave. */
  rejoin(): void {
    this.#inFlight++
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** How many were turned away, by priority. */
  get shed(): readonly number[] {
    return this.#shed
  }
}
