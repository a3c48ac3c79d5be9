import { join, mix, PRIME } from '../sketch/hash.ts'

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

// Classes of a UTF-16 unit.
const SPACE = 0
const LINE = 1
const MARK = 2
const DIGIT = 3
const LOWER = 4
const UPPER = 5
/** Letters of a script that writes spaces between words, without a case of their own. */
const LETTER = 6
/** Characters that stand for themselves: Han, kana, Thai and their like. */
const WIDE = 7

const ascii = new Uint8Array(128)
for (let c = 0; c < 128; c++) {
  if (c === 10 || c === 13) ascii[c] = LINE
  else if (c <= 32 || c === 127) ascii[c] = SPACE
  else if (c >= 48 && c <= 57) ascii[c] = DIGIT
  else if (c >= 97 && c <= 122) ascii[c] = LOWER
  else if (c >= 65 && c <= 90) ascii[c] = UPPER
  else ascii[c] = MARK
}

function classOf(c: number): number {
  if (c < 128) return ascii[c]!
  if (c < 0xc0) return c === 0xa0 ? SPACE : MARK
  if (c < 0x250) return c === 0xd7 || c === 0xf7 ? MARK : c < 0xdf && c !== 0xd7 ? UPPER : LOWER
  if (c < 0x370) return LETTER
  if (c < 0x400) return c >= 0x391 && c <= 0x3a9 ? UPPER : LOWER
  if (c < 0x530) return c < 0x430 ? UPPER : LOWER
  if (c >= 0x660 && c <= 0x669) return DIGIT
  if (c === 0x60c || c === 0x61b || c === 0x61f || c === 0x6d4 || c === 0x964 || c === 0x965) return MARK
  if (c < 0xe00) return LETTER
  if (c < 0x1000) return WIDE
  if (c < 0x1100) return c < 0x10a0 ? WIDE : LETTER
  if (c < 0x2000) return c >= 0x1780 && c < 0x1800 ? WIDE : LETTER
  if (c < 0x2c00) return c === 0x2028 || c === 0x2029 ? LINE : c <= 0x200a ? SPACE : MARK
  if (c < 0x2e80) return LETTER
  if (c === 0x3000) return SPACE
  if (c < 0x3040) return MARK
  if (c < 0xa000) return WIDE
  if (c < 0xac00) return LETTER
  if (c < 0xd7b0) return LETTER
  if (c >= 0xff10 && c <= 0xff19) return DIGIT
  if ((c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20)) return MARK
  return c >= 0xf900 && c < 0xfb00 ? WIDE : c >= 0xd800 && c < 0xe000 ? MARK : LETTER
}

/** Full stops of the scripts we know, question marks among them. */
const ends = (c: number): boolean =>
  c === 46 || c === 33 || c === 63 || c === 0x3002 || c === 0xff1f || c === 0xff01 || c === 0x61f || c === 0x964
const asks = (c: number): boolean => c === 63 || c === 0xff1f || c === 0x61f

const fold = (c: number): number => {
  if (c < 128) return c | 32
  if (c < 0xdf) return c + 32
  if (c < 0x250) return c | 1
  if (c >= 0x391 && c <= 0x3a9) return c + 32
  return c >= 0x410 && c < 0x430 ? c + 32 : c
}

/**
 * English words that hold a sentence together or say what is to be done, beyond those of three letters and fewer, which
 * are kept in every language: short words are the grammar of nearly all of them.
 */
const keptWords =
  'then with without from were been this that these those they your their them what which when where does could should would will might please write create generate given using into than more most each some about between like such also there here have just answer question following text sentence list explain describe provide give make find based whether each between both only your must'
    .split(' ')
    .concat('可 的 了 是 在 我 你 请 和 吗 么 什 这 那 个 有 不 用 给 为 把 被 与 或 如 何 怎'.split(' '))
    .map((word) => unkeyed(word))
const kept: ReadonlySet<number> = new Set(keptWords)

function unkeyed(word: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < word.length; i++) h = Math.imul(h ^ word.charCodeAt(i), PRIME)
  return h >>> 0
}

const SHORT_LETTERS = 3
export const MASKED = 0x57

export class Scanner {
  readonly #key: number
  readonly scan: Scan = startScan()

  /** `key`: 32 secret bits of this deployment, so that nobody can write texts that collide. */
  constructor(key: number) {
    this.#key = key >>> 0
  }

