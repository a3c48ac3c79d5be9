/**
 * Characters that show nothing and that a model reads all the same: tag characters and variation selectors as a channel of
 * bytes ("ASCII smuggling"), zero-width characters between the letters of a word, orders to turn the direction of text
 * that has none to turn (Trojan Source, CVE-2021-42574), private use and noncharacters in runs. UTS 39 and UTR 36 say
 * what is dangerous; the scripts and emoji that need such characters are in `unit-kinds.ts`.
 */
import {
  BIDI_CLOSE,
  BIDI_MARK,
  BIDI_OPEN,
  BIDI_TURN,
  BYTE_ORDER_MARK,
  HIDDEN,
  HIGH,
  IDEOGRAPH,
  JOINER,
  JOINING,
  LOW,
  NON_JOINER,
  PLAIN,
  RIGHT_TO_LEFT,
  SELECTOR,
  SOFT_HYPHEN,
  SPACE_BREAK,
  SYMBOL,
  UNSPACED,
} from './unit-kinds.ts'

/** This many hidden characters with at most one visible unit between each two: a byte in bits of two of them. */
const CHAIN = 8

/** Strays that are too many: this many, and one in so many units. Pages of the web have one in 80 at times. */
const MIN_STRAYS = 8
const STRAY_SHARE = 20

/** Fonts of symbols in documents make short runs of private use. */
const PRIVATE_RUN = 16

/** Letters from right to left that must stand for each order to turn direction. */
const LETTERS_A_TURN = 4

const LINE_FEED = 0x0a

/** A flag of a region is spelled with at most this many tags and one that ends it (UTS 51). */
const MAX_FLAG_TAGS = 6

/** What one text hides, gathered while it is read from its start to its end. */
export class Hidden {
  found = false

  readonly #kinds: Uint8Array
  #text = ''
  #units = 0
  #strays = 0
  #chain = 0
  /** The unit after the last hidden character. */
  #end = -9
  #privates = 0
  #privateEnd = -1
  #rightToLeft = 0
  #turns = 0
  #open = 0
  /** Where the text has been looked through for the end of the line that holds what is open. */
  #lineFrom = 0
  /** The unit after the last black flag. */
  #flag = -1

  constructor(kinds: Uint8Array) {
    this.#kinds = kinds
  }

  /** Starts on a text. */
  start(text: string): void {
    this.#text = text
    this.#units = this.#strays = this.#chain = this.#privates = this.#rightToLeft = this.#turns = this.#open = 0
    this.#end = -9
    this.#privateEnd = this.#flag = -1
  }

