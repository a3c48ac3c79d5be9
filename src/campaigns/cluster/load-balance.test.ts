import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../lab/random.ts'
import { loadBalance } from './load-balance.ts'
import {
  altered,
  cluster,
  fleet,
  HOURS,
  keepsItsPromise,
  people,
  population,
  rhythms,
  withHours,
} from '../../../test/support/cluster.ts'
import { HOUR_MS, type MemberView } from './view.ts'

const logEOf = (members: readonly MemberView[]): number | undefined =>
  loadBalance.test(cluster(members), population())?.logE

for (const rhythm of Object.keys(rhythms) as (keyof typeof rhythms)[]) {
  for (const [of, perHour] of [
    [6, 2],
    [20, 8],
  ] as const) {
    test(`${of} honest users of the rhythm "${rhythm}" are no fleet`, () => {
      const draw = (random: Random) => [cluster(people(rhythm, of, perHour, random)), population()] as const
      keepsItsPromise(loadBalance.test, draw, { seed: `${rhythm} ${of}`, times: 60 })
    })
  }
}

test('users who all work at their hourly limit are equal for that reason', () => {
  const draw = (random: Random) => {
    const members = altered(people('bursty', 12, 60, random), ({ hourly }) => ({
      hourly: hourly.map((count) => Math.min(40, count)),
      hourLimit: 40,
    }))
    // Half of the hours are at the limit for nearly everybody, the other half are free.
    for (const { hourly } of members) for (let hour = 0; hour < HOURS; hour += 2) hourly[hour] = 40 - random.below(2)
    return [cluster(members), population()] as const
  }
  keepsItsPromise(loadBalance.test, draw, { seed: 'capped', times: 60 })
})

test('where a limit cuts off most of the group, the rest is no sample of people', () => {
  const members = altered(people('even', 20, 70, createRandom('cut')), ({ hourly }) => ({
    hourly: hourly.map((count) => Math.min(60, count)),
    hourLimit: 60,
  }))
  assert.ok(members.filter(({ hourly }) => hourly.every((count) => count < 54)).length >= 5)
  assert.equal(logEOf(members), undefined)
})

test('a dispatcher is seen, the better the larger its fleet', () => {
  const random = createRandom('dispatcher')
  assert.ok(logEOf(fleet(10, 8, random))! > Math.log(1e3))
  assert.ok(logEOf(fleet(20, 8, random))! > Math.log(1e8))
  // Even at one exchange an hour each: over a day it shows.
  assert.ok(logEOf(fleet(20, 1, random))! > Math.log(1e3))
})

test('accounts that one queue feeds in turn are more even than chance, which is no way out', () => {
  const inTurn = Array.from({ length: 12 }, () => withHours(Array.from({ length: HOURS }, () => 10)))
  assert.ok(logEOf(inTurn)! > Math.log(1e4))
})

test('honest rates for each account, hour by hour, hide a fleet', () => {
  const random = createRandom('disguised')
  assert.ok(logEOf(people('bursty', 20, 8, random))! < 0)
})

test('members that come or go within a block, stopped ones and small groups are not judged by it', () => {
  const random = createRandom('edges')
  assert.equal(logEOf(fleet(4, 10, random)), undefined)
  const { nowMs, hourlyFromMs } = cluster([])
  const shortLived = altered(fleet(10, 10, random), () => ({ firstMs: nowMs - HOUR_MS / 2 }))
  assert.equal(logEOf(shortLived), undefined)
  const stops = Array.from({ length: HOURS }, (_, hour) => hourlyFromMs + hour * HOUR_MS)
  assert.equal(logEOf(altered(fleet(10, 10, random), () => ({ stops }))), undefined)
})

test('it says how even they are', () => {
  const counts = Array.from({ length: HOURS }, () => 0)
  counts[0] = 20
  const says = loadBalance.test(cluster(Array.from({ length: 6 }, () => withHours(counts))), population())?.says
  assert.match(says!, /6 accounts made 20 exchanges each, give or take 0 %; honest users differ by 50 % or more/)
})
