import type { Charge } from '../core/event.ts'
import type { Counter } from './counter.ts'

/** One limit's share in a reservation. */
export interface Line {
  readonly counter: Counter
  /** Units held for what does not grow. */
  readonly input: number
  /** Units that one token of output takes: 1 where tokens are counted, a price where cost is, else 0. */
  readonly rate: number
  /** Units held for output. */
  output: number
  /** Where units were taken last, and how many; few streams are so long that they take some in more than one period. */
  slice: number
  units: number
  earlier: { readonly slice: number; readonly units: number }[] | null
  /** A shadow limit that has run out in mid-stream: it takes no part from then on. */
  dead: boolean
}

/** What an exchange really used. `requests` is 1 for everything that reached the upstream. */
export interface Actual {
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costNanoUsd: number
}

/** How often a stream may come back for more: a slice is this part of what it holds, and at least MIN_SLICE tokens. */
const SLICE_SHARE = 8
const MIN_SLICE = 32

/**
 * Units held for one exchange in flight. Whoever gets one must end it with exactly one `settle`, on every path;
 * a second call changes nothing and gives the first one's result.
 */
export class Reservation {
  /** Limits in shadow mode that would have refused or cut this exchange. */
  readonly shadow: string[]
  #outputTokens: number
  #cutBy: string | null = null
  readonly #lines: readonly Line[]
  #settled: readonly Charge[] | null = null

  constructor(lines: readonly Line[], outputTokens: number, shadow: string[]) {
    this.#lines = lines
    this.#outputTokens = outputTokens
    this.shadow = shadow
  }

  /** Output tokens held so far. */
  get outputTokens(): number {
    return this.#outputTokens
  }

  /** The limit that refused the last top-up. */
  get cutBy(): string | null {
    return this.#cutBy
  }

  get counters(): readonly Counter[] {
    return this.#lines.map((line) => line.counter)
  }

  /** Everything held, as if it had all been used: what is charged when nobody sees the end. */
  get inFull(): readonly Charge[] {
    return this.#lines
      .filter(({ counter }) => counter.limit.resource !== 'concurrent')
      .map(({ counter, input, output }) => ({
        limit: counter.limit.name,
        resource: counter.limit.resource,
        units: input + output,
        debt: 0,
      }))
  }

  /** Whether an enforcing limit counts output: without one nothing bounds it. */
  get boundsOutput(): boolean {
    return this.#lines.some((line) => growing(line) && line.counter.limit.mode === 'enforce')
  }

  /**
   * Makes sure that `total` output tokens are held, and takes a slice more where there is room, all limits in one step.
   * False when an enforcing limit has no room: then nothing was taken and the stream must end.
   */
  holdOutput(total: number, nowMs: number): boolean {
    if (total <= this.#outputTokens) return true
    const need = total - this.#outputTokens
    let grant = need + Math.max(MIN_SLICE, Math.ceil(total / SLICE_SHARE))
    for (const line of this.#lines) {
      if (!growing(line)) continue
      const room = line.counter.room(nowMs)
      const enforced = line.counter.limit.mode === 'enforce'
      if (room >= Math.ceil(need * line.rate)) grant = enforced ? Math.min(grant, tokensIn(room, line, need)) : grant
      else if (enforced) {
        this.#cutBy = line.counter.limit.name
        return false
      }
    }
    for (const line of this.#lines) {
      if (!growing(line)) continue
      const room = line.counter.room(nowMs)
      if (room < Math.ceil(need * line.rate)) {
        line.dead = true
        this.shadow.push(line.counter.limit.name)
        continue
      }
      const units = Math.min(Math.ceil(grant * line.rate), room)
      line.output += units
      const slice = line.counter.hold(units, nowMs)
      if (line.slice === slice) line.units += units
      else {
        ;(line.earlier ??= []).push({ slice: line.slice, units: line.units })
        line.slice = slice
        line.units = units
      }
    }
    this.#outputTokens += grant
    return true
  }

  /** Ends the reservation: charges what was used, gives back the rest, leaves what found no room as debt. */
  settle(actual: Actual, nowMs: number): readonly Charge[] {
    if (this.#settled !== null) return this.#settled
    const charges: Charge[] = []
    for (const line of this.#lines) {
      const { counter } = line
      const units = unitsOf(line, actual)
      let left = units
      let debt = 0
      for (const piece of line.earlier ?? []) {
        const part = Math.min(left, piece.units)
        debt += counter.settle(piece.units, part, piece.slice, nowMs)
        left -= part
      }
      debt += counter.settle(line.units, left, line.slice, nowMs)
      if (units > 0) charges.push({ limit: counter.limit.name, resource: counter.limit.resource, units, debt })
    }
    this.#settled = charges
    return charges
  }
}

const growing = (line: Line): boolean => !line.dead && line.rate > 0

/** Whole tokens that the room is worth; never below those that are needed and were found to fit. */
const tokensIn = (room: number, line: Line, need: number): number => Math.max(need, Math.floor(room / line.rate))

function unitsOf(line: Line, actual: Actual): number {
  const held = line.input + line.output
  switch (line.counter.limit.resource) {
    case 'requests':
      return actual.requests
    case 'concurrent':
      return 0
    case 'input_tokens':
      return actual.inputTokens
    case 'output_tokens':
      return atMost(line, held, actual.outputTokens)
    case 'tokens':
      return atMost(line, held, actual.inputTokens + actual.outputTokens)
    case 'cost_usd':
      return atMost(line, held, actual.costNanoUsd)
  }
}

/** A shadow limit that took no part any more is not charged for what came after. */
const atMost = (line: Line, held: number, units: number): number => (line.dead ? Math.min(held, units) : units)
