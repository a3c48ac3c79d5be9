import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Gauge } from './calibration.ts'

const score = fc.double({ min: 0, max: 40, noNaN: true })
const scores = fc.array(score, { minLength: 1, maxLength: 60 })
const gauge = (all: readonly number[]): Gauge => new Gauge('pooled', { scores: all })

test('among exchangeable accounts the mean of the evidence is 1, so a level of x is met by one in x at most', () => {
  fc.assert(
    fc.property(scores, (all) => {
      // Whichever of them is the newcomer: leave each out in turn and measure it by the others.
      const evidence = all.map((one, i) => gauge(all.toSpliced(i, 1)).evidence(one))
      for (const level of [1.5, 2, 5, 20]) {
        const reached = evidence.filter((e) => e >= level).length
        assert.ok(reached <= all.length / level + 1e-9, `${reached} of ${all.length} at ${level}`)
      }
    }),
  )
})

test('evidence never exceeds m + 1, is never below 1, and rises with the score', () => {
  fc.assert(
    fc.property(scores, score, score, (all, a, b) => {
      const measured = gauge(all)
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((one) => measured.evidence(one)) as [number, number]
      assert.ok(low >= 1 && low <= high && high <= all.length + 1 + 1e-9)
    }),
  )
})

test('every account that scores high in a calibration takes evidence from whoever comes after', () => {
  fc.assert(
    fc.property(scores, score, (all, one) => {
      const most = Math.max(...all)
      assert.ok(gauge([...all, Math.max(most, one)]).evidence(one) <= gauge(all).evidence(one) + 1e-9)
    }),
  )
})

test('a level has a score exactly where so many accounts can support it', () => {
  const many = gauge(Array.from({ length: 999 }, () => 0))
  assert.ok(many.scoreFor(900) < 17)
  assert.equal(many.scoreFor(1001), Infinity)
  fc.assert(
    fc.property(scores, fc.integer({ min: 2, max: 200 }), (all, level) => {
      const measured = gauge(all)
      const from = measured.scoreFor(level)
      if (from === Infinity) return assert.ok(measured.evidence(40) < level)
      assert.ok(measured.evidence(from) >= level)
      assert.ok(from < 0.02 || measured.evidence(from - 0.02) < level)
    }),
  )
})

test('no accounts support nothing, and honest accounts without any score do not make a small one large', () => {
  assert.equal(gauge([]).evidence(30), 1)
  assert.equal(gauge([]).scoreFor(20), Infinity)
  const silent = gauge(Array.from({ length: 600 }, () => 0))
  assert.ok(silent.evidence(0.5) < 3)
  assert.ok(silent.evidence(12) > 500)
})
