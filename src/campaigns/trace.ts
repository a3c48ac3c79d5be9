import { type Block, defineFields, type Place } from '../sketch/rows.ts'
import type { Runs } from '../sketch/runs.ts'
import { type CellRun, copyCells, countCell, eachCell, roomIn } from './cell-run.ts'
import { memberLayout, RING, RUN_SIZES, STRIDE, traceNumbers } from './member-row.ts'
import { KEYS_EACH, SAYINGS } from './sizes.ts'

export { RING } from './member-row.ts'

/**
 * What one account has sent lately, in numbers: the keys of its last prompts, how strongly each was met in other accounts,
 * and how often its prompts fell into each cell of form. Runs grow with what is sent, to a bound: a newcomer is small.
 * A view of a row, as its member is.
 */
/** Prompts after which the counts of form begin anew, so that a long life is judged in pieces of one size. */
export const FORM_WINDOW = 40
const MARK = KEYS_EACH + SAYINGS
/** Of heat that was worked out for no state of the book. */
const NEVER = 0
/** A run of the smallest size has room for a double of each kind of form cell, and for the keys of a prompt. */
const SMALLEST = 0
const noKeys = new Uint32Array(KEYS_EACH)

export class Trace {
  /** Number of the account; the index knows it by this. */
  readonly account: number
  readonly block: Block
  readonly at: number
  readonly #runs: Runs
  /** Human prompts seen. */
  declare prompts: number
  declare formPrompts: number
  declare formWindow: number
  /** The most that form has said in this window. */
  declare formTop: number
  /** Of which state of the book the heat is, plus one. */
  declare heatVersion: number
  /** Runs, 0 where there is none yet, and which size they have. */
  declare ring: number
  declare ringSize: number
  declare cells: number
  declare cellsSize: number
  declare cellsUsed: number
  declare heat: number

  constructor(account: number, { block, at }: Place, runs: Runs) {
    this.account = account
    this.block = block
    this.at = at
    this.#runs = runs
  }

  /** Puts a prompt into the ring and gives its place. */
  push(keys: Uint32Array, sayings: readonly number[]): number {
    const place = this.prompts % RING
    if (this.ring === 0 || (place + 1) * STRIDE > RUN_SIZES[this.ringSize]!) this.#growRing(place + 1)
    const words = this.#words
    const at = this.#atOf(place)
    for (let i = 0; i < KEYS_EACH; i++) words[at + i] = i < keys.length ? keys[i]! : 0
    for (let i = 0; i < SAYINGS; i++) words[at + KEYS_EACH + i] = sayings[i]!
    words[at + MARK] = 0
    this.prompts++
    return place
  }

