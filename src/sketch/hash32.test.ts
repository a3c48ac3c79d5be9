import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { join, mix, PRIME } from './hash.ts'
import { join32, joinPart, joinTo, mix32, step32 } from './hash32.ts'

const bits = fc.integer({ min: -0x80000000, max: 0xffffffff })

test('the signed functions give the same bits as the unsigned ones', () => {
  fc.assert(
    fc.property(bits, bits, (a, b) => {
      assert.equal(mix32(a) >>> 0, mix(a))
      assert.equal(join32(a, b) >>> 0, join(a, b))
      assert.equal(joinTo(a | 0, joinPart(b | 0)) >>> 0, join(a, b))
      assert.equal(step32(a, b), Math.imul(a ^ b, PRIME))
    }),
  )
})
