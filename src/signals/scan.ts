import { mix, PRIME } from '../sketch/hash.ts'
import { join32, mix32, step32 } from '../sketch/hash32.ts'
import * as chars from './classes.ts'
import { HashSet } from './hash-set.ts'

/**
 * One pass over a text: tokens as keyed hashes, and counts of what kind of characters there are. Every script is read the
 * same way: words are runs of letters where a script puts spaces between them, and single characters where it does not.
 * Work is bounded: head, tail, and one keyed window of what is between.
 */

/** Kinds of token. A masked token stands for any word: what is left is the text's skeleton. */
export const kind = { kept: 0, masked: 1, number: 2, mark: 3, line: 4 } as const

export const MAX_TOKENS = 192
const HEAD_CHARS = 640
const WINDOW_CHARS = 128
const TAIL_CHARS = 224
/** Of a text whose tail has too many tokens, so much of it is read that its end is there in any case. */
const END_CHARS = 64
const HEAD_TOKENS = 96
const WINDOW_TOKENS = 24

/** What one pass finds; the arrays are overwritten by the next one. */
export interface Scan {
  /** Tokens found, at most `MAX_TOKENS`: the head's, the window's, the tail's. */
  count: number
  readonly lexical: Uint32Array
  readonly skeleton: Uint32Array
  readonly kinds: Uint8Array
  /** Index of the first token of the tail; `count` where head and tail are one. */
  tailAt: number
  /** Characters of the whole text, and of what was read. */
  chars: number
  read: number
  /** Tokens of these kinds. */
  kept: number
  masked: number
  letters: number
  upper: number
  digits: number
  marks: number
  lines: number
  spaces: number
  wide: number
  sentences: number
  questions: number
  firstUpper: boolean
  firstLower: boolean
  lastMark: number
}

export const startScan = (): Scan => ({
  count: 0,
  lexical: new Uint32Array(MAX_TOKENS),
  skeleton: new Uint32Array(MAX_TOKENS),
  kinds: new Uint8Array(MAX_TOKENS),
  tailAt: 0,
  chars: 0,
  read: 0,
  kept: 0,
  masked: 0,
  letters: 0,
  upper: 0,
  digits: 0,
  marks: 0,
  lines: 0,
  spaces: 0,
  wide: 0,
  sentences: 0,
  questions: 0,
  firstUpper: false,
  firstLower: false,
  lastMark: 0,
})

/**
 * English words that hold a sentence together or say what is to be done, beyond those of three letters and fewer, which
 * are kept in every language: short words are the grammar of nearly all of them.
 */
const keptWords: readonly string[] =
  'then with without from were been this that these those they your their them what which when where does could should would will might please write create generate given using into than more most each some about between like such also there here have just answer question following text sentence list explain describe provide give make find based whether each between both only your must'
    .split(' ')
    .concat('可 的 了 是 在 我 你 请 和 吗 么 什 这 那 个 有 不 用 给 为 把 被 与 或 如 何 怎'.split(' '))

const SHORT_LETTERS = 3
export const MASKED = 0x57

/** The longest of `keptWords`. */
const KEPT_LETTERS = 9

const CURLY_APOSTROPHE = 0x2019

/** Masked as well: a run of content characters of a script without spaces. */
const MASKED_RUN = MASKED + 1

/*
 * What the loop needs, as constants of this module: V8 looks imported names up at each use and folds these, which halves
 * the time of a scan.
 */
const { asks, classes, ends, FOLDED, folds } = chars
const { space: SPACE, line: LINE, mark: MARK, digit: DIGIT, wide: WIDE, lower: LOWER, upper: UPPER } = chars.unit
const { kept: KEPT, masked: MASKED_WORD } = kind
const FNV_PRIME = PRIME
const mixed = mix32

export class Scanner {
  readonly #key: number
  readonly #kept: HashSet
  readonly #marks: Int32Array
  /** A part of a text as numbers: reading them from the string itself takes a fifth longer. */
  readonly #bytes = Buffer.from(new ArrayBuffer(2 * (HEAD_CHARS + 1)))
  readonly #units = new Uint16Array(this.#bytes.buffer)
  readonly scan: Scan = startScan()

  /** `key`: 32 secret bits of this deployment, so that nobody can write texts that collide. */
  constructor(key: number) {
    this.#key = key | 0
    this.#kept = new HashSet(keptWords.map((word) => this.#hash(word)))
    this.#marks = Int32Array.from({ length: 128 }, (_, c) => mixed(key ^ (c << 8)))
  }

  /** Reads a text into `scan`. */
  read(text: string): Scan {
    const scan = this.scan
    const { length } = text
    this.#restart(length)
    if (length <= HEAD_CHARS) this.#part(text, MAX_TOKENS)
    scan.tailAt = scan.count
    // Too long, or of too many tokens: its start, its end, and something from between.
    if (length > HEAD_CHARS || scan.count === MAX_TOKENS) this.#ends(text)
    for (let i = length - 1; i >= Math.max(0, length - 4); i--) {
      const c = text.charCodeAt(i)
      const type = classes[c]!
      if (type <= LINE) continue
      scan.lastMark = type === MARK ? c : 0
      break
    }
    return scan
  }

