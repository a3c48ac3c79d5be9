import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Tallies } from './tallies.ts'

const MOST = 150

test('tallies count like a map, up to a number of keys, and go through a snapshot', () => {
  const step = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 300 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1500 }), (steps) => {
      const tallies = new Tallies(MOST)
      const expected = new Map<number, [number, number]>()
      for (const [isFirst, n] of steps) {
        const key = Math.imul(n, 0x9e3779b1) >>> 0
        const known = expected.get(key)
        if (isFirst) tallies.addFirst(key)
        else tallies.addSecond(key)
        if (known !== undefined) known[isFirst ? 0 : 1]++
        else if (isFirst && expected.size < MOST) expected.set(key, [1, 0])
      }
      const read = new Tallies(MOST)
      read.load(structuredClone(tallies.save()))
      for (const one of [tallies, read]) {
        assert.equal(one.size, expected.size)
        for (let n = 1; n <= 300; n++) {
          const key = Math.imul(n, 0x9e3779b1) >>> 0
          const place = one.find(key)
          const counts = place < 0 ? undefined : [one.firstAt(place), one.secondAt(place)]
          assert.deepEqual(counts, expected.get(key))
        }
      }
    }),
    { numRuns: 50 },
  )
})
