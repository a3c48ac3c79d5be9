import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logCounts, logGamma, logMean, shapeOf } from './likelihood.ts'

test('the gamma function, from close to zero to large numbers', () => {
  let logFactorial = 0
  for (let n = 1; n < 200; n++) {
    assert.ok(Math.abs(logGamma(n) - logFactorial) < 1e-11 * Math.max(1, logFactorial), `${n}`)
    logFactorial += Math.log(n)
  }
  for (const x of [1e-8, 1e-3, 0.2, 0.49, 0.7, 29.9, 30.1]) {
    assert.ok(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x)) < 1e-9, `${x}`)
  }
  assert.ok(Math.abs(logGamma(0.5) - Math.log(Math.PI) / 2) < 1e-12)
})

test('the chances of all orders of counts add up to one', () => {
  const shape = [0.5, 0.3, 0.2]
  for (const spread of [0.5, 4, 1e3, Infinity]) {
    let sum = 0
    for (let a = 0; a <= 6; a++) {
      for (let b = 0; a + b <= 6; b++) {
        const counts = [a, b, 6 - a - b]
        const orders = logGamma(7) - counts.reduce((all, n) => all + logGamma(n + 1), 0)
        sum += Math.exp(orders + logCounts(counts, shape, spread))
      }
    }
    assert.ok(Math.abs(sum - 1) < 1e-9, `${spread}: ${sum}`)
  }
})

test('means of logarithms do not overflow', () => {
  assert.ok(Math.abs(logMean([1000, 1000 + Math.log(3)]) - (1000 + Math.log(2))) < 1e-12)
  assert.ok(Math.abs(logMean([0, Math.log(5)], [3, 1]) - Math.log(2)) < 1e-12)
  assert.equal(logMean([-Infinity, -Infinity]), -Infinity)
})

test('no shape holds anything to be impossible', () => {
  assert.deepEqual([...shapeOf([0, 0])], [0.5, 0.5])
  assert.deepEqual([...shapeOf([4, 0])], [0.99, 0.01])
})