  #ends(text: string): void {
    const scan = this.scan
    const { length } = text
    this.#restart(length)
    const headChars = Math.min(HEAD_CHARS, length - END_CHARS)
    this.#part(text.slice(0, headChars), HEAD_TOKENS)
    const room = length - headChars - TAIL_CHARS - WINDOW_CHARS
    if (room > 0) {
      const at = headChars + (mix(this.#key ^ length) % room)
      this.#part(text.slice(at, at + WINDOW_CHARS), scan.count + WINDOW_TOKENS)
    }
    const { count, kept, masked } = scan
    scan.tailAt = count
    this.#part(text.slice(Math.max(headChars, length - TAIL_CHARS)), MAX_TOKENS)
    if (scan.count < MAX_TOKENS) return
    Object.assign(scan, { count, kept, masked })
    this.#part(text.slice(length - END_CHARS), MAX_TOKENS)
  }

  #restart(chars: number): void {
    const scan = this.scan
    scan.count = scan.letters = scan.upper = scan.digits = scan.marks = scan.lines = scan.spaces = 0
    scan.wide = scan.sentences = scan.questions = scan.lastMark = scan.read = scan.kept = scan.masked = 0
    scan.firstUpper = scan.firstLower = false
    scan.chars = chars
  }

  /** A word of small letters, as the scan hashes it. */
  #hash(word: string): number {
    let hash = this.#key
    for (let i = 0; i < word.length; i++) hash = step32(hash, word.charCodeAt(i))
    return mix32(hash)
  }

  #part(text: string, most: number): void {
    const to = text.length
    // As the machine has them: Node runs on little-endian ones.
    this.#bytes.write(text, 'utf16le')
    this.#units[to] = 0
    const { scan } = this
    const key = this.#key
    const kept = this.#kept
    const units = this.#units
    const { lexical, skeleton, kinds } = scan
    // In locals: the loop writes one of them for nearly every character.
    let n = scan.count
    let letters = 0
    let upper = 0
    let spaces = 0
    let marks = 0
    let wide = 0
    let keptTokens = 0
    let maskedTokens = 0
    let i = 0
    while (i < to) {
      const c = units[i]!
      const type = classes[c]!
      if (type === SPACE) {
        spaces++
        i++
      } else if (type >= LOWER) {
        if (n === 0) {
          scan.firstUpper = type === UPPER
          scan.firstLower = type === LOWER
        }
        let hash = key
        const start = i
        // Ends at the latest with the 0 behind the text.
        for (let d = c; ; d = units[++i]!) {
          if (d < FOLDED) {
            const folded = folds[d]!
            if (folded === 0) break
            upper += folded >>> 15
            hash = Math.imul(hash ^ (folded & 0x7fff), FNV_PRIME)
          } else {
            if (classes[d]! < LOWER && d !== CURLY_APOSTROPHE) break
            hash = Math.imul(hash ^ d, FNV_PRIME)
          }
        }
        const length = i - start
        letters += length
        if (n < most) {
          hash = mixed(hash)
          lexical[n] = hash
          if (length <= SHORT_LETTERS || (length <= KEPT_LETTERS && kept.has(hash))) {
            skeleton[n] = hash
            kinds[n++] = KEPT
            keptTokens++
          } else {
            skeleton[n] = MASKED
            kinds[n++] = MASKED_WORD
            maskedTokens++
          }
        }
      } else if (type === MARK) {
        i++
        marks++
        if (ends(c)) {
          scan.sentences++
          if (asks(c)) scan.questions++
        }
        if (n < most) {
          lexical[n] = skeleton[n] = c < 128 ? this.#marks[c]! : mixed(key ^ (c << 8))
          kinds[n++] = kind.mark
        }
      } else if (type === WIDE) {
        i++
        wide++
        if (n < most) {
          const hash = mixed(Math.imul(key ^ c, FNV_PRIME))
          // Kana and Thai marks are grammar; Han is content unless it is one of the few that are not.
          const isHan = c >= 0x3400 && c < 0xa000
          if (isHan ? kept.has(hash) : c >= 0x3040 && c < 0x30a0) {
            lexical[n] = skeleton[n] = hash
            kinds[n++] = KEPT
            keptTokens++
          } else if (n > 0 && skeleton[n - 1] === MASKED_RUN && kinds[n - 1] === MASKED_WORD) {
            // A run of content characters is one masked word.
            lexical[n - 1] = join32(lexical[n - 1]!, hash)
          } else {
            lexical[n] = hash
            skeleton[n] = MASKED_RUN
            kinds[n++] = MASKED_WORD
            maskedTokens++
          }
        }
      } else if (type === DIGIT) {
        const start = i
        while (i < to && classes[units[i]!] === DIGIT) i++
        scan.digits += i - start
        if (n < most) {
          lexical[n] = skeleton[n] = key ^ 35
          kinds[n++] = kind.number
        }
      } else {
        i++
        scan.lines++
        if (n < most && (n === 0 || kinds[n - 1] !== kind.line)) {
          lexical[n] = skeleton[n] = key ^ 10
          kinds[n++] = kind.line
        }
      }
    }
    scan.count = n
    scan.read += to
    scan.letters += letters + wide
    scan.upper += upper
    scan.spaces += spaces
    scan.marks += marks
    scan.wide += wide
    scan.kept += keptTokens
    scan.masked += maskedTokens
  }
}
