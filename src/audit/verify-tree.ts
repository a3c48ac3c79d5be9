import { hash } from 'node:crypto'

/** Part of the verifier: the hashing and the proofs of RFC 9162, section 2.1, written from the text of the RFC. */
const LEAF = Buffer.of(0)
const node = Buffer.alloc(65)
node[0] = 1

export const leafHash = (entry: Uint8Array): Buffer => hash('sha256', Buffer.concat([LEAF, entry]), 'buffer')

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1)
  node.set(right, 33)
  return hash('sha256', node, 'buffer')
}

/** 2.1.1: the Merkle tree hash of a list of hashes, by its recursive definition. */
export function merkleRoot(hashes: readonly Uint8Array[]): Buffer {
  if (hashes.length === 0) return hash('sha256', '', 'buffer')
  if (hashes.length === 1) return Buffer.from(hashes[0]!)
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return nodeHash(merkleRoot(hashes.slice(0, split)), merkleRoot(hashes.slice(split)))
}

/** 2.1.3.2. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index >= size) return false
  let [fn, sn] = [BigInt(index), BigInt(size - 1)]
  let hashed: Buffer = Buffer.from(leaf)
  for (const step of proof) {
    if (sn === 0n) return false
    if (fn % 2n === 1n || fn === sn) {
      hashed = nodeHash(step, hashed)
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n]
    } else hashed = nodeHash(hashed, step)
    ;[fn, sn] = [fn >> 1n, sn >> 1n]
  }
  return sn === 0n && hashed.equals(root)
}

/** 2.1.4.2, with the cases of an equal and of an empty first tree that it leaves to the caller. */
export function verifyConsistency(
  first: number,
  second: number,
  proof: readonly Uint8Array[],
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
): boolean {
  if (first > second) return false
  if (first === second) return proof.length === 0 && Buffer.from(firstRoot).equals(secondRoot)
  if (first === 0) return proof.length === 0 && merkleRoot([]).equals(firstRoot)
  const isPowerOfTwo = (BigInt(first) & (BigInt(first) - 1n)) === 0n
  const path = isPowerOfTwo ? [firstRoot, ...proof] : proof
  if (path.length === 0) return false
  let [fn, sn] = [BigInt(first - 1), BigInt(second - 1)]
  while (fn % 2n === 1n) [fn, sn] = [fn >> 1n, sn >> 1n]
  let fr: Buffer = Buffer.from(path[0]!)
  let sr = fr
  for (const step of path.slice(1)) {
    if (sn === 0n) return false
    if (fn % 2n === 1n || fn === sn) {
      ;[fr, sr] = [nodeHash(step, fr), nodeHash(step, sr)]
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n]
    } else sr = nodeHash(sr, step)
    ;[fn, sn] = [fn >> 1n, sn >> 1n]
  }
  return fr.equals(firstRoot) && sr.equals(secondRoot) && sn === 0n
}

const WIDTH = 256
const BYTES = 32

/**
 * The tree over entries that come one after the other, as tiles: at each level the hashes that are not yet under one of
 * the level above. Says of each tile what it must hold.
 */
export class Tiles {
  readonly #levels: { readonly hashes: Buffer; count: number; tiles: number }[] = []
  readonly #leaf = Buffer.alloc(1 + 65_535)
  readonly #pair = Buffer.alloc(1 + 2 * BYTES, 1)
  readonly #scratch = Buffer.alloc((WIDTH + 1) * BYTES)
  readonly #expect: (level: number, index: number, hashes: Buffer) => void

  constructor(expect: (level: number, index: number, hashes: Buffer) => void) {
    this.#expect = expect
  }

  add(entry: Uint8Array): void {
    this.#leaf.set(entry, 1)
    this.#put(0, hash('sha256', this.#leaf.subarray(0, 1 + entry.length), 'latin1'))
  }

  /** Says what the unfinished tiles hold, too. */
  end(): void {
    for (const [level, { hashes, count, tiles }] of this.#levels.entries()) {
      if (count > 0) this.#expect(level, tiles, hashes.subarray(0, count * BYTES))
    }
  }

  /** The root over everything that was added. */
  root(): Buffer {
    let below: Buffer | null = null
    for (const { hashes, count } of this.#levels) {
      if (count === 0) continue
      const all: Buffer[] = Array.from({ length: count }, (_, at) => hashes.subarray(at * BYTES, (at + 1) * BYTES))
      // What is left of the level below covers less than one hash here: it is the last leaf of the tree at this level.
      below = merkleRoot(below === null ? all : [...all, below])
    }
    return below ?? merkleRoot([])
  }

  #put(level: number, digest: string): void {
    if (this.#levels.length === level) this.#levels.push({ hashes: Buffer.alloc(WIDTH * BYTES), count: 0, tiles: 0 })
    const tile = this.#levels[level]!
    tile.hashes.write(digest, tile.count++ * BYTES, 'latin1')
    if (tile.count < WIDTH) return
    this.#expect(level, tile.tiles++, tile.hashes)
    tile.count = 0
    this.#put(level + 1, this.#rootOfFull(tile.hashes))
  }

  /** A full tile is a perfect tree: pairs, pairs of pairs, and so on. */
  #rootOfFull(hashes: Buffer): string {
    hashes.copy(this.#scratch)
    let digest = ''
    for (let count = WIDTH; count > 1; count /= 2) {
      for (let at = 0; at < count; at += 2) {
        this.#scratch.copy(this.#pair, 1, at * BYTES, (at + 2) * BYTES)
        digest = hash('sha256', this.#pair, 'latin1')
        this.#scratch.write(digest, (at / 2) * BYTES, 'latin1')
      }
    }
    return digest
  }
}
