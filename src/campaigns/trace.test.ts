import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RUN_SIZES } from './member-row.ts'
import { KEYS_EACH, SAYINGS } from './sizes.ts'
import { Members } from './members.ts'
import { RING, type Trace } from './trace.ts'

const keys = (...all: readonly number[]): Uint32Array => Uint32Array.from({ length: KEYS_EACH }, (_, i) => all[i] ?? 0)
const none = [0, 0, 0] as const
const fresh = (): Trace => new Members().join([]).trace

test('the ring holds the latest prompts, and grows no further', () => {
  const trace = fresh()
  for (let i = 1; i <= 100; i++) trace.push(keys(i), none)
  assert.equal(trace.held, RING)
  const held = Array.from({ length: RING }, (_, place) => trace.keyAt(place, 0))
  assert.deepEqual(
    held.toSorted((a, b) => a - b),
    Array.from({ length: RING }, (_, i) => 101 - RING + i),
  )
  assert.equal(RUN_SIZES[trace.ringSize], RING * (KEYS_EACH + SAYINGS + 1))
})

test('a place that is taken anew starts with nothing known of it', () => {
  const trace = fresh()
  for (let i = 0; i < RING; i++) {
    const place = trace.push(keys(i + 1), none)
    trace.mark(place, 300, 50, true)
  }
  const place = trace.push(keys(99), none)
  assert.deepEqual(
    [trace.strengthAt(place), trace.shadeAt(place), trace.isPlain(place), trace.lastStrength],
    [0, 0, false, 0],
  )
})

test('what was noted of prompts stays as the ring grows', () => {
  const trace = fresh()
  for (let i = 0; i < RING; i++) {
    const place = trace.push(keys(i + 1, 7), [i, i, i])
    trace.mark(place, i + 1, 0, false)
  }
  for (let i = 0; i < RING; i++) {
    assert.deepEqual([trace.strengthAt(i), trace.keyAt(i, 0), trace.sayingsIn(i)[2]], [i + 1, i + 1, i])
  }
})

test('two prompts are alike by one key in one place, and what is missing is like nothing', () => {
  const trace = fresh()
  for (const one of [keys(1, 2), keys(3, 2), keys(2, 1), keys()]) trace.push(one, none)
  assert.equal(trace.alike(0, 1), true)
  assert.equal(trace.alike(0, 2), false)
  assert.equal(trace.alike(3, 3), false)
  assert.ok(Math.abs(trace.likeness(0) - 1 / 3) < 1e-9)
  assert.equal(trace.share(1, 2), 0.5)
})

test('likeness and share are parts of the ring, whatever is sent', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 60 }), (all) => {
      const trace = fresh()
      for (const one of all) {
        const place = trace.push(keys(...one), none)
        const likeness = trace.likeness(place)
        assert.ok(likeness >= 0 && likeness <= 1)
        if (one[0] > 0) assert.ok(trace.share(0, one[0]) >= 1 / trace.held && trace.share(0, one[0]) <= 1)
      }
    }),
  )
})

test('cells are counted in each window anew, by numbers that fit a byte, in bounded room', () => {
  const trace = fresh()
  const seen = new Map<number, number>()
  for (let i = 0; i < 40; i++) {
    const cell = 8 * (i % 5) + 1
    seen.set(cell, (seen.get(cell) ?? 0) + 1)
    assert.equal(trace.countCell(cell), seen.get(cell))
  }
  const counted = new Map<number, number>()
  trace.eachCell((cell, count) => counted.set(cell, count))
  assert.deepEqual(counted, seen)
  trace.turnWindow()
  let left = 0
  trace.eachCell(() => left++)
  assert.deepEqual([left, trace.formWindow], [0, 1])
  assert.equal(trace.countCell(1), 1)
  for (let i = 0; i < 10_000; i++) trace.countCell(i * 8 + 1)
  let room = 0
  trace.eachCell(() => room++)
  assert.ok(room <= 256)
})
