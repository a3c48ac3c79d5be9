import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RING, Trace } from './trace.ts'

const EACH = 3
const keys = (...all: readonly number[]): Uint32Array => Uint32Array.from({ length: EACH }, (_, i) => all[i] ?? 0)
const none = [0, 0, 0] as const

test('the ring holds the latest prompts, and grows no further', () => {
  const trace = new Trace(1, EACH)
  for (let i = 1; i <= 100; i++) trace.push(keys(i), none)
  assert.equal(trace.held, RING)
  const held = Array.from({ length: RING }, (_, place) => trace.keys[place * EACH]!)
  assert.deepEqual(
    held.toSorted((a, b) => a - b),
    Array.from({ length: RING }, (_, i) => 101 - RING + i),
  )
  assert.equal(trace.keys.length, RING * EACH)
})

test('a place that is taken anew starts with nothing known of it', () => {
  const trace = new Trace(1, EACH)
  for (let i = 0; i < RING; i++) {
    const place = trace.push(keys(i + 1), none)
    trace.strength[place] = 300
    trace.shade[place] = 50
    trace.plain[place] = 1
  }
  const place = trace.push(keys(99), none)
  assert.deepEqual([trace.strength[place], trace.shade[place], trace.plain[place], trace.lastStrength], [0, 0, 0, 0])
})

test('what was noted of prompts stays as the ring grows', () => {
  const trace = new Trace(1, EACH)
  for (let i = 0; i < RING; i++) {
    const place = trace.push(keys(i + 1, 7), [i, i, i])
    trace.strength[place] = i + 1
  }
  for (let i = 0; i < RING; i++) {
    assert.deepEqual([trace.strength[i], trace.keys[i * EACH], trace.sayings[i * 3 + 2]], [i + 1, i + 1, i])
  }
})

test('two prompts are alike by one key in one place, and what is missing is like nothing', () => {
  const trace = new Trace(1, EACH)
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
      const trace = new Trace(1, EACH)
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
  const trace = new Trace(1, EACH)
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
