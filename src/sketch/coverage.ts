import { mix } from './hash.ts'

/**
 * How many different things were seen, as a bitmap of hashed cells (linear counting): what one account has covered, what a
 * group has covered together (the union), and what one adds to the others (the marginal gain). Counts up to about five
 * times as many things as there are bits. Maps of one size merge in any order.
 */
export interface Coverage {
  /** A power of two of 32-bit words, from `at` on. */
  readonly words: Uint32Array
  readonly at: number
  readonly size: number
}

export const startCoverage = (size: number): Coverage => ({ words: new Uint32Array(size), at: 0, size })

/** Marks the cell of a hash; whether it is a new one, which is what an answer to it adds. */
export function cover({ words, at, size }: Coverage, hash: number): boolean {
  // Minima of many hashes crowd low numbers.
  const bit = mix(hash) & (size * 32 - 1)
  const word = at + (bit >>> 5)
  const mask = 1 << (bit & 31)
  if ((words[word]! & mask) !== 0) return false
  words[word]! |= mask
  return true
}

/** Different things seen, about. */
export function covered(map: Coverage): number {
  const cells = map.size * 32
  return counted(cells, bitsOf(map))
}

/** What `one` has seen that `others` have not; to be asked before it is merged into them. */
export function gain(one: Coverage, others: Coverage): number {
  const cells = one.size * 32
  let together = 0
  for (let i = 0; i < one.size; i++) together += ones(one.words[one.at + i]! | others.words[others.at + i]!)
  return Math.max(0, counted(cells, together) - covered(others))
}

export function mergeCoverage(into: Coverage, from: Coverage): void {
  for (let i = 0; i < into.size; i++) into.words[into.at + i]! |= from.words[from.at + i]!
}

/** A full map has lost count: it says what it would with one cell left. */
const counted = (cells: number, set: number): number => -cells * Math.log(Math.max(1, cells - set) / cells)

function bitsOf({ words, at, size }: Coverage): number {
  let set = 0
  for (let i = 0; i < size; i++) set += ones(words[at + i]!)
  return set
}

function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
