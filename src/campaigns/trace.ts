import { SAYINGS } from './sizes.ts'

/**
 * What one account has sent lately, in numbers: the keys of its last prompts, how strongly each was met in other accounts,
 * and how often its prompts fell into each cell of form. Arrays grow with what is sent, to a bound: a newcomer is small.
 */
export const RING = 24
/** Prompts after which the counts of form begin anew, so that a long life is judged in pieces of one size. */
export const FORM_WINDOW = 40
const CELL_SLOTS = 256
const PROBES = 8

export interface TraceState {
  readonly prompts: number
  readonly keys: Uint32Array
  readonly sayings: Uint32Array
  readonly strength: Uint16Array
  readonly shade: Uint8Array
  readonly plain: Uint8Array
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
  readonly #keysEach: number
  keys: Uint32Array
  /** Keys of what each prompt says. */
  sayings: Uint32Array = new Uint32Array(4 * SAYINGS)
  /** How strongly the prompt in a place of the ring was met in other accounts, in hundredths. */
  strength: Uint16Array = new Uint16Array(4)
  /** Of that, how much with accounts that are suspected themselves, in hundredths. */
  shade: Uint8Array = new Uint8Array(4)
  /** 1: the same text stands in other accounts, or the account's own frame is all there is of it. */
  plain: Uint8Array = new Uint8Array(4)
  #cells: Uint32Array | null = null
  #counts: Uint8Array | null = null
  formPrompts = 0
  formWindow = 0
  /** For each kind of cell the heat of this window, and of which state of the book; null: not asked yet. */
  heat: Float64Array | null = null
  heatVersion = -1
  /** The most that form has said in this window. */
  formTop = 0

  constructor(account: number, keysEach: number) {
    this.account = account
    this.#keysEach = keysEach
    this.keys = new Uint32Array(4 * keysEach)
  }

  /** Puts a prompt into the ring and gives its place. */
  push(keys: Uint32Array, sayings: readonly number[]): number {
    const place = this.prompts % RING
    if (place >= this.plain.length) this.#grow()
    this.keys.set(keys, place * this.#keysEach)
    this.sayings.set(sayings, place * SAYINGS)
    this.strength[place] = 0
    this.shade[place] = 0
    this.plain[place] = 0
    this.prompts++
    return place
  }

  /** How strongly the latest prompt was met in other accounts. */
  get lastStrength(): number {
    return this.prompts === 0 ? 0 : this.strength[(this.prompts - 1) % RING]! / 100
  }

  /** Prompts in the ring. */
  get held(): number {
    return Math.min(this.prompts, RING)
  }

  /** Share of the ring, 0 to 1, that has this key in this place of its keys: a frame that the account puts around everything. */
  share(which: number, key: number): number {
    const { held } = this
    let same = 0
    for (let i = 0; i < held; i++) if (this.keys[i * this.#keysEach + which] === key) same++
    return same / held
  }

  /** Whether two prompts of the ring have a key in common. */
  alike(a: number, b: number): boolean {
    const { keys } = this
    const each = this.#keysEach
    for (let which = 0; which < each; which++) {
      const key = keys[a * each + which]!
      if (key !== 0 && key === keys[b * each + which]) return true
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

  save(): TraceState {
    const { prompts, keys, sayings, strength, shade, plain, formPrompts, formWindow, formTop } = this
    const cells = this.#cells
    const counts = this.#counts
    return { prompts, keys, sayings, strength, shade, plain, cells, counts, formPrompts, formWindow, formTop }
  }

  load(state: TraceState): void {
    this.prompts = state.prompts
    this.keys = state.keys
    this.sayings = state.sayings
    this.strength = state.strength
    this.shade = state.shade
    this.plain = state.plain
    this.#cells = state.cells
    this.#counts = state.counts
    this.formPrompts = state.formPrompts
    this.formWindow = state.formWindow
    this.formTop = state.formTop
  }

  #grow(): void {
    const size = Math.min(RING, this.plain.length * 2)
    const keys = new Uint32Array(size * this.#keysEach)
    keys.set(this.keys)
    const sayings = new Uint32Array(size * SAYINGS)
    sayings.set(this.sayings)
    const strength = new Uint16Array(size)
    strength.set(this.strength)
    const shade = new Uint8Array(size)
    shade.set(this.shade)
    const plain = new Uint8Array(size)
    plain.set(this.plain)
    this.keys = keys
    this.sayings = sayings
    this.strength = strength
    this.shade = shade
    this.plain = plain
  }
}
