/**
 * A fixed set of 32-bit hashes that is asked for every token of every prompt: a table with room enough that most questions
 * end at the first look.
 */
export class HashSet {
  readonly #table: Int32Array
  readonly #mask: number

  constructor(hashes: readonly number[]) {
    const size = 1 << Math.ceil(Math.log2(hashes.length * 8 + 8))
    this.#table = new Int32Array(size)
    this.#mask = size - 1
    for (const hash of hashes) {
      if (this.has(hash)) continue
      let at = hash & this.#mask
      while (this.#table[at] !== 0) at = (at + 1) & this.#mask
      this.#table[at] = hash
    }
  }

  /** 0 is never in it. */
  has(hash: number): boolean {
    const table = this.#table
    const mask = this.#mask
    const wanted = hash | 0
    for (let at = wanted & mask; ; at = (at + 1) & mask) {
      const found = table[at]!
      if (found === 0) return false
      if (found === wanted) return true
    }
  }

  /** The first place in `tokens`, from `from` on and before `to`, that holds one of them; -1: none does. */
  indexIn(tokens: Uint32Array, from: number, to: number): number {
    const table = this.#table
    const mask = this.#mask
    for (let i = from; i < to; i++) {
      const wanted = tokens[i]! | 0
      for (let at = wanted & mask, found = table[at]!; found !== 0; at = (at + 1) & mask, found = table[at]!) {
        if (found === wanted) return i
      }
    }
    return -1
  }
}
