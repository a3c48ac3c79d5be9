import type { FormPanel } from '../core/calibration.ts'
import { excessLogE } from '../core/evidence.ts'

/**
 * The form of one work list, found by how many accounts show it. A few people in a thousand have a given habit of form
 * (three of their last forty prompts in one cell, say). Where forty of two hundred accounts have it, the cell is hot; the
 * hot cells of one kind together are the form of what is harvested, and an account is weighed by how many of its prompts
 * fell into them, against how many of an honest account's do.
 *
 * Honest traffic that meets this too: batch customers (one form, but one template as well: not counted), a population that
 * the calibration does not know. Dodged by giving every prompt another length and outline, which costs the uniform answers
 * that a student is trained on.
 */
export const HABIT_COUNTS: readonly number[] = [2, 3, 5, 8, 13]

interface Honest {
  /** Of the panel's cells. */
  readonly number: number
  /** Accounts of the panel that have reached each of the counts. */
  readonly reached: Uint32Array
}

export interface FormBookState {
  readonly accounts: number
  /** What accounts have worked out is of one state of the book. */
  readonly version: number
  /** Cells that were seen, and for each how many accounts have reached each of the counts. */
  readonly cells: Uint32Array
  readonly reached: Uint32Array
  /** ln of how many times more accounts have a cell than expected, where that is hot. */
  readonly heats: readonly (readonly [number, number])[]
}

const MAX_CELLS = 100_000
const FIRST_CELLS = 64
/** Honest populations differ from the one that was calibrated: so much more of a habit surprises nobody. */
const SPREAD = 2
const LEAST_RATIO = 5
/** ln of 1e5: some ten thousand habits are looked at. */
const LOG_E = 11.5
const MAX_HEAT = 5
const MOST_BEYOND = 3

export class FormBook {
  readonly #panel: FormPanel
  /** Of each cell that was seen, where its counts begin: of accounts that have reached each of the counts. */
  readonly #seen = new Map<number, number>()
  #reached = new Uint32Array(HABIT_COUNTS.length * FIRST_CELLS)
  readonly #honest = new Map<number, Honest>()
  /** For each account of the panel, the numbers of its cells. */
  readonly #numbers: readonly Uint32Array[]
  /** For each kind of cell, the scores of the calibration's accounts, ascending. */
  readonly #scores: Float64Array[]
  readonly #hot: Map<number, number>[]
  readonly #stale: boolean[]
  /** Accounts that have sent enough to show a habit. */
  accounts = 0
  /** Counts how often a cell has become hot or hotter. */
  version = 0

  constructor(panel: FormPanel, kinds: number) {
    this.#panel = panel
    this.#hot = Array.from({ length: kinds }, () => new Map())
    this.#scores = Array.from({ length: kinds }, () => new Float64Array(panel.accounts.length))
    this.#stale = Array.from({ length: kinds }, () => false)
    this.#numbers = panel.accounts.map(({ cells, counts }) =>
      cells.map((cell, i) => {
        let honest = this.#honest.get(cell)
        if (honest === undefined) {
          honest = { number: this.#honest.size, reached: new Uint32Array(HABIT_COUNTS.length) }
          this.#honest.set(cell, honest)
        }
        for (let k = 0; k < HABIT_COUNTS.length; k++) if (counts[i]! >= HABIT_COUNTS[k]!) honest.reached[k]!++
        return honest.number
      }),
    )
  }