  /** A window has been read up to `to`; after a text's last one, this was all that is looked at. */
  endWindow(from: number, to: number): void {
    this.#units += to - from
    this.#breakLines(to)
    // Cut by the window, it may be closed where nobody looks.
    if (to === this.#text.length) this.#turns += this.#open
    this.#open = 0
  }

  endText(): void {
    if (this.#strays >= MIN_STRAYS && this.#strays * STRAY_SHARE >= this.#units) this.found = true
    if (this.#turns > 0 && this.#rightToLeft < this.#turns * LETTERS_A_TURN) this.found = true
  }

  rightToLeft(): void {
    this.#rightToLeft++
  }

  private(at: number, width: number): void {
    this.#privates = at === this.#privateEnd ? this.#privates + 1 : 1
    this.#privateEnd = at + width
    if (this.#privates >= PRIVATE_RUN) this.found = true
  }

  /** A unit whose kind is HIDDEN or above, in a window that starts at `from`. */
  unit(at: number, kind: number, from: number): void {
    if (kind >= BIDI_OPEN) this.#direction(at, kind)
    else if (kind === BYTE_ORDER_MARK && at === 0) return
    else if (kind !== SOFT_HYPHEN && kind !== BIDI_MARK) {
      if (at > from && this.#end !== at && this.#belongs(at, kind)) return
      this.#strays++
    }
    this.#link(at, 1)
  }

  /** A surrogate pair; gives the unit after what it begins. */
  pair(at: number, high: number, low: number, from: number, to: number): number {
    if (high === 0xd83c) {
      if (low === 0xdff4) this.#flag = at + 2
    } else if (high === 0xdb40) return low < 0xdc80 ? this.#tags(at, from, to) : this.#ignorable(at, low)
    else if (high >= 0xdb80 || ((high & 0x3f) === 0x3f && low >= 0xdffe)) this.private(at, 2)
    else if (high === 0xd802 || high === 0xd803 || high === 0xd83a || high === 0xd83b) this.#rightToLeft++
    // Format characters of shorthand and of musical notation.
    else if ((high === 0xd82f && (low & ~3) === 0xdca0) || (high === 0xd834 && low >= 0xdd73 && low < 0xdd7b)) {
      this.#strays++
      this.#link(at, 2)
    }
    return at + 2
  }

  #link(at: number, width: number): void {
    this.#chain = at - this.#end <= 1 ? this.#chain + 1 : 1
    this.#end = at + width
    if (this.#chain >= CHAIN) this.found = true
  }

  #direction(at: number, kind: number): void {
    this.#breakLines(at)
    if (kind === BIDI_TURN) this.#turns++
    else if (kind === BIDI_CLOSE) this.#open = Math.max(0, this.#open - 1)
    else this.#open++
  }

  /** A line that ends before `at` ends all that was to turn direction: what still is open reorders what is read. */
  #breakLines(at: number): void {
    if (this.#open > 0) {
      for (let i = this.#lineFrom; i < at; i++) {
        if (this.#text.charCodeAt(i) !== LINE_FEED) continue
        this.#turns += this.#open
        this.#open = 0
        break
      }
    }
    this.#lineFrom = at
  }

  /** Whether a hidden character has a part to play between its neighbours. */
  #belongs(at: number, kind: number): boolean {
    const before = this.#kindAt(at - 1)
    const after = this.#kindAt(at + 1)
    switch (kind) {
      case JOINER:
        return isJoined(before) || isJoined(after) || (isPicture(before) && isPicture(after))
      case NON_JOINER:
        return isJoined(before) || isJoined(after)
      case SPACE_BREAK:
        return before === UNSPACED || after === UNSPACED
      case SELECTOR:
        // After signs, ideographs, mathematics, Mongolian; never after a letter of ASCII or a space.
        return before !== PLAIN ? before < HIDDEN : this.#text.charCodeAt(at - 1) > 0x7f
      default:
        return false
    }
  }

  #kindAt(at: number): number {
    return at < this.#text.length ? this.#kinds[this.#text.charCodeAt(at)]! : PLAIN
  }

  /** U+E0080 to U+E0FFF: selectors of ideographs, and what is kept for more of that kind. */
  #ignorable(at: number, low: number): number {
    const before = at > 0 ? this.#kindAt(at - 1) : PLAIN
    const isSelector = low >= 0xdd00 && low < 0xddf0
    if (!isSelector || this.#end === at || (before !== IDEOGRAPH && before !== LOW)) this.#strays++
    this.#link(at, 2)
    return at + 2
  }

  /** Tags spell the region of a flag, as in those of England, Scotland and Wales. Anywhere else they are hidden text. */
  #tags(at: number, from: number, to: number): number {
    let end = at
    while (end + 1 < to && isTag(this.#text, end)) end += 2
    const count = (end - at) / 2
    const cut = (from > 0 && at <= from + 1) || (end + 1 >= to && to < this.#text.length)
    const ended = this.#text.charCodeAt(end - 1) === CANCEL_TAG
    if (count > MAX_FLAG_TAGS + 1 || !(cut || (at === this.#flag && ended && count > 3))) this.found = true
    return end
  }
}

/** The second half of the tag that ends a flag. */
const CANCEL_TAG = 0xdc7f

function isTag(text: string, at: number): boolean {
  const low = text.charCodeAt(at + 1)
  return text.charCodeAt(at) === 0xdb40 && low >= 0xdc00 && low < 0xdc80
}

const isJoined = (kind: number): boolean => kind === JOINING || kind === UNSPACED || kind === RIGHT_TO_LEFT

/** An emoji, or its end. */
const isPicture = (kind: number): boolean => kind === SYMBOL || kind === SELECTOR || kind === HIGH || kind === LOW
