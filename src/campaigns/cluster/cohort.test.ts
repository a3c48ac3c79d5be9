import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../lab/random.ts'
import { cohort } from './cohort.ts'
import { cluster, FROM_MS, group, keepsItsPromise, member, others, withOthers } from '../../../test/support/cluster.ts'
import { DAY_MS } from './view.ts'

test('accounts made on one day, or in one week, when hardly anybody else signed up', () => {
  const day = cohort.test(
    group(() => ({ createdMs: FROM_MS })),
    others,
  )!
  assert.ok(day.logE > Math.log(1e6))
  assert.match(
    day.says,
    /^20 of 20 accounts were made on 2026-05-27, as under 0.1 % of the others were; days in all: 1\.$/,
  )
  const week = cohort.test(
    group((i) => ({ createdMs: (20_601 + (i % 7)) * DAY_MS })),
    others,
  )!
  assert.ok(week.logE > Math.log(1e6))
  assert.match(week.says, /^20 of 20 accounts were made in the week from 2026-05-28, as /)
})

for (const [name, dayOf] of [
  ['over two years', (random: Random) => 20_000 + random.below(600)],
  ['half of them on a launch day', (random: Random) => (random.next() < 0.5 ? 20_500 : 20_000 + random.below(600))],
  ['more and more', (random: Random) => 20_600 - Math.floor(-90 * Math.log(1 - random.next()))],
] as const) {
  test(`people who signed up like everybody, ${name}, are no cohort`, () => {
    const draw = (random: Random) => {
      const own = Array.from({ length: 20 }, () => dayOf(random))
      const rest = Array.from({ length: 500 }, () => dayOf(random))
      const members = own.map((day) => member({ createdMs: day * DAY_MS + 5 }))
      return [cluster(members), withOthers('createdDay', own, rest)] as const
    }
    keepsItsPromise(cohort.test, draw, { seed: name, times: 60 })
  })
}

test('no day known is nothing to say, and two accounts are no cohort', () => {
  assert.equal(
    cohort.test(
      group(() => ({})),
      others,
    ),
    null,
  )
  assert.equal(
    cohort.test(
      group(() => ({ createdMs: FROM_MS }), 2),
      others,
    ),
    null,
  )
})
