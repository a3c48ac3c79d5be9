import type { Family } from '../core/decision.ts'
import type { Observed } from '../core/observed.ts'
import { type Profile, profiles } from '../core/principal.ts'
import type { Coverage } from '../sketch/coverage.ts'
import { type Block, defineFields, Rows, type RowsState } from '../sketch/rows.ts'
import { coverageSweep, topicsOf } from './account/coverage-sweep.ts'
import { signals } from './index.ts'
import type { Standing, Weight } from './signal.ts'
import type { Slots } from './slots.ts'

/** An account is so often seen before its signals take memory: most accounts never are. */
const COLD_CALLS = 8

/** Where each signal's slots begin, and how many there are in all. */
const places: readonly number[] = signals.map((_, i) => signals.slice(0, i).reduce((sum, { slots }) => sum + slots, 0))
const TOPICS: number = places[signals.indexOf(coverageSweep)]!
const SLOTS: number = signals.reduce((sum, { slots }) => sum + slots, 0)

export const STATE_BYTES: number = SLOTS * Uint32Array.BYTES_PER_ELEMENT

const layout = {
  firstMs: 'double',
  lastMs: 'maybe',
  lastHumanMs: 'maybe',
  calls: 'word',
  slotsAt: 'word',
  profileAt: 'byte',
} as const

export interface SignalBookState {
  readonly heads: RowsState
  readonly slots: RowsState
}

/** The signals of many accounts: a row of what all signals share, and one of slots for those that were seen often enough. */
export class SignalBook {
  readonly heads: Rows = new Rows(layout)
  /** What a signal's slots mean is its own: names and sizes are part of the layout. */
  readonly slots: Rows = new Rows({}, STATE_BYTES, signals.map(({ name, slots }) => `${name}:${slots}`).join(' '))

  save(): SignalBookState {
    return { heads: this.heads.save(), slots: this.slots.save() }
  }

  load({ heads, slots }: SignalBookState): boolean {
    return this.heads.load(heads) && this.slots.load(slots)
  }
}

export interface Reading {
  readonly name: string
  readonly family: Family
  /** What it may do for an account of this profile. */
  readonly weight: Weight
  readonly value: number
  readonly says: string
}

/** All signals of one account: a view of its part of a book, from one exchange to the next. */
export class AccountSignals implements Standing {
  readonly block: Block
  readonly at: number
  readonly regions: ReadonlySet<string> | null
  declare calls: number
  declare firstMs: number
  declare lastMs: number | null
  declare lastHumanMs: number | null
  /** Which row of slots is its own, plus one; 0: it was seen too few times. */
  declare slotsAt: number
  declare profileAt: number
  nowMs = 0
  gapMs: number = Infinity
  humanGapMs: number = Infinity
  readonly #rows: Rows

  constructor({ heads, slots }: SignalBook, row: number, regions: ReadonlySet<string> | null = null) {
    this.block = heads.blockOf(row)
    this.at = heads.atOf(row)
    this.regions = regions
    this.#rows = slots
  }

  get profile(): Profile {
    return profiles[this.profileAt]!
  }

  observe(seen: Observed): void {
    const { timeMs, observation } = seen
    const calls = this.calls + 1
    this.calls = calls
    if (calls === 1) this.firstMs = timeMs
    this.nowMs = timeMs
    this.profileAt = profiles.indexOf(seen.profile)
    const { lastMs, lastHumanMs } = this
    // What arrives out of order has no gap.
    this.gapMs = gapTo(timeMs, lastMs)
    this.lastMs = lastMs === null ? timeMs : Math.max(timeMs, lastMs)
    if (observation !== null && observation.role === 'human') {
      this.humanGapMs = gapTo(timeMs, lastHumanMs)
      this.lastHumanMs = lastHumanMs === null ? timeMs : Math.max(timeMs, lastHumanMs)
    }
    if (this.slotsAt === 0) {
      if (calls < COLD_CALLS) return
      this.slotsAt = this.#rows.add() + 1
    }
    const slots = this.#slots
    const first = this.#first
    for (let i = 0; i < signals.length; i++) signals[i]!.observe(slots, first + places[i]!, seen, this)
  }

  get #slots(): Slots {
    const { floats, words } = this.#rows.blockOf(this.slotsAt - 1)
    return { f: floats, u: words }
  }

  get #first(): number {
    return this.#rows.atOf(this.slotsAt - 1) >>> 2
  }

  /** Those that have something to say, strongest first. */
  read(nowMs: number): readonly Reading[] {
    if (this.slotsAt === 0) return []
    const slots = this.#slots
    const first = this.#first
    this.nowMs = nowMs
    return signals
      .flatMap((signal, i): readonly Reading[] => {
        const { name, family, among } = signal
        const value = signal.read(slots, first + places[i]!, this)
        if (value === null) return []
        const weight = among === null || among.includes(this.profile) ? signal.weight : 'context'
        return [{ name, family, weight, value, says: signal.says(slots, first + places[i]!, this) }]
      })
      .toSorted((a, b) => b.value - a.value)
  }

  /** Its topic map, to be merged with those of others; null: too few exchanges so far. */
  topics(): Coverage | null {
    return this.slotsAt === 0 ? null : topicsOf(this.#slots, this.#first + TOPICS)
  }
}

defineFields(AccountSignals.prototype, layout)

const gapTo = (timeMs: number, lastMs: number | null): number =>
  lastMs === null ? Infinity : Math.max(0, timeMs - lastMs)

/** Those of one account by itself. */
export function createSignals(regions: ReadonlySet<string> | null = null): AccountSignals {
  const book = new SignalBook()
  return new AccountSignals(book, book.heads.add(), regions)
}
