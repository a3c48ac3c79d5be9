import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KIN } from './assumptions.ts'
import { logGamma } from './likelihood.ts'
import { shareLogE } from './share.ts'

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

/** The exact mean of e where the count has this law. */
function meanOf(of: number, share: number, logChance: (count: number) => number): number {
  let mean = 0
  for (let count = 0; count <= of; count++) mean += Math.exp(logChance(count) + shareLogE(count, of, share))
  return mean
}

const shares = [0.001, 0.02, 0.1, 0.3, 0.55, 0.8, 0.95]
const sizes = [4, 10, 50, 200]

test('for related honest members the mean is 1', () => {
  for (const of of sizes) {
    for (const share of shares) {
      const [yes, no] = [KIN * share, KIN * (1 - share)]
      const mean = meanOf(of, share, (k) => logChoose(of, k) + logBeta(k + yes, of - k + no) - logBeta(yes, no))
      assert.ok(Math.abs(mean - 1) < 1e-9, `${of} ${share}: ${mean}`)
    }
  }
})

test('for unrelated ones, and for a smaller share than was said, it is no more', () => {
  for (const of of sizes) {
    for (const share of shares) {
      for (const part of [1, 0.7, 0.2]) {
        const p = share * part
        const mean = meanOf(of, share, (k) => logChoose(of, k) + k * Math.log(p) + (of - k) * Math.log1p(-p))
        assert.ok(mean <= 1 + 1e-9, `${of} ${share} ${part}: ${mean}`)
      }
    }
  }
})

test('it grows with the count, and ends at 1 where everybody does it', () => {
  for (let count = 1; count <= 20; count++) assert.ok(shareLogE(count, 20, 0.05) > shareLogE(count - 1, 20, 0.05))
  assert.ok(shareLogE(20, 20, 0.05) > Math.log(1e9))
  assert.equal(shareLogE(20, 20, 1), 0)
  assert.equal(shareLogE(0, 0, 0.5), 0)
})
