import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../lab/random.ts'
import { releasePivot } from './release-pivot.ts'
import { altered, cluster, gamma, keepsItsPromise, member, NOW_MS, population } from '../../../test/support/cluster.ts'
import { DAY_MS, HOUR_MS } from './view.ts'

const OLD = 1
const NEW = 2
const released = { model: NEW, atMs: NOW_MS - 20 * HOUR_MS }
const others = (share: number) => population({ releases: [released], modelShare: () => share })
const on = (model: number) =>
  member({
    models: new Map([
      [model, 30],
      [OLD, 5],
    ]),
  })
const group = (moved: number, of: number) => cluster(Array.from({ length: of }, (_, i) => on(i < moved ? NEW : OLD)))

for (const share of [0.02, 0.1, 0.4]) {
  for (const kin of [20, 100, 1e6]) {
    test(`honest members move like the population (${share}), in groups of spread ${kin}`, () => {
      const draw = (random: Random) => {
        const yes = share * gamma(share * kin, random)
        const no = (1 - share) * gamma((1 - share) * kin, random)
        let moved = 0
        for (let i = 0; i < 15; i++) if (random.next() * (yes + no) < yes) moved++
        return [group(moved, 15), others(share)] as const
      }
      keepsItsPromise(releasePivot.test, draw, { seed: `${share} ${kin}`, times: 400 })
    })
  }
}

test('half of a group that moves within a day is evidence where few others do, and none where many do', () => {
  assert.ok(releasePivot.test(group(10, 20), others(0.05))!.logE > Math.log(100))
  assert.ok(releasePivot.test(group(20, 40), others(0.02))!.logE > Math.log(1e3))
  assert.ok(releasePivot.test(group(10, 20), others(0.45))!.logE < Math.log(2))
})

test('newcomers, old releases and small groups are not judged', () => {
  assert.equal(releasePivot.test(group(3, 3), others(0.05)), null)
  const newcomers = cluster(altered(group(10, 10).members, () => ({ firstMs: released.atMs + 1 })))
  assert.equal(releasePivot.test(newcomers, others(0.05)), null)
  const old = population({ releases: [{ model: NEW, atMs: NOW_MS - 3 * DAY_MS }], modelShare: () => 0.05 })
  assert.equal(releasePivot.test(group(10, 10), old), null)
  assert.equal(releasePivot.test(group(10, 10), population({ ...others(0.05), accounts: 12 })), null)
})

test('it says how many moved, the members not counted among the others', () => {
  const { says } = releasePivot.test(group(10, 20), { ...others(0.011), accounts: 1019 })!
  assert.match(says, /^10 of 20 accounts .* released 20 h ago, as 0\.2 % of the others did\.$/)
})
