import { emptyRoot, fold, HASH_BYTES, leafHash } from './hash.ts'
import { TILE_WIDTH } from './layout.ts'

interface Edge {
  /** The hashes of the tile that is not full yet. */
  readonly hashes: Buffer
  count: number
}

/**
 * The right edge of a Merkle tree: one unfinished tile for each level, which is all that appending and signing need.
 * Holds 8 KiB for each factor of 256 in the log's size.
 */
export class Tree {
  readonly #edges: Edge[] = []
  readonly #full: (level: number, index: number, hashes: Buffer) => void
  readonly #scratch = Buffer.alloc((TILE_WIDTH + 1) * HASH_BYTES)
  size: number

  /** Starts at a multiple of 256, with the hashes of the unfinished tiles from level 1 up. */
  constructor(size: number, edges: readonly Buffer[], full: (level: number, index: number, hashes: Buffer) => void) {
    this.size = size
    this.#full = full
    for (const [at, hashes] of edges.entries()) {
      const edge = this.#edge(at + 1)
      hashes.copy(edge.hashes)
      edge.count = hashes.length / HASH_BYTES
    }
  }

  append(entry: Uint8Array): void {
    const edge = this.#edge(0)
    edge.hashes.write(leafHash(entry), edge.count++ * HASH_BYTES, 'latin1')
    this.size++
    if (edge.count === TILE_WIDTH) this.#carry(0)
  }

  /** The hashes of the unfinished tile at a level. */
  partial(level: number): Buffer {
    const { hashes, count } = this.#edge(level)
    return Buffer.from(hashes.subarray(0, count * HASH_BYTES))
  }

  root(): Buffer {
    let root: Buffer | null = null
    for (const { hashes, count } of this.#edges) {
      if (count === 0) continue
      hashes.copy(this.#scratch, 0, 0, count * HASH_BYTES)
      root?.copy(this.#scratch, count * HASH_BYTES)
      root = fold(this.#scratch, root === null ? count : count + 1)
    }
    return root ?? emptyRoot()
  }

  #carry(level: number): void {
    const edge = this.#edge(level)
    const index = this.size / TILE_WIDTH ** (level + 1) - 1
    this.#full(level, index, Buffer.from(edge.hashes))
    const above = this.#edge(level + 1)
    fold(edge.hashes, TILE_WIDTH).copy(above.hashes, above.count++ * HASH_BYTES)
    edge.count = 0
    if (above.count === TILE_WIDTH) this.#carry(level + 1)
  }

  #edge(level: number): Edge {
    while (this.#edges.length <= level) this.#edges.push({ hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES), count: 0 })
    return this.#edges[level]!
  }
}
