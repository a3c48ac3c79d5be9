/**
 * Letters written as escapes, of which honest text has few in a row: %48%65, \x48\x65, \u0048\u0065, &#72;&#101;.
 * Escapes that programs write by themselves do not count: percent signs for bytes beyond ASCII in an address, \u for
 * characters beyond ASCII in JSON.
 */

/** Escapes that count, with no more than a few units of plain text between them. */
const RUN = 40
const MAX_GAP = 2

/** Digits of an entity, the semicolon behind them included. */
const MAX_DIGITS = 8

/** Pairs of ASCII units, as `first * 128 + second`, that an escape begins with. */
export const escapePairs: readonly number[] = [
  ...Array.from('0123456789abcdefABCDEF', (digit) => 0x25 * 128 + digit.charCodeAt(0)),
  0x5c * 128 + 0x78,
  0x5c * 128 + 0x75,
  0x26 * 128 + 0x23,
]

/** Runs of escapes in one window after another. */
export class Escapes {
  found = false
  #run = 0
  #end = -9
  /** Whether the last percent sign's escape stood in an address. */
  #addressed = false
  #percentEnd = 0

  /** Starts on a window. */
  start(from: number): void {
    this.#run = 0
    this.#end = -9
    this.#addressed = false
    this.#percentEnd = from
  }

  /** Reads what may be an escape at `at`, where one of the pairs stands. */
  read(text: string, at: number): void {
    const first = text.charCodeAt(at)
    let width = 0
    let counts = false
    if (first === 0x25) {
      const code = hexAt(text, at + 1, 2)
      if (code < 0) return
      width = 3
      // No further back than the escape before, so that no unit is looked at twice.
      this.#addressed = isInAddress(text, at, this.#percentEnd) ?? this.#addressed
      this.#percentEnd = at + width
      counts = isLetterOrDigit(code) || (code > 0x7f && !this.#addressed)
    } else if (first === 0x5c) {
      if (text.charCodeAt(at + 1) === 0x78) {
        if (hexAt(text, at + 2, 2) < 0) return
        width = 4
        counts = true
      } else {
        const code = hexAt(text, at + 2, 4)
        if (code < 0) return
        width = 6
        counts = isLetterOrDigit(code) || isInvisible(code)
      }
    } else {
      const code = entityAt(text, at)
      if (code < 0) return
      width = text.indexOf(';', at) + 1 - at
      counts = isLetterOrDigit(code)
    }
    if (at - this.#end > MAX_GAP) this.#run = 0
    this.#end = at + width
    if (counts && ++this.#run >= RUN) this.found = true
  }
}

/** The number in so many hexadecimal digits; -1 where there are others. */
function hexAt(text: string, at: number, digits: number): number {
  let code = 0
  for (let i = at; i < at + digits; i++) {
    const digit = hexDigit(text.charCodeAt(i))
    if (digit < 0) return -1
    code = code * 16 + digit
  }
  return code
}

function hexDigit(unit: number): number {
  if (unit > 0x2f && unit < 0x3a) return unit - 0x30
  const small = unit | 0x20
  return small > 0x60 && small < 0x67 ? small - 0x57 : -1
}

/** The code of &#72; or &#x48; at `at`; -1 where there is none. */
function entityAt(text: string, at: number): number {
  const isHex = (text.charCodeAt(at + 2) | 0x20) === 0x78
  const start = at + (isHex ? 3 : 2)
  let code = 0
  for (let end = start; end < start + MAX_DIGITS; end++) {
    const unit = text.charCodeAt(end)
    if (unit === 0x3b) return end > start ? code : -1
    const digit = hexDigit(unit)
    if (digit < 0 || (!isHex && digit > 9)) return -1
    code = code * (isHex ? 16 : 10) + digit
  }
  return -1
}

/**
 * Whether what stands at `at` belongs to an address such as https://de.wikipedia.org/wiki/...; null where `from` does not
 * reach back to what it begins with.
 */
export function isInAddress(text: string, at: number, from: number): boolean | null {
  for (let i = at - 1; i >= from; i--) {
    const unit = text.charCodeAt(i)
    if (unit <= 0x20 || unit === 0x22 || unit === 0x27 || unit === 0x3c || unit === 0x3e || unit > 0x7e) return false
    if (unit === 0x2f && text.charCodeAt(i - 1) === 0x2f && text.charCodeAt(i - 2) === 0x3a) return true
  }
  return null
}

/** Zero-width and directional characters, selectors, and the first half of tags. */
const isInvisible = (code: number): boolean =>
  (code > 0x200a && code < 0x2010) ||
  (code > 0x2029 && code < 0x202f) ||
  (code > 0x205f && code < 0x2070) ||
  (code > 0xfdff && code < 0xfe10) ||
  code === 0xdb40 ||
  code === 0xfeff

const isLetterOrDigit = (code: number): boolean =>
  (code > 0x60 && code < 0x7b) || (code > 0x40 && code < 0x5b) || (code > 0x2f && code < 0x3a)