  /** Reads a text into `scan`. */
  read(text: string): Scan {
    const scan = this.scan
    const { length } = text
    this.#restart(length)
    if (length <= HEAD_CHARS) this.#part(text, 0, length, MAX_TOKENS)
    scan.tailAt = scan.count
    // Too long, or of too many tokens: its start, its end, and something from between.
    if (length > HEAD_CHARS || scan.count === MAX_TOKENS) {
      this.#restart(length)
      const headChars = Math.min(HEAD_CHARS, length - END_CHARS)
      this.#part(text, 0, headChars, HEAD_TOKENS)
      const room = length - headChars - TAIL_CHARS - WINDOW_CHARS
      if (room > 0) {
        const at = headChars + (mix(this.#key ^ length) % room)
        this.#part(text, at, at + WINDOW_CHARS, scan.count + WINDOW_TOKENS)
      }
      scan.tailAt = scan.count
      this.#part(text, Math.max(headChars, length - TAIL_CHARS), length, MAX_TOKENS)
      if (scan.count === MAX_TOKENS) {
        scan.count = scan.tailAt
        this.#part(text, length - END_CHARS, length, MAX_TOKENS)
      }
    }
    for (let i = length - 1; i >= Math.max(0, length - 4); i--) {
      const c = text.charCodeAt(i)
      if (classOf(c) <= LINE) continue
      scan.lastMark = classOf(c) === MARK ? c : 0
      break
    }
    return scan
  }

  #restart(chars: number): void {
    const scan = this.scan
    scan.count = scan.letters = scan.upper = scan.digits = scan.marks = scan.lines = scan.spaces = 0
    scan.wide = scan.sentences = scan.questions = scan.lastMark = scan.read = 0
    scan.firstUpper = scan.firstLower = false
    scan.chars = chars
  }

  #part(text: string, from: number, to: number, most: number): void {
    const scan = this.scan
    const key = this.#key
    const { lexical, skeleton, kinds } = scan
    let n = scan.count
    let i = from
    while (i < to) {
      const c = text.charCodeAt(i)
      const type = c < 128 ? ascii[c]! : classOf(c)
      if (type === SPACE) {
        scan.spaces++
        i++
        continue
      }
      if (type === LINE) {
        scan.lines++
        i++
        if (n < most && (n === 0 || kinds[n - 1] !== kind.line)) {
          lexical[n] = skeleton[n] = key ^ 10
          kinds[n++] = kind.line
        }
        continue
      }
      if (type >= LOWER && type !== WIDE) {
        if (n === 0) {
          scan.firstUpper = type === UPPER
          scan.firstLower = type === LOWER
        }
        let h = key
        let plain = 0x811c9dc5
        const start = i
        let t = type
        let d = c
        while (i < to) {
          if (t === UPPER) {
            scan.upper++
            d = fold(d)
          }
          h = Math.imul(h ^ d, PRIME)
          plain = Math.imul(plain ^ d, PRIME)
          i++
          if (i >= to) break
          d = text.charCodeAt(i)
          t = d < 128 ? (d === 39 ? LETTER : ascii[d]!) : d === 0x2019 ? LETTER : classOf(d)
          if (t < LOWER || t === WIDE) break
        }
        const letters = i - start
        scan.letters += letters
        if (n < most) {
          const hash = mix(h)
          lexical[n] = hash
          const keep = letters <= SHORT_LETTERS || (letters <= 9 && kept.has(plain >>> 0))
          skeleton[n] = keep ? hash : MASKED
          kinds[n++] = keep ? kind.kept : kind.masked
        }
        continue
      }
      if (type === DIGIT) {
        const start = i
        while (i < to && classOf(text.charCodeAt(i)) === DIGIT) i++
        scan.digits += i - start
        if (n < most) {
          lexical[n] = skeleton[n] = key ^ 35
          kinds[n++] = kind.number
        }
        continue
      }
      if (type === WIDE) {
        scan.wide++
        scan.letters++
        if (n < most) {
          const hash = mix(Math.imul(key ^ c, PRIME))
          lexical[n] = hash
          // Kana and Thai marks are grammar; Han is content unless it is one of the few that are not.
          const isHan = c >= 0x3400 && c < 0xa000
          const keep = isHan ? kept.has(Math.imul(0x811c9dc5 ^ c, PRIME) >>> 0) : c >= 0x3040 && c < 0x30a0
          if (keep) {
            skeleton[n] = hash
            kinds[n++] = kind.kept
          } else if (n > 0 && kinds[n - 1] === kind.masked && skeleton[n - 1] === MASKED + 1) {
            // A run of content characters is one masked word.
            lexical[n - 1] = join(lexical[n - 1]!, hash)
          } else {
            skeleton[n] = MASKED + 1
            kinds[n++] = kind.masked
          }
        }
        i++
        continue
      }
      scan.marks++
      if (ends(c)) {
        scan.sentences++
        if (asks(c)) scan.questions++
      }
      if (n < most) {
        lexical[n] = skeleton[n] = mix(key ^ (c << 8))
        kinds[n++] = kind.mark
      }
      i++
    }
    scan.count = n
    scan.read += to - from
  }
}
