import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fold, HASH_BYTES } from './hash.ts'
import { TILE_WIDTH, tilePath } from './layout.ts'

/**
 * Proofs of RFC 9162 (2.1.3.1 and 2.1.4.1), made from the tiles of a log of a given size. Reads a handful of files,
 * however long the log is. Throws where one is missing: a log that is being written may have moved on.
 */
export class Prover {
  readonly #folder: string
  readonly size: number
  readonly #tiles = new Map<string, Buffer>()

  constructor(folder: string, size: number) {
    this.#folder = folder
    this.size = size
  }

  root(size: number = this.size): Buffer {
    return size === 0 ? hash('sha256', '', 'buffer') : this.#range(0, size)
  }

  /** The siblings from the entry up to the root. */
  inclusion(index: number): readonly Buffer[] {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.size) {
      throw new Error(`the log has no entry ${index}: it holds ${this.size}`)
    }
    const proof: Buffer[] = []
    let [start, end] = [0, this.size]
    while (end - start > 1) {
      const split = start + splitOf(end - start)
      if (index < split) {
        proof.unshift(this.#range(split, end))
        end = split
      } else {
        proof.unshift(this.#range(start, split))
        start = split
      }
    }
    return proof
  }

  /** That the first `first` entries are what they were. */
  consistency(first: number): readonly Buffer[] {
    if (first > this.size) throw new Error(`the log has ${this.size} entries, and not ${first} yet`)
    if (first === 0 || first === this.size) return []
    const proof: Buffer[] = []
    let [start, end] = [0, this.size]
    // The verifier knows the old root: it needs no node that is the whole old tree.
    let isWhole = true
    while (first !== end) {
      const split = start + splitOf(end - start)
      if (first <= split) {
        proof.unshift(this.#range(split, end))
        end = split
      } else {
        proof.unshift(this.#range(start, split))
        start = split
        isWhole = false
      }
    }
    if (!isWhole) proof.unshift(this.#range(start, end))
    return proof
  }

  /** The hash over entries from `start` to before `end`, where `start` is a multiple of the tree under it. */
  #range(start: number, end: number): Buffer {
    const count = end - start
    const split = splitOf(count)
    if (count > 1 && split * 2 !== count) {
      return fold(Buffer.concat([this.#range(start, start + split), this.#range(start + split, end)]), 2)
    }
    // A perfect tree: some neighbours in one tile, at the highest level that has them.
    let [level, width] = [0, count]
    for (; width >= TILE_WIDTH; width /= TILE_WIDTH) level++
    const at = start / TILE_WIDTH ** level
    const tile = this.#tile(level, Math.floor(at / TILE_WIDTH))
    const first = (at % TILE_WIDTH) * HASH_BYTES
    return fold(Buffer.from(tile.subarray(first, first + width * HASH_BYTES)), width)
  }

  #tile(level: number, index: number): Buffer {
    const width = Math.min(TILE_WIDTH, Math.floor(this.size / TILE_WIDTH ** level) - index * TILE_WIDTH)
    const path = tilePath(level, index, width)
    let tile = this.#tiles.get(path)
    if (tile === undefined) {
      tile = readFileSync(join(this.#folder, path))
      if (tile.length !== width * HASH_BYTES) throw new Error(`${path} does not hold ${width} hashes`)
      if (this.#tiles.size >= MAX_TILES) this.#tiles.clear()
      this.#tiles.set(path, tile)
    }
    return tile
  }
}

/** 8 KiB each. */
const MAX_TILES = 1024

/** The largest power of two below a count. */
function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}
