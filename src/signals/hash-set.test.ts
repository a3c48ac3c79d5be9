import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { HashSet } from './hash-set.ts'

test('it has what was put in, whatever the sign, and nothing else', () => {
  const hash = fc.oneof(
    fc.integer({ min: 1, max: 0xffffffff }),
    fc.integer({ min: 1, max: 40 }).map((n) => n * 0x10000),
  )
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 200 }), fc.array(hash), (inside, asked) => {
      const set = new HashSet(inside)
      for (const one of inside) assert.ok(set.has(one) && set.has(one | 0))
      for (const one of asked) assert.equal(set.has(one), inside.includes(one))
      assert.ok(!set.has(0))
    }),
  )
})
