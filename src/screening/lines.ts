/**
 * The same line over and over, in a row or with others between. Lines are met as a sample does, the longer the likelier:
 * one that makes up half of a text is met half of the time.
 */

const STRIDE = 512
/** Longer lines are not followed. */
const MAX_LINE = 160

/** Texts this long are judged by the share of a line. */
const MIN_TEXT = 4000
/** Half of a text, less what a sample can be wrong by. */
const SHARE = 0.45
/** Logs and tables repeat lines too. */
const MIN_REPEATS = 200

const SLOTS = 16
/** Of each line: its hash, its length, how often it was met. */
const FIELDS = 3

const LINE_FEED = 0x0a

/** Lines of one text, gathered while it is read from its start to its end. */
export class Lines {
  found = false

  /** Most prompts do without. */
  #slots: Int32Array | null = null
  #text = ''
  #units = 0
  #samples = 0

  /** Starts on a text. */
  start(text: string): void {
    this.#text = text
    if (this.#samples > 0) this.#slots?.fill(0)
    this.#units = this.#samples = 0
  }

  /** Looks at the units of a window. */
  read(from: number, to: number): void {
    if (this.#text.length < MIN_TEXT) return
    this.#units += to - from
    for (let i = from + STRIDE - 1; i < to; i += STRIDE) {
      this.#samples++
      this.#meet(i, from, to)
    }
  }

  endText(): void {
    const slots = this.#slots
    if (slots === null || this.#samples === 0) return
    for (let slot = 0; slot < SLOTS * FIELDS; slot += FIELDS) {
      const share = slots[slot + 2]! / this.#samples
      if (share >= SHARE && share * this.#units >= MIN_REPEATS * slots[slot + 1]!) this.found = true
    }
  }

  /** Takes in the line around `at`; one that the window cuts is none. */
  #meet(at: number, from: number, to: number): void {
    const text = this.#text
    let start = at
    while (start > from && at - start < MAX_LINE && text.charCodeAt(start - 1) !== LINE_FEED) start--
    if (start > 0 && text.charCodeAt(start - 1) !== LINE_FEED) return
    let hash = 0
    let end = start
    for (; end < to && end - start < MAX_LINE && text.charCodeAt(end) !== LINE_FEED; end++) {
      hash = (Math.imul(hash, 31) + text.charCodeAt(end)) | 0
    }
    if (end === start || end < at || (end < text.length && text.charCodeAt(end) !== LINE_FEED)) return
    const slots = (this.#slots ??= new Int32Array(SLOTS * FIELDS))
    const slot = ((hash ^ (hash >>> 16)) & (SLOTS - 1)) * FIELDS
    if (slots[slot] === hash && slots[slot + 1] === end - start + 1) slots[slot + 2]!++
    else if (slots[slot + 2]! > 1) slots[slot + 2]!--
    else {
      slots[slot] = hash
      slots[slot + 1] = end - start + 1
      slots[slot + 2] = 1
    }
  }
}
