import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PhraseTable } from './phrase-table.ts'

const table = new PhraseTable([[5], [1, 2, 3], [1, 2, -7], [0xffffffff, 4]])
const isIn = (tokens: readonly number[], count = tokens.length): boolean => table.isIn(Uint32Array.from(tokens), count)

test('a phrase is found at the start, in the middle and at the end, whatever the sign of its numbers', () => {
  for (const tokens of [
    [1, 2, 3, 9],
    [9, 5, 9],
    [9, 1, 2, 3],
    [1, 1, 2, -7],
    [9, -1, 4],
  ])
    assert.ok(isIn(tokens), tokens.join(' '))
  for (const tokens of [[], [1, 2], [1, 2, 9, 3], [4, 9], [3, 2, 1]]) assert.ok(!isIn(tokens), tokens.join(' '))
})

test('what an earlier text has left behind the end is not read', () => {
  assert.ok(!isIn([9, 1, 2, 3], 3))
  assert.ok(!isIn([9, 5], 1))
})
