import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Pace } from './pace.ts'

const first = (): number => 0

test('before anything was heard a decoy is as fast as a middling model', () => {
  assert.deepEqual(new Pace().draw(true, first), { firstMs: 600, perChunkMs: 20 })
})

test('afterwards it is as fast as one of the last real answers of its kind', () => {
  const pace = new Pace()
  pace.hear({ stream: true, firstMs: 250, lastMs: 1250, chunks: 100 })
  pace.hear({ stream: false, firstMs: 3000, lastMs: 3000, chunks: 0 })
  assert.deepEqual(pace.draw(true, first), { firstMs: 250, perChunkMs: 10 })
  assert.deepEqual(pace.draw(false, first), { firstMs: 3000, perChunkMs: 0 })
})

test('whatever is heard, the tempo is one that a client can wait for, and old answers are forgotten', () => {
  const times = fc.double({ min: -1e9, max: 1e9, noNaN: true })
  const heard = fc.record({ stream: fc.boolean(), firstMs: times, lastMs: times, chunks: fc.nat() })
  fc.assert(
    fc.property(fc.array(heard), fc.nat(63), (all, n) => {
      const pace = new Pace()
      for (const one of all) pace.hear(one)
      const { firstMs, perChunkMs } = pace.draw(true, (below) => n % below)
      assert.ok(firstMs >= 0 && firstMs <= 15_000 && perChunkMs >= 0 && perChunkMs <= 500)
    }),
  )
  const pace = new Pace()
  pace.hear({ stream: true, firstMs: 9000, lastMs: 9000, chunks: 1 })
  for (let i = 0; i < 64; i++) pace.hear({ stream: true, firstMs: 100, lastMs: 100, chunks: 1 })
  for (let i = 0; i < 64; i++) assert.equal(pace.draw(true, () => i).firstMs, 100)
})
