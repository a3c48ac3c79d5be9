/**
 * Long runs of what people do not read: base64, hexadecimal, binary, Morse. It says that they are there, not what for:
 * keys in PEM, source maps and fonts are found like anything else. Not counted are images in data: URLs that begin as
 * such images do, tokens (JWT), addresses, and lists of hashes and identifiers.
 *
 * A run is met at one of the units `STRIDE` apart and then followed both ways, so plain text costs a word every STRIDE
 * units. Whoever breaks his payload into shorter pieces is not found: `escapes.ts` and this set a price, not a barrier.
 */
import { isInAddress } from './escapes.ts'

/** Less than the shortest run and the shortest line of a wrapped one. */
const STRIDE = 60

const MIN_BASE64 = 200
/** A line this long may be continued on the next: PEM has 64, MIME 76. */
const MIN_LINE = 60
/** Blanks between wrapped lines, such as YAML's indentation. */
const MAX_INDENT = 16

const MIN_HEX = 256
const MIN_BITS = 200
const MIN_MORSE = 200
const MIN_MORSE_GROUPS = 40

/** How long a part of an address or a whole token may be. */
const MAX_REACH = 2048

const UPPER = 1
const LOWER = 2
const DIGIT = 4
const BASE64 = 8
const HEX = 16
/** What spelled-out bytes, bits and Morse are made of, blanks among it. */
const SPELLING = 32

const flags = Uint8Array.from({ length: 128 }, (_, unit) => {
  const char = String.fromCharCode(unit)
  return (
    (char >= 'A' && char <= 'Z' ? UPPER | BASE64 : 0) |
    (char >= 'a' && char <= 'z' ? LOWER | BASE64 : 0) |
    (char >= '0' && char <= '9' ? DIGIT | BASE64 : 0) |
    ('+/=_-'.includes(char) ? BASE64 : 0) |
    ('0123456789abcdefABCDEF'.includes(char) ? HEX | SPELLING : 0) |
    ('.-/ \n\r'.includes(char) ? SPELLING : 0)
  )
})

const flagsOf = (unit: number): number => (unit < 128 ? flags[unit]! : 0)

/** Encoded runs in one window after another of a prompt. */
export class Encoded {
  found = false
  /** Whether an image ran up to the end of the last window of the same text. */
  #imageCut = false
  /** Where the window begins. */
  #from = 0
  /** Whether the last run stood in an address, and where it ended. */
  #addressed = false
  #addressEnd = 0

  #upper = 0
  #lower = 0
  #digits = 0
  #units = 0
  #turns = 0
  /** Which of the 64 were met; a few share a bit. */
  #seenLow = 0
  #seenHigh = 0

  /** Starts on a text. */
  start(): void {
    this.#imageCut = false
  }

  /** Looks at the units of a window. */
  read(text: string, from: number, to: number): void {
    const continued = this.#imageCut
    this.#imageCut = false
    this.#from = this.#addressEnd = from
    this.#addressed = false
    let done = from
    // Runs that are spelled out overlap with those of base64, so each has its own mark.
    let spelled = from
    for (let i = Math.min(from + STRIDE, to) - 1; i < to; i += STRIDE) {
      const flag = flagsOf(text.charCodeAt(i))
      if ((flag & BASE64) !== 0 && i >= done) done = this.#base64(text, i, done, to, continued && done === from)
      if ((flag & SPELLING) !== 0 && i >= spelled) spelled = this.#spelling(text, i, spelled, to)
    }
  }

  /** Follows a run of base64 over its lines; gives its end. */
  #base64(text: string, at: number, from: number, to: number, continued: boolean): number {
    let start = at
    while (start > from && (flagsOf(text.charCodeAt(start - 1)) & BASE64) !== 0) start--
    let end = this.#endOf(text, at, to)
    if (end - start < MIN_LINE) return end
    this.#upper = this.#lower = this.#digits = this.#units = this.#turns = this.#seenLow = this.#seenHigh = 0
    this.#count(text, start, end)
    for (let line = end - start; line >= MIN_LINE;) {
      const next = nextLine(text, end, to)
      const nextEnd = next < 0 ? -1 : this.#endOf(text, next, to)
      line = nextEnd - next
      if (next < 0 || line === 0) break
      this.#count(text, next, nextEnd)
      end = nextEnd
    }
    if (this.#units < MIN_BASE64 || !this.#isMixed()) return end
    if (isImage(text, start) || (continued && start === from)) {
      this.#imageCut = end === to
      return end
    }
    // No further back than the run before, so that no unit is looked at over and over.
    this.#addressed = isInAddress(text, start, this.#addressEnd) ?? this.#addressed
    this.#addressEnd = end
    // Addresses have an end; what goes on beyond that only begins like one.
    if (
      end - start <= MAX_REACH &&
      (this.#addressed || isToken(text, start, Math.max(this.#from, start - MAX_REACH), to))
    )
      return end
    this.found = true
    return end
  }

  #endOf(text: string, at: number, to: number): number {
    let end = at
    while (end < to && (flagsOf(text.charCodeAt(end)) & BASE64) !== 0) end++
    return end
  }

