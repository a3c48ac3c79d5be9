import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../lab/random.ts'
import { cluster, gamma, keepsItsPromise, member, poisson, population } from '../../../test/support/cluster.ts'
import { workQueue } from './work-queue.ts'

const logEOf = (shared: number, expected: number): number | undefined =>
  workQueue.test(cluster([member(), member()], { texts: { shared, expected } }), population())?.logE

for (const [name, rate] of [
  ['as often as expected', () => 1],
  ['half as often', () => 0.5],
  ['half as often, give or take half', (random: Random) => 0.5 * gamma(4, random)],
  ['as often, in some groups hardly ever', (random: Random) => gamma(2, random)],
] as const) {
  for (const expected of [6, 20, 60]) {
    test(`strangers share texts ${name}, where ${expected} are expected`, () => {
      const draw = (random: Random) =>
        [cluster([], { texts: { shared: poisson(expected * rate(random), random), expected } }), population()] as const
      keepsItsPromise(workQueue.test, draw, { seed: `${name} ${expected}`, times: 1000 })
    })
  }
}

test('no text in common is evidence where many are expected, and a few in common are still some', () => {
  assert.ok(logEOf(0, 20)! > Math.log(20))
  assert.ok(logEOf(0, 60)! > Math.log(500))
  assert.ok(logEOf(2, 60)! > Math.log(20))
  assert.ok(logEOf(20, 60)! < 0)
  for (let shared = 1; shared < 30; shared++) assert.ok(logEOf(shared, 30)! < logEOf(shared - 1, 30)!)
})

test('it says nothing where nobody knows what to expect, or little is expected', () => {
  assert.equal(workQueue.test(cluster([]), population()), null)
  assert.equal(logEOf(0, 3), undefined)
})

test('it says what was expected', () => {
  const says = (shared: number) =>
    workQueue.test(cluster([member()], { texts: { shared, expected: 30 } }), population())?.says
  assert.match(says(0)!, /no text in common, where 30 are expected/)
  assert.match(says(3)!, /3 texts in common/)
})