  get #words(): Uint32Array {
    return this.#runs.wordsOf(this.ring)
  }

  #atOf(place: number): number {
    return this.#runs.atOf(this.ring) + place * STRIDE
  }

  keysIn(place: number): Uint32Array {
    const at = this.#atOf(place)
    return this.#words.subarray(at, at + KEYS_EACH)
  }

  copyKeys(place: number, into: Uint32Array): void {
    const words = this.#words
    const at = this.#atOf(place)
    for (let which = 0; which < KEYS_EACH; which++) into[which] = words[at + which]!
  }

  /** Keys of what a prompt says. */
  sayingsIn(place: number): Uint32Array {
    const at = this.#atOf(place) + KEYS_EACH
    return this.#words.subarray(at, at + SAYINGS)
  }

  /** Keys of the latest prompt. */
  get latestKeys(): Uint32Array {
    return this.prompts === 0 ? noKeys : this.keysIn((this.prompts - 1) % RING)
  }

  keyAt(place: number, which: number): number {
    return this.#words[this.#atOf(place) + which]!
  }

  /**
   * Notes how strongly a prompt was met in other accounts; of that, how much with accounts that are suspected themselves, both
   * in hundredths; and whether it is plain, a text that goes round.
   */
  mark(place: number, strength: number, shade: number, plain: boolean): void {
    this.#words[this.#atOf(place) + MARK] = (strength << 16) | (shade << 8) | (plain ? 1 : 0)
  }

  strengthAt(place: number): number {
    return this.#words[this.#atOf(place) + MARK]! >>> 16
  }

  shadeAt(place: number): number {
    return (this.#words[this.#atOf(place) + MARK]! >>> 8) & 0xff
  }

  isPlain(place: number): boolean {
    return (this.#words[this.#atOf(place) + MARK]! & 1) === 1
  }

  /** How strongly the latest prompt was met in other accounts, in points. */
  get lastStrength(): number {
    return this.prompts === 0 ? 0 : this.strengthAt((this.prompts - 1) % RING) / 100
  }

  /** How strongly any prompt of the ring was met, in hundredths of points. */
  get strongest(): number {
    const { held } = this
    if (held === 0) return 0
    const words = this.#words
    const first = this.#atOf(0) + MARK
    let most = 0
    for (let i = 0; i < held; i++) most = Math.max(most, words[first + i * STRIDE]! >>> 16)
    return most
  }

  /** Prompts in the ring. */
  get held(): number {
    return Math.min(this.prompts, RING)
  }

  /** Share of the ring, 0 to 1, that has this key in this place of its keys: a frame that the account puts around everything. */
  share(which: number, key: number): number {
    const { held } = this
    const words = this.#words
    const first = this.#atOf(0) + which
    let same = 0
    for (let i = 0; i < held; i++) if (words[first + i * STRIDE] === key) same++
    return same / held
  }

  /** Whether two prompts of the ring have a key in common. */
  alike(a: number, b: number): boolean {
    return haveOne(this.#words, this.#atOf(a), this.#atOf(b))
  }

  /** Share of the other prompts in the ring, 0 to 1, that have a key in common with the one in a place. */
  likeness(place: number): number {
    const { held } = this
    if (held < 2) return 0
    const words = this.#words
    const first = this.#atOf(0)
    const one = first + place * STRIDE
    let like = 0
    for (let i = 0; i < held; i++) if (i !== place && haveOne(words, one, first + i * STRIDE)) like++
    return like / (held - 1)
  }

  /** Counts a cell of form; gives how often it has been met in this window. */
  countCell(cell: number): number {
    const run = this.#cellsToAdd()
    const count = countCell(run, cell)
    this.cellsUsed = run.used
    if (count > 0) return count
    this.heatVersion = NEVER
    return 1
  }

  /** Goes through the cells of this window. */
  eachCell(fn: (cell: number, count: number) => void): void {
    if (this.cells !== 0) eachCell(this.#cellRun(), fn)
  }

  /** Whether the heat of its cells was worked out for this state of the book. */
  hasHeat(version: number): boolean {
    return this.heatVersion === version + 1
  }

  /** The heat of this window is to be worked out anew, for a state of the book. */
  startHeat(version: number): void {
    this.heatVersion = version + 1
    if (this.heat === 0) this.heat = this.#runs.take(SMALLEST)
    else this.#runs.clear(this.heat, SMALLEST)
  }

  heatOf(kind: number): number {
    return this.#runs.blockOf(this.heat).doubles[this.#heatAt + kind]!
  }

  addHeat(kind: number, more: number): void {
    this.#runs.blockOf(this.heat).doubles[this.#heatAt + kind]! += more
  }

  get #heatAt(): number {
    return this.#runs.atOf(this.heat) >>> 1
  }

  /** A new window of form. */
  turnWindow(): void {
    this.cellsUsed = 0
    this.formPrompts = 0
    this.formTop = 0
    this.heatVersion = NEVER
    this.formWindow++
  }

  /** As if nothing had been sent yet. */
  clear(): void {
    if (this.ring !== 0) this.#runs.clear(this.ring, this.ringSize)
    this.prompts = 0
    this.turnWindow()
  }

  #growRing(places: number): void {
    const size = RUN_SIZES.findIndex((words) => words >= places * STRIDE && words % STRIDE === 0)
    const run = this.#runs.take(size)
    if (this.ring !== 0) {
      const at = this.#atOf(0)
      this.#runs.wordsOf(run).set(this.#words.subarray(at, at + RUN_SIZES[this.ringSize]!), this.#runs.atOf(run))
      this.#runs.give(this.ring, this.ringSize)
    }
    this.ring = run
    this.ringSize = size
  }

  #cellRun(): CellRun {
    const block = this.#runs.blockOf(this.cells)
    return { block, at: this.#runs.atOf(this.cells), room: roomIn(RUN_SIZES[this.cellsSize]!), used: this.cellsUsed }
  }

  /** With room for one more. */
  #cellsToAdd(): CellRun {
    if (this.cells === 0) {
      this.cells = this.#runs.take(SMALLEST)
      this.cellsSize = SMALLEST
    }
    const run = this.#cellRun()
    if (run.used < run.room) return run
    const { cells, cellsSize } = this
    this.cells = this.#runs.take(cellsSize + 1)
    this.cellsSize = cellsSize + 1
    const larger = this.#cellRun()
    copyCells(run, larger)
    this.#runs.give(cells, cellsSize)
    return larger
  }
}

defineFields(Trace.prototype, traceNumbers, memberLayout)

function haveOne(words: Uint32Array, one: number, other: number): boolean {
  for (let which = 0; which < KEYS_EACH; which++) {
    const key = words[one + which]!
    if (key !== 0 && key === words[other + which]) return true
  }
  return false
}
