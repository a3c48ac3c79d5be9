import { PRIME } from '../sketch/hash.ts'
import { mix32 } from '../sketch/hash32.ts'
import * as chars from './classes.ts'

// Imported names are looked up at each use; see `scan.ts`.
const { classes, fold } = chars
const { wide: WIDE, digit: DIGIT, lower: LOWER, upper: UPPER } = chars.unit
const FNV_PRIME = PRIME
const mixed = mix32

/**
 * Words of a text that comes in pieces, as keyed hashes: runs of letters and digits, and single characters in scripts
 * without spaces. Marks, spaces and case are passed over, so a quotation is found whatever its layout. Where a piece ends
 * makes no difference.
 */
export class Words {
  readonly #key: number
  #hash: number
  #isOpen = false

  constructor(key: number) {
    this.#key = key | 0
    this.#hash = this.#key
  }

  /** Reads at most `most` units of a piece; what is behind them is as if it were not there. */
  feed(piece: string, most: number, each: (word: number) => void): void {
    const to = Math.min(piece.length, most)
    const key = this.#key
    let hash = this.#hash
    let isOpen = this.#isOpen
    for (let i = 0; i < to; i++) {
      const c = piece.charCodeAt(i)
      const type = classes[c]!
      if (type >= LOWER || type === DIGIT) {
        hash = Math.imul(hash ^ (type === UPPER ? fold(c) : c), FNV_PRIME)
        isOpen = true
        continue
      }
      if (isOpen) {
        each(mixed(hash))
        hash = key
        isOpen = false
      }
      if (type === WIDE) each(mixed(Math.imul(key ^ c, FNV_PRIME)))
    }
    this.#hash = hash
    this.#isOpen = isOpen
    if (to < piece.length) this.end(each)
  }

  /** The text ends here; the next piece begins another one. */
  end(each: (word: number) => void): void {
    if (this.#isOpen) each(mix32(this.#hash))
    this.#hash = this.#key
    this.#isOpen = false
  }
}

/** 32 bits of a deployment's secret, of which there are at least 4 bytes. */
export const keyOf = (secret: Uint8Array): number =>
  (secret[0]! | (secret[1]! << 8) | (secret[2]! << 16) | (secret[3]! << 24)) >>> 0
