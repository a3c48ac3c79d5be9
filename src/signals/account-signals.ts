import type { Family } from '../core/decision.ts'
import type { Observed } from '../core/observed.ts'
import { type Profile, profiles } from '../core/principal.ts'
import type { Coverage } from '../sketch/coverage.ts'
import { coverageSweep, topicsOf } from './account/coverage-sweep.ts'
import { signals } from './index.ts'
import type { Standing, Weight } from './signal.ts'
import { type Slots, slotsOf } from './slots.ts'

/** An account is so often seen before its signals take memory: most accounts never are. */
const COLD_CALLS = 8

/** Before any time there is; a number, because a snapshot is JSON. */
const NEVER_MS = -8.64e15

/** Where each signal's slots begin, and how many there are in all. */
const places: readonly number[] = signals.map((_, i) => signals.slice(0, i).reduce((sum, { slots }) => sum + slots, 0))
const TOPICS: number = places[signals.indexOf(coverageSweep)]!
const SLOTS: number = signals.reduce((sum, { slots }) => sum + slots, 0)

/** Names the layout: a snapshot of another one is not read. */
const LAYOUT: string = signals.map(({ name, slots }) => `${name}:${slots}`).join(' ')

export const STATE_BYTES: number = SLOTS * Uint32Array.BYTES_PER_ELEMENT

export interface Reading {
  readonly name: string
  readonly family: Family
  /** What it may do for an account of this profile. */
  readonly weight: Weight
  readonly value: number
  readonly says: string
}

/** As JSON. */
export interface SignalsSnapshot {
  readonly layout: string
  readonly calls: number
  readonly firstMs: number
  readonly lastMs: number
  readonly lastHumanMs: number
  readonly profile: Profile
  /** Base64; null: too few exchanges so far. */
  readonly slots: string | null
}

/** All signals of one account. */
export class AccountSignals implements Standing {
  calls = 0
  firstMs = 0
  nowMs = 0
  gapMs: number = -NEVER_MS
  humanGapMs: number = -NEVER_MS
  profile: Profile = 'unknown'
  readonly regions: ReadonlySet<string> | null
  #lastMs: number = NEVER_MS
  #lastHumanMs: number = NEVER_MS
  #slots: Slots | null = null

  constructor(regions: ReadonlySet<string> | null = null) {
    this.regions = regions
  }

  observe(seen: Observed): void {
    const { timeMs, observation } = seen
    if (this.calls++ === 0) this.firstMs = timeMs
    this.nowMs = timeMs
    this.profile = seen.profile
    // What arrives out of order has no gap.
    this.gapMs = Math.max(0, timeMs - this.#lastMs)
    this.#lastMs = Math.max(timeMs, this.#lastMs)
    const human = observation !== null && observation.role === 'human'
    if (human) {
      this.humanGapMs = Math.max(0, timeMs - this.#lastHumanMs)
      this.#lastHumanMs = Math.max(timeMs, this.#lastHumanMs)
    }
    if (this.#slots === null) {
      if (this.calls < COLD_CALLS) return
      this.#slots = slotsOf(new ArrayBuffer(STATE_BYTES))
    }
    const slots = this.#slots
    for (let i = 0; i < signals.length; i++) signals[i]!.observe(slots, places[i]!, seen, this)
  }

  /** Those that have something to say, strongest first. */
  read(nowMs: number): readonly Reading[] {
    const slots = this.#slots
    if (slots === null) return []
    this.nowMs = nowMs
    return signals
      .flatMap((signal, i): readonly Reading[] => {
        const { name, family, among } = signal
        const value = signal.read(slots, places[i]!, this)
        if (value === null) return []
        const weight = among === null || among.includes(this.profile) ? signal.weight : 'context'
        return [{ name, family, weight, value, says: signal.says(slots, places[i]!, this) }]
      })
      .toSorted((a, b) => b.value - a.value)
  }

  /** Its topic map, to be merged with those of others; null: too few exchanges so far. */
  topics(): Coverage | null {
    return this.#slots === null ? null : topicsOf(this.#slots, TOPICS)
  }

  snapshot(): SignalsSnapshot {
    const { calls, firstMs, profile } = this
    const slots = this.#slots === null ? null : Buffer.from(this.#slots.u.buffer).toString('base64')
    return { layout: LAYOUT, calls, firstMs, lastMs: this.#lastMs, lastHumanMs: this.#lastHumanMs, profile, slots }
  }

  /** Goes on from a snapshot. One of another layout keeps what all signals share; the signals start again. */
  restore(from: SignalsSnapshot): void {
    this.calls = from.calls
    this.firstMs = from.firstMs
    this.#lastMs = from.lastMs
    this.#lastHumanMs = from.lastHumanMs
    this.profile = profiles.includes(from.profile) ? from.profile : 'unknown'
    this.#slots = null
    if (from.slots === null || from.layout !== LAYOUT) return
    const bytes = Buffer.from(from.slots, 'base64')
    if (bytes.length !== STATE_BYTES) return
    const buffer = new ArrayBuffer(STATE_BYTES)
    new Uint8Array(buffer).set(bytes)
    this.#slots = slotsOf(buffer)
  }
}

export const createSignals = (regions: ReadonlySet<string> | null = null): AccountSignals => new AccountSignals(regions)
