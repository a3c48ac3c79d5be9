import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cover, type Coverage, covered, gain, mergeCoverage, startCoverage } from './coverage.ts'
import { mix } from './hash.ts'

const SIZE = 8

const of = (things: readonly number[]): Coverage => {
  const map = startCoverage(SIZE)
  for (const thing of things) cover(map, mix(thing))
  return map
}

const things = fc.array(fc.nat(5000), { maxLength: 400 })

test('it counts different things, not how often, to within a few of a hundred', () => {
  for (const count of [0, 1, 10, 100, 300, 600]) {
    const once = of(Array.from({ length: count }, (_, i) => i))
    const often = of(Array.from({ length: count * 3 }, (_, i) => i % Math.max(1, count)).slice(0, count * 3))
    assert.equal(covered(often), covered(once))
    assert.ok(Math.abs(covered(once) - count) <= 2 + count * 0.2, `${count}: ${covered(once)}`)
  }
})

test('minima of many hashes, which crowd low numbers, are spread over all cells', () => {
  const map = startCoverage(SIZE)
  for (let i = 0; i < 200; i++) cover(map, mix(i) >>> 6)
  assert.ok(covered(map) > 160, String(covered(map)))
})

test('only the first of its cell is new', () => {
  const map = startCoverage(SIZE)
  assert.ok(cover(map, 7))
  assert.ok(!cover(map, 7))
})

test('a union does not depend on the order, and what one adds is the growth of the union', () => {
  fc.assert(
    fc.property(things, things, things, (a, b, c) => {
      const left = of(a)
      mergeCoverage(left, of(b))
      mergeCoverage(left, of(c))
      const right = of(c)
      const added = gain(of(a), right)
      const before = covered(right)
      mergeCoverage(right, of(a))
      assert.ok(Math.abs(covered(right) - before - added) < 1e-9)
      mergeCoverage(right, of(b))
      assert.deepEqual(left.words, right.words)
      assert.equal(gain(of(a), left), 0)
    }),
  )
})

test('a full map says a number', () => {
  const map = of(Array.from({ length: 100_000 }, (_, i) => i))
  assert.ok(Number.isFinite(covered(map)) && covered(map) > 1000)
})

test('it keeps to its own words of a larger array', () => {
  const words = new Uint32Array(SIZE + 4)
  for (let i = 0; i < 2000; i++) cover({ words, at: 2, size: SIZE }, mix(i))
  assert.deepEqual([words[0], words[1], words[SIZE + 2], words[SIZE + 3]], [0, 0, 0, 0])
})
