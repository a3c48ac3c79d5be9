import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { samples } from './extract.samples.ts'
import { Words } from './words.ts'

const wordsOf = (pieces: readonly string[], most = Infinity, key = 7): readonly number[] => {
  const words = new Words(key)
  const found: number[] = []
  const keep = (word: number): void => void found.push(word)
  for (const piece of pieces) words.feed(piece, most, keep)
  words.end(keep)
  return found
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

test('no more is read than allowed, and the cut ends a word', () => {
  assert.deepEqual(wordsOf(['one two three'], 6), wordsOf(['one tw']))
  assert.deepEqual(wordsOf(['one two', 'three'], 5), wordsOf(['one t three']))
})

test('another key gives other words', () => {
  const own = new Set(wordsOf([samples['german']!]))
  assert.ok(wordsOf([samples['german']!], Infinity, 8).every((word) => !own.has(word)))
})
