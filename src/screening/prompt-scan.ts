/** One pass over the units of a text, for `prompt-class.ts`: which cues it has, and what it looks like. */
import { promptClasses } from '../core/prompt-class.ts'
import * as letters from './prompt-letters.ts'
import * as tables from './prompt-table.ts'

/*
 * What the loop needs, as constants of this module: V8 looks imported names up at each use and folds these, which takes a
 * quarter off the time of a scan.
 */
const { DIGIT, fold, isSmall, kindOf, RUN, SPACE, WORD } = letters
const { find, join, mix, NO_CLASS, PART, RUN_MAX, SEED, START, STEM, STEM_MAX, STEM_MIN } = tables
type CueTable = tables.CueTable

/** UTF-16 units read at either end of a text: whatever the script, they bound the work. */
export const WINDOW = 256

/** Cues this near to either end count in full: the middle of a long text is mostly what the task is about. */
const EDGE = 200
const MIDDLE_SHARE = 0.35

const LINE_FEED = 0x0a
/** Small enough to stay a small integer of the runtime. */
const MAX_STAMP = 0x3fff_fff0

/** A text's cues and features, gathered window by window; one scan serves one text after another. */
export class PromptScan {
  /** Weights of the cues found, by class. */
  readonly sums: Float64Array = new Float64Array(promptClasses.length)
  words = 0
  /** Characters of scripts without spaces. */
  runs = 0
  numbers = 0
  /** How much of it is written as programs are. */
  symbols = 0
  fences = 0
  equals = 0
  /** Near either end. */
  questions = 0
  exclamations = 0
  /** Begins with one word that is no cue and a comma or colon, as with somebody's name. */
  addressed = false
  startsSmall = false

  readonly #table: CueTable
  /** By cue: the stamp of the text it was last found in, one more where it stood near an end. */
  readonly #found: Uint32Array
  #stamp = 0
  readonly #bytes: Buffer = Buffer.alloc(2 * 2 * WINDOW)
  readonly #units: Uint16Array = new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset, 2 * WINDOW)
  /** What a next word would make longer: the word before, and the pair before if a cue begins so. */
  #word = START
  #pair = 0
  #near = true

  constructor(table: CueTable) {
    this.#table = table
    this.#found = new Uint32Array(table.weights.length)
  }

  /** Forgets the text before, and takes a new one. */
  begin(): void {
    this.#stamp += 2
    if (this.#stamp > MAX_STAMP) {
      this.#stamp = 2
      this.#found.fill(0)
    }
    this.sums.fill(0)
    this.words =
      this.runs =
      this.numbers =
      this.symbols =
      this.fences =
      this.equals =
      this.questions =
      this.exclamations =
        0
    this.addressed = this.startsSmall = false
    this.#start()
  }

  /**
   * Reads a window of at most 2 * WINDOW units, the first of which stands at `from` in a text of `total` units. One that
   * cuts a surrogate pair does no harm, since halves of pairs are marks.
   */
  read(window: string, from: number, total: number): void {
    const table = this.#table
    const units = this.#units
    // In one copy, since strings come in many makes and are slow to read unit by unit.
    const to = this.#bytes.write(window, 'utf16le') >> 1
    if (from === 0 && to > 0) this.startsSmall = isSmall(units[0]!)
    const head = EDGE - from
    const tail = total - EDGE - from
    let hash = SEED
    let length = 0
    let stem = -1
    let stems = false
    let last = 0
    this.#start()
    for (let i = 0; i <= to; i++) {
      const unit = i < to ? units[i]! : LINE_FEED
      const kind = kindOf(unit)
      if (kind === WORD || kind === DIGIT || isSuffix(unit, last, length)) {
        if (kind === DIGIT && length === 0) this.numbers++
        // A capital in the middle of a word, as camelCase has it.
        if (unit > 0x40 && unit < 0x5b && last > 0x60 && last < 0x7b) this.symbols += 0.5
        hash = mix(hash, fold(unit))
        length++
        if (length === STEM_MIN || (stems && length > STEM_MIN && length <= STEM_MAX)) {
          const found = find(table, STEM ^ hash)
          if (length === STEM_MIN) stems = found >= 0
          if (found >= 0 && table.classes[found] !== NO_CLASS) stem = found
        }
        last = unit
        continue
      }
      if (length > 0 || kind !== SPACE) this.#near = i < head || i >= tail
      if (length > 0) {
        const known = find(table, hash)
        if (++this.words === 1 && known < 0 && stem < 0) this.addressed = unit === 0x2c || unit === 0x3a
        this.#count(known >= 0 && table.classes[known] !== NO_CLASS ? known : stem)
        this.#phrase(hash, known >= 0)
        hash = SEED
        stem = -1
        stems = false
      }
      if (kind === RUN) this.#run(i, to)
      else if (kind !== SPACE || unit === LINE_FEED)
        this.#mark(unit, last, i + 1 < to ? units[i + 1]! : LINE_FEED, length)
      length = 0
      last = unit
    }
    // A prompt does not outlive its request here.
    units.fill(0, 0, to)
  }

