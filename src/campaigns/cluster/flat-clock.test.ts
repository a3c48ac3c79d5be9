import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../lab/random.ts'
import { AROUND_THE_CLOCK, KIN } from './assumptions.ts'
import { flatClock } from './flat-clock.ts'
import { cluster, fleet, gamma, keepsItsPromise, people, population } from '../../../test/support/cluster.ts'
import type { ClusterView, PopulationView } from './view.ts'

const logEOf = (group: ClusterView, others: PopulationView = population()): number | undefined =>
  flatClock.test(group, others)?.logE

for (const [rhythm, of, perHour] of [
  ['daily', 6, 0.5],
  ['daily', 20, 2],
  ['office', 10, 2],
] as const) {
  test(`${of} people with ${perHour} exchanges an hour and the rhythm "${rhythm}" have a night`, () => {
    const draw = (random: Random) => [cluster(people(rhythm, of, perHour, random)), population()] as const
    keepsItsPromise(flatClock.test, draw, { seed: `${rhythm} ${of}`, times: 40 })
  })
}

test('some of an honest group may be jobs that run around the clock', () => {
  const draw = (random: Random) => {
    const yes = AROUND_THE_CLOCK * gamma(AROUND_THE_CLOCK * KIN, random)
    const no = (1 - AROUND_THE_CLOCK) * gamma((1 - AROUND_THE_CLOCK) * KIN, random)
    const jobs = Array.from({ length: 8 }, () => random.next() * (yes + no) < yes).filter(Boolean).length
    return [
      cluster([...people('even', jobs, 3, random), ...people('daily', 8 - jobs, 3, random)]),
      population(),
    ] as const
  }
  keepsItsPromise(flatClock.test, draw, { seed: 'jobs', times: 60 })
})

test('a fleet without a night is seen, even where each account has made a few exchanges only', () => {
  const random = createRandom('fleet')
  assert.ok(logEOf(cluster(fleet(10, 5, random)))! > Math.log(300))
  assert.ok(logEOf(cluster(fleet(200, 0.1, random)))! > Math.log(500))
})

test('five honest jobs are no miracle, so five flat accounts are no proof', () => {
  assert.ok(logEOf(cluster(fleet(5, 30, createRandom('five'))))! < Math.log(1000))
})

test('where the population has no night, nobody needs one', () => {
  const flat = population({ day24: new Float64Array(24).fill(1) })
  assert.ok(logEOf(cluster(fleet(20, 5, createRandom('flat'))), flat)! <= Math.log(2))
})

test('it says how quiet the night is, and nothing of a handful of exchanges', () => {
  const random = createRandom('says')
  assert.match(
    flatClock.test(cluster(fleet(20, 5, random)), population())!.says,
    /hold 2[45] % .* population it is 4.7 %/,
  )
  assert.equal(logEOf(cluster(fleet(4, 5, random))), undefined)
  assert.equal(logEOf(cluster(fleet(10, 0.02, random))), undefined)
})
