import { hash } from 'node:crypto'

/**
 * Hashing of RFC 9162, section 2.1.1, for the writer; the verifier has its own. Digests come as latin1 strings because
 * making a string of 32 characters costs a third of making a Buffer, and there are two of them for each entry.
 */
export const HASH_BYTES = 32

const MAX_ENTRY_BYTES = 65_535
const leaf = Buffer.alloc(1 + MAX_ENTRY_BYTES)
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

export function leafHash(entry: Uint8Array): string {
  leaf.set(entry, 1)
  return hash('sha256', leaf.subarray(0, 1 + entry.length), 'latin1')
}

export const emptyRoot = (): Buffer => hash('sha256', '', 'buffer')

/**
 * The root over `count` hashes that stand one after the other, of which the last may stand for a smaller subtree. Joining
 * neighbours and carrying an odd last one up gives the tree of the RFC. Uses `hashes` as its scratch pad.
 */
export function fold(hashes: Buffer, count: number): Buffer {
  let left = count
  while (left > 1) {
    let out = 0
    for (let at = 0; at + 1 < left; at += 2) {
      hashes.copy(pair, 1, at * HASH_BYTES, (at + 2) * HASH_BYTES)
      hashes.write(hash('sha256', pair, 'latin1'), out++ * HASH_BYTES, 'latin1')
    }
    if (left % 2 === 1) hashes.copyWithin(out++ * HASH_BYTES, (left - 1) * HASH_BYTES, left * HASH_BYTES)
    left = out
  }
  return Buffer.from(hashes.subarray(0, HASH_BYTES))
}