  /** Looks a word or mark up together with the one and the two before it, where a cue can go on so. */
  #phrase(hash: number, known: boolean): void {
    let pair = 0
    if (this.#word !== 0) {
      const key = join(this.#word, hash)
      const found = find(this.#table, key)
      if (found >= 0) {
        this.#count(found)
        pair = key
      }
    }
    if (this.#pair !== 0) this.#count(find(this.#table, join(this.#pair, hash)))
    this.#pair = pair
    this.#word = known ? hash : 0
  }

  #start(): void {
    this.#word = START
    this.#pair = 0
  }

  #run(from: number, to: number): void {
    this.runs++
    // A hundred characters say here what takes a paragraph elsewhere.
    if (!this.#near) return
    const end = Math.min(to, from + RUN_MAX)
    let hash = SEED
    for (let i = from; i < end; i++) {
      hash = mix(hash, this.#units[i]!)
      const cue = find(this.#table, PART ^ hash)
      if (cue < 0) return
      this.#count(cue)
    }
  }

  #count(cue: number): void {
    if (cue < 0) return
    const group = this.#table.classes[cue]!
    if (group === NO_CLASS) return
    const stamp = this.#stamp
    const before = this.#found[cue]!
    if (before === stamp + 1 || (before === stamp && !this.#near)) return
    const share = this.#near ? (before === stamp ? 1 - MIDDLE_SHARE : 1) : MIDDLE_SHARE
    this.sums[group]! += share * this.#table.weights[cue]!
    this.#found[cue] = this.#near ? stamp + 1 : stamp
  }

  /** `length` is that of the word right before the mark, 0 where there is none. */
  #mark(unit: number, last: number, next: number, length: number): void {
    switch (unit) {
      case 0x3a: // : and ? are words of cues.
      case 0x3f:
        this.#phrase(mix(SEED, unit), false)
        if (unit === 0x3f && this.#near) this.questions++
        break
      case 0x21:
        if (this.#near) this.exclamations++
        break
      case 0x7b: // { }
      case 0x7d:
        this.symbols += 1
        break
      case 0x3b: // ; at the end of a line
        if (next === LINE_FEED || next === 0x0d || next === 0x7d) this.symbols += 1.5
        break
      case 0x60: // `name` and ```
        if (next === 0x60) this.fences++
        else this.symbols += 0.7
        break
      case 0x5f: // snake_case
        if (length > 0 && kindOf(next) === WORD) this.symbols += 1
        break
      case 0x2e: // main.py
        if (length > 1 && next > 0x60 && next < 0x7b) this.symbols += 0.6
        break
      case 0x28: // call() and call(it), but not word(s)
        if (length > 1 && next !== 0x73) this.symbols += next === 0x29 ? 1.5 : 0.4
        break
      case 0x3d: // => == ="
        this.equals++
        // Not those of a ruled line, which may begin the window.
        if (last !== 0x3d && last !== 0 && (next === 0x3e || next === 0x3d || next === 0x22)) this.symbols += 1.5
        break
      case 0x3c: // <tag </tag
        if (next === 0x2f || (next > 0x60 && next < 0x7b)) this.symbols += 1
        break
      case 0x2f: // a/path, C:\path, \command
      case 0x5c:
        if (kindOf(next) === WORD) this.symbols += 0.4
        break
    }
    if (isStop(unit)) this.#start()
  }
}

/** c++, c#, f#: marks that belong to the letter before them. */
const isSuffix = (unit: number, last: number, length: number): boolean =>
  (unit === 0x2b || unit === 0x23) &&
  ((length === 1 && (fold(last) === 0x63 || fold(last) === 0x66)) || (length === 2 && last === 0x2b && unit === 0x2b))

/** What a sentence or line ends with, or begins with in Spanish. */
const isStop = (unit: number): boolean =>
  unit === 0x2e ||
  unit === 0x21 ||
  unit === 0x3f ||
  unit === 0x3a ||
  unit === LINE_FEED ||
  unit === 0xa1 ||
  unit === 0xbf ||
  unit === 0x61f
