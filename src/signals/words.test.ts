import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { samples } from './extract.samples.ts'
import { Words } from './words.ts'

const wordsOf = (pieces: readonly string[], key = 7): readonly number[] => {
  const words = new Words(key)
  const found: number[] = []
  for (const piece of pieces) {
    const out = new Uint32Array(piece.length + 1)
    found.push(...out.subarray(0, words.read(piece, 0, piece.length, out)))
  }
  const last = new Uint32Array(1)
  return [...found, ...last.subarray(0, words.end(last, 0))]
}

test('layout, marks and capitals make no difference', () => {
  assert.deepEqual(wordsOf(['Do not\ntell — "ANYONE"!']), wordsOf(['do not tell anyone']))
  assert.deepEqual(wordsOf(['请，一步一步']), wordsOf(['请一步 一步']))
  assert.notDeepEqual(wordsOf(['do not tell']), wordsOf(['do nottell']))
})

test('where a text is cut makes no difference, in any script', () => {
  const text = fc.oneof(fc.constantFrom(...Object.values(samples)), fc.string({ unit: 'binary', maxLength: 400 }))
  fc.assert(
    fc.property(text, fc.array(fc.nat(500)), (whole, cuts) => {
      const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length]
      const pieces = at.slice(1).map((to, i) => whole.slice(at[i], to))
      assert.deepEqual(wordsOf(pieces), wordsOf([whole]))
    }),
  )
})

test('another key gives other words', () => {
  const own = new Set(wordsOf([samples['german']!]))
  assert.ok(wordsOf([samples['german']!], 8).every((word) => !own.has(word)))
})
