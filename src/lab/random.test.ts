import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createRandom, hash32 } from './random.ts'

const draws = (seed: string | number, n: number): number[] => {
  const random = createRandom(seed)
  return Array.from({ length: n }, () => random.next())
}

test('a seed gives the same stream every time, and another seed another', () => {
  assert.deepEqual(draws('a', 100), draws('a', 100))
  assert.notDeepEqual(draws('a', 100), draws('b', 100))
  assert.deepEqual(draws(7, 5), draws('7', 5), 'a number is the text it is written as')
})

test('the stream is pinned, so that recorded runs stay reproducible', () => {
  assert.deepEqual(
    draws('pinned', 3).map((value) => value.toFixed(12)),
    ['0.793900134455', '0.691552192351', '0.008232830115'],
  )
})

test('draws are in range and about even', () => {
  const random = createRandom('even')
  const counts = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 100_000; i++) {
    const value = random.next()
    assert.ok(value >= 0 && value < 1)
    counts[random.below(10)]!++
  }
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, `${count}`)
})

test('below and pick stay inside, whatever the size', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 0x1_0000_0000 }), (seed, n) => {
      const random = createRandom(seed)
      const value = random.below(n)
      assert.ok(Number.isSafeInteger(value) && value >= 0 && value < n)
      assert.ok(['x', 'y', 'z'].includes(random.pick(['x', 'y', 'z'])))
    }),
  )
})

test('a fork does not depend on what was drawn before it, and differs by label', () => {
  const fresh = createRandom('s')
  const used = createRandom('s')
  for (let i = 0; i < 10; i++) used.next()
  assert.equal(used.fork('a').next(), fresh.fork('a').next())
  assert.notEqual(fresh.fork('a').next(), fresh.fork('b').next())
})

test('the hash is an unsigned 32-bit number that depends on text and salt', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer(), (text, salt) => {
      const hash = hash32(text, salt)
      assert.ok(Number.isInteger(hash) && hash >= 0 && hash <= 0xffff_ffff)
      assert.equal(hash, hash32(text, salt))
    }),
  )
  const seen = new Set(Array.from({ length: 20_000 }, (_, i) => hash32(`word ${i}`)))
  assert.ok(seen.size > 19_990, 'collisions are rare')
  assert.notEqual(hash32('a', 1), hash32('a', 2))
})