  /** An account has come to a count in a cell, for the first time. */
  reached(cell: number, count: number): void {
    const k = HABIT_COUNTS.indexOf(count)
    if (k < 0) return
    let at = this.#seen.get(cell)
    if (at === undefined) {
      if (this.#seen.size >= MAX_CELLS) return
      at = this.#begin(cell)
    }
    const others = this.#reached[at + k]!++
    if (others < 5) return
    const expected = this.#shareOf(cell, k) * SPREAD * Math.max(50, this.accounts)
    if (others < LEAST_RATIO * expected || excessLogE(others, expected) < LOG_E) return
    const heat = Math.min(MAX_HEAT, Math.log(others / expected))
    if (heat < this.heat(cell) * 1.2) return
    this.version++
    this.#heatUp(cell, heat)
  }

  #begin(cell: number): number {
    const at = this.#seen.size * HABIT_COUNTS.length
    if (at >= this.#reached.length) {
      const more = new Uint32Array(this.#reached.length * 2)
      more.set(this.#reached)
      this.#reached = more
    }
    this.#seen.set(cell, at)
    return at
  }

  #heatUp(cell: number, heat: number): void {
    const kind = kindOf(cell)
    this.#hot[kind]!.set(cell, heat)
    this.#stale[kind] = true
  }

  /** What a prompt in this cell says; 0 where it is not hot. */
  heat(cell: number): number {
    // Few cells are hot: asking those alone is asking what is at hand.
    return this.#hot[kindOf(cell)]?.get(cell) ?? 0
  }

  /** What the sum of an account's heat in a kind of cells says, as a logarithm. */
  weight(kind: number, score: number): number {
    if (score <= 0) return 0
    if (this.#stale[kind]!) this.#measure(kind)
    const scores = this.#scores[kind]!
    const { length } = scores
    let low = 0
    let high = length
    while (low < high) {
      const mid = (low + high) >> 1
      if (scores[mid]! < score) low = mid + 1
      else high = mid
    }
    let logTail = Math.log((length - low + 0.5) / (length + 1))
    if (low === length && length >= LEAST_FOR_TAIL) {
      // Beyond the calibration's last account its tail goes on as steeply as it has come down.
      const top = scores[length - 1]!
      const before = scores[Math.floor(length * 0.98)]!
      const steepness = Math.log(0.02 * length) / Math.max(2, top - before)
      logTail -= Math.min(MOST_BEYOND, (score - top) * steepness)
    }
    return Math.max(0, Math.log(0.5 / SPREAD) - logTail)
  }

  get hotCells(): number {
    let cells = 0
    for (const { size } of this.#hot) cells += size
    return cells
  }

  save(): FormBookState {
    return {
      accounts: this.accounts,
      version: this.version,
      cells: Uint32Array.from(this.#seen.keys()),
      reached: this.#reached.subarray(0, this.#seen.size * HABIT_COUNTS.length),
      heats: this.#hot.flatMap((cells) => [...cells]),
    }
  }

  load({ accounts, version, cells, reached, heats }: FormBookState): void {
    this.accounts = accounts
    this.version = version
    for (const cell of cells) this.#begin(cell)
    this.#reached.set(reached)
    for (const [cell, heat] of heats) this.#heatUp(cell, heat)
  }

  #shareOf(cell: number, k: number): number {
    const honest = this.#honest.get(cell)
    return ((honest === undefined ? 0 : honest.reached[k]!) + 0.5) / (this.#panel.accounts.length + 1)
  }

  #measure(kind: number): void {
    this.#stale[kind] = false
    const scores = this.#scores[kind]!
    const heats = new Float64Array(this.#honest.size)
    for (const [cell, heat] of this.#hot[kind]!) {
      const honest = this.#honest.get(cell)
      if (honest !== undefined) heats[honest.number] = heat
    }
    for (let n = 0; n < scores.length; n++) {
      const numbers = this.#numbers[n]!
      const { counts } = this.#panel.accounts[n]!
      let sum = 0
      for (let i = 0; i < numbers.length; i++) sum += scoreOf(counts[i]!, heats[numbers[i]!]!)
      scores[n] = sum
    }
    scores.sort()
  }
}

/** With fewer accounts there is no last fiftieth to measure a tail by. */
const LEAST_FOR_TAIL = 50

/** Cells carry their kind in their last three bits. */
export const kindOf = (cell: number): number => cell & 7

/** One cell alone must not decide: it counts for so many prompts at most. */
export const scoreOf = (count: number, heat: number): number => Math.min(count, MOST_COUNTED) * heat
const MOST_COUNTED = 8