  #count(text: string, from: number, to: number): void {
    let last = 0
    for (let i = from; i < to; i++) {
      const unit = text.charCodeAt(i)
      const kind = flags[unit]! & (UPPER | LOWER | DIGIT)
      if (kind === UPPER) this.#upper++
      else if (kind === LOWER) this.#lower++
      else if (kind === DIGIT) this.#digits++
      if (kind !== last) this.#turns++
      last = kind
      if (unit < 0x50) this.#seenLow |= 1 << (unit & 31)
      else this.#seenHigh |= 1 << (unit & 31)
    }
    this.#units += to - from
  }

  /** Large and small letters and digits in the disorder of base64, which no names joined together have. */
  #isMixed(): boolean {
    const units = this.#units
    return (
      this.#upper * 100 >= units * 15 &&
      this.#lower * 100 >= units * 10 &&
      this.#digits * 100 >= units * 3 &&
      this.#turns * 100 >= units * 38 &&
      bits(this.#seenLow) + bits(this.#seenHigh) >= 20
    )
  }

  /** Follows a run of bytes, bits or Morse that are spelled out; gives its end. */
  #spelling(text: string, at: number, from: number, to: number): number {
    let start = at
    while (start > from && (flagsOf(text.charCodeAt(start - 1)) & SPELLING) !== 0) start--
    let end = at + 1
    while (end < to && (flagsOf(text.charCodeAt(end)) & SPELLING) !== 0) end++
    if (end - start >= MIN_BITS && isSpelledOut(text, start, end)) this.found = true
    return end
  }
}

function bits(word: number): number {
  let count = 0
  for (let left = word; left !== 0; left &= left - 1) count++
  return count
}

/** Where the run goes on after a line break, as it is or as a JSON string has it; -1 where it does not. */
function nextLine(text: string, end: number, to: number): number {
  let at = end
  if (text.charCodeAt(at) === 0x5c && text.charCodeAt(at + 1) === 0x6e) at += 2
  else {
    if (text.charCodeAt(at) === 0x0d) at++
    if (text.charCodeAt(at) !== 0x0a) return -1
    at++
  }
  for (let i = 0; i < MAX_INDENT && text.charCodeAt(at) === 0x20; i++) at++
  return at < to ? at : -1
}

/** How PNG, JPEG, GIF, WebP and BMP begin. SVG is text, and encoded text is what is looked for. */
const images = ['iVBORw0KGgo', '/9j/', 'R0lGOD', 'UklGR', 'Qk']

function isImage(text: string, start: number): boolean {
  if (!text.startsWith(';base64,', start - 8)) return false
  const label = text.slice(Math.max(0, start - 40), start)
  return label.includes('data:image/') && images.some((image) => text.startsWith(image, start))
}

/** Whether a run belongs to three parts joined by dots of which the first is a JSON object: a JWT (RFC 7519). */
function isToken(text: string, at: number, from: number, to: number): boolean {
  let start = at
  for (let before = 0; start > from && isTokenUnit(text.charCodeAt(start - 1)); start--) {
    if (text.charCodeAt(start - 1) === 0x2e && ++before > 2) return false
  }
  if (!text.startsWith('eyJ', start)) return false
  let dots = 0
  let end = start
  for (const most = Math.min(to, start + MAX_REACH); end < most && isTokenUnit(text.charCodeAt(end)); end++) {
    if (text.charCodeAt(end) === 0x2e) dots++
  }
  return dots === 2 && end - start < MAX_REACH
}

const isTokenUnit = (unit: number): boolean => unit === 0x2e || (flagsOf(unit) & BASE64) !== 0

/** Whether a run of digits, a to f, dots, dashes and blanks is bytes, bits or Morse. */
function isSpelledOut(text: string, start: number, end: number): boolean {
  let groups = 0
  let group = 0
  let longest = 0
  let zeros = 0
  let ones = 0
  let letters = 0
  let digits = 0
  let dots = 0
  let dashes = 0
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i)
    // Morse has a slash between words.
    if (unit <= 0x20 || unit === 0x2f) {
      group = 0
      continue
    }
    if (group++ === 0) groups++
    if (group > longest) longest = group
    if (unit === 0x30) zeros++
    else if (unit === 0x31) ones++
    else if (unit === 0x2e) dots++
    else if (unit === 0x2d) dashes++
    else if (unit < 0x3a) digits++
    else letters++
  }
  const signs = dots + dashes
  const binary = zeros + ones
  const hex = binary + digits + letters
  const all = signs + hex
  if (signs * 100 >= all * 95) {
    return end - start >= MIN_MORSE && groups >= MIN_MORSE_GROUPS && signs <= groups * 6 && balanced(dots, dashes)
  }
  if (binary * 100 >= all * 98) return binary >= MIN_BITS && binary >= groups * 5 && balanced(zeros, ones)
  // Spelled by the byte or in one piece; identifiers and hashes in lists are neither, and numbers have no letters.
  const inBytes = hex * 100 >= groups * 190 && hex * 100 <= groups * 210
  const isHex = hex * 100 >= all * 98 && letters * 25 >= hex && letters * 4 <= hex * 3
  return isHex && ((inBytes && hex >= MIN_HEX) || longest >= MIN_HEX)
}

/** Neither of two is rare. */
const balanced = (one: number, other: number): boolean => Math.min(one, other) * 6 >= one + other
