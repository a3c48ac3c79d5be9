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

  /** Reads the units from `from` to `to` of a piece; how many words it has written to `out`, at most one a unit and one more. */
  read(piece: string, from: number, to: number, out: Uint32Array): number {
    const key = this.#key
    let hash = this.#hash
    let isOpen = this.#isOpen
    let count = 0
    for (let i = from; i < to; i++) {
      const c = piece.charCodeAt(i)
      const type = classes[c]!
      if (type >= LOWER || type === DIGIT) {
        hash = Math.imul(hash ^ (type === UPPER ? fold(c) : c), FNV_PRIME)
        isOpen = true
        continue
      }
      if (isOpen) {
        out[count++] = mixed(hash)
        hash = key
        isOpen = false
      }
      if (type === WIDE) out[count++] = mixed(Math.imul(key ^ c, FNV_PRIME))
    }
    this.#hash = hash
    this.#isOpen = isOpen
    return count
  }

  /** The text ends here: how many words that makes, 0 or 1, written to `out` at `at`. */
  end(out: Uint32Array, at: number): number {
    const isOpen = this.#isOpen
    if (isOpen) out[at] = mixed(this.#hash)
    this.#hash = this.#key
    this.#isOpen = false
    return isOpen ? 1 : 0
  }
}

/** 32 bits of a deployment's secret, of which there are at least 4 bytes. */
export const keyOf = (secret: Uint8Array): number =>
  (secret[0]! | (secret[1]! << 8) | (secret[2]! << 16) | (secret[3]! << 24)) >>> 0
