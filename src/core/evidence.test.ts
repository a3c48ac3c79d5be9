import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { adjustRunning, eBenjaminiHochberg, excessLogE, softRank } from './evidence.ts'

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

test('the soft-rank e-values of exchangeable scores have mean 1, whatever the scores are', () => {
  const scores = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(scores, (all) => {
      const sum = all.reduce((a, b) => a + b, 0)
      fc.pre(sum > 1e-300)
      // Each of them in turn is the newcomer; the mean over who it is stands for the chance.
      const mean = all.reduce((total, one) => total + softRank(one, sum - one, all.length - 1) / all.length, 0)
      assert.ok(Math.abs(mean - 1) < 1e-6, `${mean}`)
    }),
  )
})

test('a soft rank never exceeds m + 1, and rises with the score', () => {
  const score = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
  fc.assert(
    fc.property(score, score, fc.double({ min: 0, max: 1e12, noNaN: true }), fc.nat(10_000), (a, b, sum, m) => {
      assert.ok(softRank(a, sum, m) <= (m + 1) * (1 + 1e-12))
      assert.ok(softRank(Math.min(a, b), sum, m) <= softRank(Math.max(a, b), sum, m) * (1 + 1e-12))
    }),
  )
})

test('the excess of a Poisson count is an e-value under its expectation', () => {
  for (const expected of [0.01, 0.5, 3, 20]) {
    let logProbability = -expected
    let mean = 0
    for (let count = 0; count < 2000; count++) {
      mean += Math.exp(logProbability + excessLogE(count, expected))
      logProbability += Math.log(expected / (count + 1))
    }
    assert.ok(mean > 0.99 && mean < 1.01, `${expected}: ${mean}`)
  }
})

test('an excess rises with the count and falls with what was expected', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0.001, max: 1000, noNaN: true }), (count, expected) => {
      assert.ok(excessLogE(count + 1, expected) > excessLogE(count, expected))
      assert.ok(excessLogE(count, expected * 1.1) < excessLogE(count, expected))
    }),
  )
})
