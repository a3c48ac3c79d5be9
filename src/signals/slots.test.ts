import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  addMoment,
  addToBin,
  binOf,
  binSlots,
  countOf,
  deviationOf,
  isRecent,
  meanOf,
  nameHash,
  ramp,
  shareOf,
  sinceStamp,
  slotsOf,
  stamp,
  tally,
} from './slots.ts'

const fresh = () => slotsOf(new ArrayBuffer(64))

test('a tally knows a share, and forgets what was once', () => {
  const slots = fresh()
  for (let i = 0; i < 1000; i++) tally(slots, 2, i % 4 === 0)
  assert.ok(Math.abs(shareOf(slots, 2) - 0.25) < 0.01)
  assert.ok(countOf(slots, 2) <= 512)
  for (let i = 0; i < 2000; i++) tally(slots, 2, true)
  assert.ok(shareOf(slots, 2) > 0.95)
  assert.equal(shareOf(fresh(), 0), 0)
})

test('moments are the mean and the deviation of what was added', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 2, maxLength: 400 }),
      (values) => {
        const slots = fresh()
        for (const value of values) addMoment(slots, 1, value)
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
        assert.ok(Math.abs(meanOf(slots, 1) - mean) < 0.1)
        assert.ok(Math.abs(deviationOf(slots, 1) - Math.sqrt(square)) < 0.5)
      },
    ),
  )
})

test('the last four different hashes are recent, a fifth pushes the oldest out', () => {
  const slots = fresh()
  const said = [1, 2, 3, 4, 1, 5, 2, 1].map((hash) => isRecent(slots, 3, hash))
  assert.deepEqual(said, [false, false, false, false, true, false, false, true])
})

test('bins keep their proportions when they are full, and do not spill into each other', () => {
  const slots = fresh()
  for (let i = 0; i < 3000; i++) addToBin(slots, 1, 8, i % 3 === 0 ? 3 : 4)
  assert.ok(Math.abs(binOf(slots, 1, 4) / binOf(slots, 1, 3) - 2) < 0.2)
  for (const bin of [0, 1, 2, 5, 6, 7]) assert.equal(binOf(slots, 1, bin), 0)
  assert.equal(slots.u[0], 0)
  assert.equal(slots.u[1 + binSlots(8)], 0)
})

test('a time as 32 bits tells gaps of weeks', () => {
  const then = 1_760_000_000_123
  for (const gapMs of [0, 1, 60_000, 40 * 86_400_000]) assert.equal(sinceStamp(then + gapMs, stamp(then)), gapMs)
  assert.notEqual(stamp(2 ** 32), 0)
})

test('a ramp goes up or down between its ends, and a name is never 0', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((x) => ramp(x, 1, 3)),
    [0, 0, 0.5, 1, 1],
  )
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((x) => ramp(x, 3, 1)),
    [1, 1, 0.5, 0, 0],
  )
  fc.assert(fc.property(fc.string(), (name) => nameHash(name) > 0))
})
