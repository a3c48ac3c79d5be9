import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { scaled } from './decimal.ts'

test('the digits that were written count, and not the binary fraction beside them', () => {
  assert.equal(scaled(1.1, 6), 1_100_000)
  assert.equal(scaled(0.1, 9), 100_000_000)
  assert.equal(scaled(2.675, 3), 2675)
  assert.equal(scaled(1e-7, 9), 100)
  assert.equal(scaled(1e6, 9), 1e15)
  assert.equal(scaled(0, 6), 0)
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(6), (whole, places) => {
      assert.equal(scaled(whole / 10 ** places, places), whole)
    }),
  )
})

test('what would have to be rounded is refused', () => {
  for (const [value, places] of [
    [0.1234567, 6],
    [1e-10, 9],
    [1e21, 0],
    [1e300, 6],
    [1e-300, 6],
    [-1, 6],
    [Number.NaN, 6],
    [Number.POSITIVE_INFINITY, 6],
  ] as const) {
    assert.equal(scaled(value, places), null, String(value))
  }
})
