import { KEYS_EACH, SAYINGS } from './sizes.ts'

/**
 * What one account has sent lately, in numbers: the keys of its last prompts, how strongly each was met in other accounts,
 * and how often its prompts fell into each cell of form. Arrays grow with what is sent, to a bound: a newcomer is small.
 */
export const RING = 24
/** Prompts after which the counts of form begin anew, so that a long life is judged in pieces of one size. */
export const FORM_WINDOW = 40
const CELL_SLOTS = 256
/** Words of one prompt: its keys, what it says, its mark. */
const STRIDE = KEYS_EACH + SAYINGS + 1
const MARK = KEYS_EACH + SAYINGS
const PROBES = 8

export interface TraceState {
  readonly prompts: number
  readonly words: Uint32Array
  readonly cells: Uint32Array | null
  readonly counts: Uint8Array | null
  readonly formPrompts: number
  readonly formWindow: number
  readonly formTop: number
}

export class Trace {
  /** Number of the account; the index knows it by this. */
  readonly account: number
  /** Human prompts seen. */
  prompts = 0
  /** For each place of the ring its keys, what it says, and its mark: one array, since each costs more than what is in it. */
  #words: Uint32Array = new Uint32Array(STRIDE)
  #cells: Uint32Array | null = null
  #counts: Uint8Array | null = null
  formPrompts = 0
  formWindow = 0
  /** For each kind of cell the heat of this window, and of which state of the book; null: not asked yet. */
  heat: Float64Array | null = null
  heatVersion = -1
  /** The most that form has said in this window. */
  formTop = 0

  constructor(account: number) {
    this.account = account
  }

  /** Puts a prompt into the ring and gives its place. */
  push(keys: Uint32Array, sayings: readonly number[]): number {
    const place = this.prompts % RING
    const at = place * STRIDE
    if (at >= this.#words.length) this.#grow()
    this.#words.fill(0, at, at + STRIDE)
    this.#words.set(keys, at)
    this.#words.set(sayings, at + KEYS_EACH)
    this.prompts++
    return place
  }

  keysIn(place: number): Uint32Array {
    return this.#words.subarray(place * STRIDE, place * STRIDE + KEYS_EACH)
  }

  /** Keys of what a prompt says. */
  sayingsIn(place: number): Uint32Array {
    return this.#words.subarray(place * STRIDE + KEYS_EACH, place * STRIDE + KEYS_EACH + SAYINGS)
  }

  /** Keys of the latest prompt. */
  get latestKeys(): Uint32Array {
    return this.keysIn(this.prompts === 0 ? 0 : (this.prompts - 1) % RING)
  }

  keyAt(place: number, which: number): number {
    return this.#words[place * STRIDE + which]!
  }

  /**
   * Notes how strongly a prompt was met in other accounts; of that, how much with accounts that are suspected themselves, both
   * in hundredths; and whether it is plain, a text that goes round.
   */
  mark(place: number, strength: number, shade: number, plain: boolean): void {
    this.#words[place * STRIDE + MARK] = (strength << 16) | (shade << 8) | (plain ? 1 : 0)
  }

  strengthAt(place: number): number {
    return this.#words[place * STRIDE + MARK]! >>> 16
  }

  shadeAt(place: number): number {
    return (this.#words[place * STRIDE + MARK]! >>> 8) & 0xff
  }

  isPlain(place: number): boolean {
    return (this.#words[place * STRIDE + MARK]! & 1) === 1
  }

  /** How strongly the latest prompt was met in other accounts, in points. */
  get lastStrength(): number {
    return this.prompts === 0 ? 0 : this.strengthAt((this.prompts - 1) % RING) / 100
  }

  /** Prompts in the ring. */
  get held(): number {
    return Math.min(this.prompts, RING)
  }

  /** Share of the ring, 0 to 1, that has this key in this place of its keys: a frame that the account puts around everything. */
  share(which: number, key: number): number {
    const { held } = this
    let same = 0
    for (let i = 0; i < held; i++) if (this.#words[i * STRIDE + which] === key) same++
    return same / held
  }

  /** Whether two prompts of the ring have a key in common. */
  alike(a: number, b: number): boolean {
    const words = this.#words
    const one = a * STRIDE
    const other = b * STRIDE
    for (let which = 0; which < KEYS_EACH; which++) {
      const key = words[one + which]!
      if (key !== 0 && key === words[other + which]) return true
    }
    return false
  }

  /** Share of the other prompts in the ring, 0 to 1, that have a key in common with the one in a place. */
  likeness(place: number): number {
    const { held } = this
    if (held < 2) return 0
    let like = 0
    for (let i = 0; i < held; i++) if (i !== place && this.alike(place, i)) like++
    return like / (held - 1)
  }

  /** Counts a cell of form; gives how often it has been met in this window. */
  countCell(cell: number): number {
    this.#cells ??= new Uint32Array(CELL_SLOTS)
    this.#counts ??= new Uint8Array(CELL_SLOTS)
    const cells = this.#cells
    const counts = this.#counts
    let at = cell & (CELL_SLOTS - 1)
    let least = at
    for (let probe = 0; probe < PROBES; probe++) {
      if (cells[at] === cell || counts[at] === 0) {
        cells[at] = cell
        return ++counts[at]!
      }
      if (counts[at]! < counts[least]!) least = at
      at = (at + 1) & (CELL_SLOTS - 1)
    }
    // Full: the rarest of those that were asked gives way.
    cells[least] = cell
    counts[least] = 1
    this.heatVersion = -1
    return 1
  }

  /** Goes through the cells of this window. */
  eachCell(fn: (cell: number, count: number) => void): void {
    if (this.#cells === null) return
    for (let at = 0; at < CELL_SLOTS; at++) if (this.#counts![at]! > 0) fn(this.#cells[at]!, this.#counts![at]!)
  }

  /** A new window of form. */
  turnWindow(): void {
    this.#counts?.fill(0)
    this.formPrompts = 0
    this.formTop = 0
    this.heatVersion = -1
    this.formWindow++
  }

  /** As if nothing had been sent yet. */
  clear(): void {
    this.#words.fill(0)
    this.prompts = 0
    this.turnWindow()
  }

  save(): TraceState {
    const { prompts, formPrompts, formWindow, formTop } = this
    const cells = this.#cells
    return { prompts, words: this.#words, cells, counts: this.#counts, formPrompts, formWindow, formTop }
  }

  load(state: TraceState): void {
    this.prompts = state.prompts
    this.#words = state.words
    this.#cells = state.cells
    this.#counts = state.counts
    this.formPrompts = state.formPrompts
    this.formWindow = state.formWindow
    this.formTop = state.formTop
  }

  #grow(): void {
    const words = new Uint32Array(Math.min(RING * STRIDE, this.#words.length * 2))
    words.set(this.#words)
    this.#words = words
  }
}
