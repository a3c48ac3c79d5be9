import { mix } from '../sketch/hash.ts'
import { join32, mix32, step32 } from '../sketch/hash32.ts'
import { asks, classes, ends, fold, unit } from './classes.ts'
import { HashSet } from './hash-set.ts'

/**
 * One pass over a text: tokens as keyed hashes, and counts of what kind of characters there are. Every script is read the
 * same way: words are runs of letters where a script puts spaces between them, and single characters where it does not.
 * Work is bounded: head, tail, and one keyed window of what is between.
 */

/** Kinds of token. A masked token stands for any word: what is left is the text's skeleton. */
export const kind = { kept: 0, masked: 1, number: 2, mark: 3, line: 4 } as const

const MAX_TOKENS = 192
const HEAD_CHARS = 640
const WINDOW_CHARS = 128
const TAIL_CHARS = 256

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

/** FNV-1a's start. */
const UNKEYED = 0x811c9dc5

/**
 * English words that hold a sentence together or say what is to be done, beyond those of three letters and fewer, which
 * are kept in every language: short words are the grammar of nearly all of them.
 */
const keptWords =
  'then with without from were been this that these those they your their them what which when where does could should would will might please write create generate given using into than more most each some about between like such also there here have just answer question following text sentence list explain describe provide give make find based whether each between both only your must'
    .split(' ')
    .concat('可 的 了 是 在 我 你 请 和 吗 么 什 这 那 个 有 不 用 给 为 把 被 与 或 如 何 怎'.split(' '))
    .map((word) => unkeyed(word))
const kept: HashSet = new HashSet(keptWords)

function unkeyed(word: string): number {
  let h = UNKEYED
  for (let i = 0; i < word.length; i++) h = step32(h, word.charCodeAt(i))
  return h
}

const SHORT_LETTERS = 3
export const MASKED = 0x57

/** The longest of `keptWords`. */
const KEPT_LETTERS = 9

const APOSTROPHE = 39
const CURLY_APOSTROPHE = 0x2019

/** Masked as well: a run of content characters of a script without spaces. */
const MASKED_RUN = MASKED + 1

export class Scanner {
  readonly #key: number
  readonly #marks: Int32Array
  readonly scan: Scan = startScan()

  /** `key`: 32 secret bits of this deployment, so that nobody can write texts that collide. */
  constructor(key: number) {
    this.#key = key | 0
    this.#marks = Int32Array.from({ length: 128 }, (_, c) => mix32(key ^ (c << 8)))
  }

  /** Reads a text into `scan`. */
  read(text: string): Scan {
    const scan = this.scan
    const { length } = text
    scan.count = scan.letters = scan.upper = scan.digits = scan.marks = scan.lines = scan.spaces = 0
    scan.wide = scan.sentences = scan.questions = scan.lastMark = scan.read = scan.kept = scan.masked = 0
    scan.firstUpper = scan.firstLower = false
    scan.chars = length
    if (length <= HEAD_CHARS + TAIL_CHARS) {
      this.#part(text, 0, length, MAX_TOKENS)
      scan.tailAt = scan.count
    } else {
      this.#part(text, 0, HEAD_CHARS, MAX_TOKENS - 72)
      const room = length - HEAD_CHARS - TAIL_CHARS - WINDOW_CHARS
      const at = room <= 0 ? 0 : mix(this.#key ^ length) % room
      if (room > 0) this.#part(text, HEAD_CHARS + at, HEAD_CHARS + at + WINDOW_CHARS, scan.count + 24)
      scan.tailAt = scan.count
      this.#part(text, length - TAIL_CHARS, length, MAX_TOKENS)
    }
    for (let i = length - 1; i >= Math.max(0, length - 4); i--) {
      const c = text.charCodeAt(i)
      const type = classes[c]!
      if (type <= unit.line) continue
      scan.lastMark = type === unit.mark ? c : 0
      break
    }
    return scan
  }

  #part(text: string, from: number, to: number, most: number): void {
    const { scan } = this
    const key = this.#key
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
    let i = from
    while (i < to) {
      const c = text.charCodeAt(i)
      const type = classes[c]!
      if (type === unit.space) {
        spaces++
        i++
      } else if (type >= unit.lower) {
        if (n === 0) {
          scan.firstUpper = type === unit.upper
          scan.firstLower = type === unit.lower
        }
        let hash = key
        let plain = UNKEYED
        let d = c
        let t = type
        const start = i
        for (;;) {
          if (t === unit.upper) {
            upper++
            d = fold(d)
          }
          hash = step32(hash, d)
          plain = step32(plain, d)
          if (++i >= to) break
          d = text.charCodeAt(i)
          t = classes[d]!
          if (t < unit.lower && d !== APOSTROPHE && d !== CURLY_APOSTROPHE) break
        }
        const length = i - start
        letters += length
        if (n < most) {
          hash = mix32(hash)
          lexical[n] = hash
          if (length <= SHORT_LETTERS || (length <= KEPT_LETTERS && kept.has(plain))) {
            skeleton[n] = hash
            kinds[n++] = kind.kept
            keptTokens++
          } else {
            skeleton[n] = MASKED
            kinds[n++] = kind.masked
            maskedTokens++
          }
        }
      } else if (type === unit.mark) {
        i++
        marks++
        if (ends(c)) {
          scan.sentences++
          if (asks(c)) scan.questions++
        }
        if (n < most) {
          lexical[n] = skeleton[n] = c < 128 ? this.#marks[c]! : mix32(key ^ (c << 8))
          kinds[n++] = kind.mark
        }
      } else if (type === unit.wide) {
        i++
        wide++
        if (n < most) {
          const hash = mix32(step32(key, c))
          // Kana and Thai marks are grammar; Han is content unless it is one of the few that are not.
          const isHan = c >= 0x3400 && c < 0xa000
          if (isHan ? kept.has(step32(UNKEYED, c)) : c >= 0x3040 && c < 0x30a0) {
            lexical[n] = skeleton[n] = hash
            kinds[n++] = kind.kept
            keptTokens++
          } else if (n > 0 && skeleton[n - 1] === MASKED_RUN && kinds[n - 1] === kind.masked) {
            // A run of content characters is one masked word.
            lexical[n - 1] = join32(lexical[n - 1]!, hash)
          } else {
            lexical[n] = hash
            skeleton[n] = MASKED_RUN
            kinds[n++] = kind.masked
            maskedTokens++
          }
        }
      } else if (type === unit.digit) {
        const start = i
        while (i < to && classes[text.charCodeAt(i)]! === unit.digit) i++
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
    scan.read += to - from
    scan.letters += letters + wide
    scan.upper += upper
    scan.spaces += spaces
    scan.marks += marks
    scan.wide += wide
    scan.kept += keptTokens
    scan.masked += maskedTokens
  }
}
