import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adjustRunning, eBenjaminiHochberg } from './evidence.ts'

test('e-BH takes the k largest, where the k-th is at least n / (q k)', () => {
  assert.deepEqual(eBenjaminiHochberg([1, 50, 3, 24, 2], 0.1), [1])
  assert.deepEqual(eBenjaminiHochberg([1, 50, 16, 25, 2], 0.1), [1, 3])
  // The second does not reach its own bar, but three together reach theirs.
  assert.deepEqual(eBenjaminiHochberg([17, 18, 19, 1, 1], 0.1), [2, 1, 0])
  assert.deepEqual(eBenjaminiHochberg([9, 9, 9], 0.1), [])
  assert.deepEqual(eBenjaminiHochberg([Infinity, 0], 0.001), [0])
  assert.deepEqual(eBenjaminiHochberg([], 0.1), [])
})

test('an adjusted running maximum is an e-value for the heaviest maximum there is', () => {
  // The maximum of an e-process that is as large as Ville allows: P(M >= x) = 1 / x. The mean is the sum over its quantiles.
  let mean = 0
  const steps = 200_000
  for (let i = 0; i < steps; i++) mean += adjustRunning(steps / (i + 0.5)) / steps
  assert.ok(mean > 0.8 && mean <= 1, `${mean}`)
})

test('it is smooth at 1, rises, and stays infinite at infinity', () => {
  assert.equal(adjustRunning(1), 0.5)
  assert.equal(adjustRunning(0.2), 0.5)
  assert.ok(Math.abs(adjustRunning(1.00101) - adjustRunning(1.00099)) < 1e-5)
  for (let e = 1; e < 1e6; e *= 1.5) assert.ok(adjustRunning(e * 1.5) > adjustRunning(e))
  assert.equal(adjustRunning(Infinity), Infinity)
})
