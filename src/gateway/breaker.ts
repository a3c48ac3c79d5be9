import type { Clock } from '../core/clock.ts'

export interface BreakerOptions {
  /** Opens after as many, in a row or within the window, if they are at least half of the window's calls. */
  readonly failures: number
  readonly windowMs: number
  /** How long it stays open the first time; twice as long after each trial that fails, up to eight times. */
  readonly openMs: number
}

export type BreakerState = 'closed' | 'open' | 'half_open'

const SLICES = 10
const LONGEST_FACTOR = 8

/**
 * Keeps calls from an upstream that fails. Own code, because cockatiel's breaker wants to run the call itself (an answer
 * that streams for minutes has failed or succeeded long before it ends) and reads the machine's clock.
 */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #clock: Clock
  /** Calls and failures of each slice of the window. */
  readonly #calls = new Uint32Array(SLICES)
  readonly #failures = new Uint32Array(SLICES)
  #slice = 0
  #inARow = 0
  /** null: closed. */
  #openedAtMs: number | null = null
  #factor = 1
  #trying = false
  #turn = 0

  constructor(options: BreakerOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#slice = this.#sliceAt(clock.now())
  }

  get state(): BreakerState {
    if (this.#openedAtMs === null) return 'closed'
    const sinceMs = this.#clock.now() - this.#openedAtMs
    // A clock that is set back must not keep it open for as long as that.
    return sinceMs >= 0 && sinceMs < this.#options.openMs * this.#factor ? 'open' : 'half_open'
  }

  /** Moves on with every opening and closing: what calls of an earlier turn end with says nothing about this one. */
  get turn(): number {
    return this.#turn
  }

  /** Whether a call may be made now. After a yes, one of the other methods must be told how it ended. */
  allows(): boolean {
    const { state } = this
    if (state === 'closed') return true
    if (state === 'open' || this.#trying) return false
    this.#trying = true
    return true
  }

  success(turn: number = this.#turn): void {
    if (turn !== this.#turn) return
    if (this.#openedAtMs !== null) {
      if (this.#trying) this.#close()
      return
    }
    this.#advance()
    this.#calls[this.#slice % SLICES]!++
    this.#inARow = 0
  }

  /** `counted`: the call began as a success and is among the window's calls already. */
  failure(turn: number = this.#turn, counted: boolean = false): void {
    if (turn !== this.#turn) return
    if (this.#openedAtMs !== null) {
      if (this.#trying) this.#open(Math.min(LONGEST_FACTOR, this.#factor * 2))
      return
    }
    this.#advance()
    if (!counted) this.#calls[this.#slice % SLICES]!++
    this.#failures[this.#slice % SLICES]!++
    this.#inARow++
    const failures = sum(this.#failures)
    const many = Math.max(failures, this.#inARow) >= this.#options.failures
    if (many && failures * 2 >= sum(this.#calls)) this.#open(1)
  }

  /** The call ended in a way that says nothing about the upstream: the next one may be the trial. */
  undecided(turn: number = this.#turn): void {
    if (turn === this.#turn) this.#trying = false
  }

  #open(factor: number): void {
    this.#openedAtMs = this.#clock.now()
    this.#factor = factor
    this.#start()
  }

  #close(): void {
    this.#openedAtMs = null
    this.#factor = 1
    this.#start()
  }

  #start(): void {
    this.#turn++
    this.#trying = false
    this.#inARow = 0
    this.#calls.fill(0)
    this.#failures.fill(0)
  }

  #sliceAt(nowMs: number): number {
    return Math.floor((nowMs * SLICES) / this.#options.windowMs)
  }

  /** Forgets what has left the window. */
  #advance(): void {
    const slice = this.#sliceAt(this.#clock.now())
    const steps = slice - this.#slice
    if (steps <= 0 && steps > -SLICES) return
    for (let step = 1; step <= Math.min(SLICES, Math.abs(steps)); step++) {
      this.#calls[(this.#slice + step) % SLICES] = 0
      this.#failures[(this.#slice + step) % SLICES] = 0
    }
    this.#slice = slice
  }
}

const sum = (counts: Uint32Array): number => {
  let total = 0
  for (const count of counts) total += count
  return total
}
