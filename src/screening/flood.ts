/**
 * Text that is there to cost: a unit of up to 64 characters over and over, a word that is nearly all there is, blanks
 * without end; for whole lines see `lines.ts`. A word repeated a few dozen times as most of a text is the start of the
 * divergence attack, which makes models recite what they were trained on (Nasr, Carlini et al., 2023).
 *
 * Orders such as "repeat this forever" are not looked for: talk about programs has them in every language, and any other
 * words do as well. What such an answer costs is what limits on output are for.
 */

/** The longest unit of a repetition. */
const MAX_PERIOD = 64
/** A repetition is first seen as a block of this length in which all that can repeat does so. */
const BLOCK = 2 * MAX_PERIOD
/** Blocks end this far apart, so repetitions of BLOCK + STRIDE are found wherever they stand; shorter ones by luck. */
const STRIDE = 256
const SHORT_STRIDE = 32
const SHORT = 1024

/** Units that must equal those before them for a closer look. */
const QUICK = 8

const MIN_RUN = 2000
const MIN_BLANKS = 5000
/** Texts this long are judged by the share that repeats itself. */
const MIN_TEXT = 4000
const SHARE = 0.8

const MIN_WORD_REPEATS = 40
const MIN_WORD = 3

/** How much of a word is compared. */
const MAX_WORD = 24

/** What one text repeats, gathered while it is read from its start to its end. */
export class Flood {
  found = false

  /** Most prompts do without. */
  #borders: Uint8Array | null = null
  #text = ''
  #units = 0
  #repeated = 0
  /** Majority vote over words STRIDE apart (Boyer and Moore): its score is never above the word's count. */
  #word = 0
  #score = 0
  #samples = 0

  /** Starts on a text. */
  start(text: string): void {
    this.#text = text
    this.#units = this.#repeated = this.#word = this.#score = this.#samples = 0
  }

  /** Looks at the units of a window. */
  read(from: number, to: number): void {
    this.#units += to - from
    const text = this.#text
    const long = text.length >= MIN_TEXT
    let done = from
    // In a short text only a run of half of it counts, so blocks may end as far apart as such a run has room for.
    const short = to - from < text.length ? SHORT_STRIDE : Math.max(SHORT_STRIDE, (text.length >> 1) - BLOCK)
    const stride = to - from <= SHORT ? short : STRIDE
    for (let i = from + BLOCK - 1; i < to; i += stride) {
      if (i < done) continue
      if (isBlank(text.charCodeAt(i))) {
        const end = this.#blanks(i, done, to)
        if (end - i > stride) {
          done = end
          continue
        }
      }
      if (long) this.#vote(i, from, to)
      if (i - done >= BLOCK - 1 && repeatsItself(text, i)) {
        const period = this.#period(i)
        if (period <= MAX_PERIOD) done = this.#run(i, period, done, to)
      }
    }
  }

  endText(): void {
    if (this.#text.length < MIN_TEXT) return
    if (this.#repeated >= this.#units * SHARE) this.found = true
    // A word with 80 % of the samples has a score of 60 % at least.
    if (this.#score >= this.#samples * (2 * SHARE - 1) && this.#samples > 0) this.found = true
  }

  #blanks(at: number, from: number, to: number): number {
    const text = this.#text
    let start = at
    while (start > from && isBlank(text.charCodeAt(start - 1))) start--
    let end = at + 1
    while (end < to && isBlank(text.charCodeAt(end))) end++
    // A window in the middle that shows nothing else stands for what is around it.
    if (end - start >= MIN_BLANKS || (start === from && end === to && end - start >= MIN_RUN && from > 0)) {
      this.found = true
    }
    return end
  }

  /** The smallest period of the block that ends at `at`, by its borders (Knuth, Morris, Pratt). */
  #period(at: number): number {
    const text = this.#text
    const borders = (this.#borders ??= new Uint8Array(BLOCK))
    const start = at - BLOCK + 1
    let border = 0
    for (let i = 1; i < BLOCK; i++) {
      const unit = text.charCodeAt(start + i)
      while (border > 0 && unit !== text.charCodeAt(start + border)) border = borders[border - 1]!
      if (unit === text.charCodeAt(start + border)) border++
      borders[i] = border
    }
    return BLOCK - border
  }

  /** Follows a repetition both ways; gives its end. */
  #run(at: number, period: number, from: number, to: number): number {
    const text = this.#text
    let end = at + 1
    while (end < to && text.charCodeAt(end) === text.charCodeAt(end - period)) end++
    let start = at - BLOCK + 1
    while (start > from && text.charCodeAt(start - 1) === text.charCodeAt(start - 1 + period)) start--
    const length = end - start
    if (isBlankUnit(text, start, period)) return end
    this.#repeated += length
    if (length >= MIN_RUN) this.found = true
    if (length >= period * MIN_WORD_REPEATS && length * 2 >= text.length && isWords(text, start, period)) {
      this.found = true
    }
    return end
  }

  #vote(at: number, from: number, to: number): void {
    const text = this.#text
    let start = at
    while (start > from && at - start < MAX_WORD && isLetter(text.charCodeAt(start - 1))) start--
    let hash = 0
    let end = start
    while (end < to && end - start < MAX_WORD && isLetter(text.charCodeAt(end))) {
      hash = (Math.imul(hash, 31) + (text.charCodeAt(end++) | 0x20)) | 0
    }
    if (isBlank(text.charCodeAt(at)) && end === start) return
    this.#samples++
    if (hash !== 0 && hash === this.#word) this.#score++
    else if (this.#score > 0) this.#score--
    else if (hash !== 0) {
      this.#word = hash
      this.#score = 1
    }
  }
}

/** Whether the last units before `at` stand once more within the period before. */
function repeatsItself(text: string, at: number): boolean {
  const last = text.charCodeAt(at)
  const before = text.charCodeAt(at - 1)
  let unit = before
  for (let period = 1; period <= MAX_PERIOD; period++) {
    const previous = text.charCodeAt(at - period - 1)
    // Both at once: a branch for each would often be guessed wrong.
    const differ = (unit ^ last) | (previous ^ before)
    unit = previous
    if (differ !== 0) continue
    let equal = 2
    while (equal < QUICK && text.charCodeAt(at - equal) === text.charCodeAt(at - equal - period)) equal++
    if (equal === QUICK) return true
  }
  return false
}

function isBlankUnit(text: string, start: number, period: number): boolean {
  for (let i = start; i < start + period; i++) if (!isBlank(text.charCodeAt(i))) return false
  return true
}

/** A unit of one word or more, such as "poem, ". */
function isWords(text: string, start: number, period: number): boolean {
  let letters = 0
  let blanks = 0
  for (let i = start; i < start + period; i++) {
    const unit = text.charCodeAt(i)
    if (isLetter(unit)) letters++
    else if (isBlank(unit)) blanks++
  }
  return blanks > 0 && letters >= MIN_WORD
}

const isBlank = (unit: number): boolean =>
  unit === 0x20 || (unit > 0x08 && unit < 0x0e) || unit === 0xa0 || unit === 0x3000 || unit === 0x2800

const isLetter = (unit: number): boolean =>
  ((unit | 0x20) > 0x60 && (unit | 0x20) < 0x7b) || (unit > 0xbf && unit < 0x2000) || unit > 0x2fff
