import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { Prover } from './proof.ts'
import { entryOf, fill, testLog } from './testing.ts'
import { leafHash, merkleRoot, verifyConsistency, verifyInclusion } from './verify-tree.ts'

const data = testLog()
after(() => data.remove())
const SIZE = 66_000
const { log } = data.open()
fill(log, 1, SIZE - 1, 4096)
const prover = new Prover(data.folder, SIZE)

test('the writer, the prover and the recursive definition give the same root', () => {
  const small = testLog()
  const made = small.open().log
  fill(made, 1, 699)
  const hashes = Array.from({ length: 699 }, (_, i) => leafHash(entryOf(i + 1)))
  const own = new Prover(small.folder, 700)
  // The first entry names the key, which is another one each time: its hash is taken from its tile.
  const leaf0 = own.inclusion(1)[0]!
  assert.deepEqual(made.root(), merkleRoot([leaf0, ...hashes]))
  assert.deepEqual(own.root(), made.root())
  for (const size of [1, 2, 3, 255, 256, 257, 511, 513, 699]) {
    assert.deepEqual(own.root(size), merkleRoot([leaf0, ...hashes.slice(0, size - 1)]), `at ${size}`)
  }
  small.remove()
})

test('every entry of a log of three levels can be proven, with 17 hashes at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: SIZE - 1 }), (index) => {
      const proof = prover.inclusion(index)
      assert.ok(proof.length <= 17)
      assert.ok(verifyInclusion(leafHash(entryOf(index)), index, SIZE, proof, log.root()))
      assert.equal(verifyInclusion(leafHash(entryOf(index + 1)), index, SIZE, proof, log.root()), false)
    }),
  )
})

test('every older size is shown to be what the log starts with', () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: 0, max: SIZE }), fc.constantFrom(1, 256, 65_536, SIZE)), (first) => {
      const proof = prover.consistency(first)
      const root = prover.root(first)
      assert.ok(verifyConsistency(first, SIZE, proof, root, log.root()), `from ${first}`)
      if (first > 0) assert.equal(verifyConsistency(first, SIZE, proof, leafHash(root), log.root()), false)
    }),
  )
})

test('what is not in the log cannot be asked of it', () => {
  for (const index of [-1, SIZE, 0.5, Number.NaN]) assert.throws(() => prover.inclusion(index), /has no entry/)
  assert.throws(() => prover.consistency(SIZE + 1), /not 66001 yet/)
})
