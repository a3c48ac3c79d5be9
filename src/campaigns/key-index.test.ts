import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { mix } from '../sketch/hash.ts'
import { HOLDERS, KeyIndex } from './key-index.ts'

const keyOf = (n: number): number => mix(n * 2 + 1) || 1
const NOBODY = 0xffffff

function others(index: KeyIndex, key: number, account = NOBODY): number {
  const slot = index.find(key)
  return slot < 0 ? 0 : index.othersAt(slot, account)
}

test('a key that two accounts hold outlives a flood of keys that one account has made up', () => {
  const index = new KeyIndex({ slots: 1024, seed: 7 })
  const shared = Array.from({ length: 100 }, (_, i) => keyOf(i))
  for (const key of shared) for (const account of [1, 2]) index.add(key, account, 0)
  const held = shared.filter((key) => index.find(key) >= 0)
  // Buckets of eight take nearly all of so few.
  assert.ok(held.length >= 99)
  for (let i = 0; i < 50_000; i++) index.add(keyOf(1_000_000 + i), 3, Math.floor(i / 100))
  for (const key of held) assert.ok(index.find(key) >= 0)
})

test('nothing that is sent makes it larger than its slots', () => {
  const index = new KeyIndex({ slots: 64, seed: 7 })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.nat(50), fc.nat(100_000))), (all) => {
      for (const [key, account, hour] of all) index.add(keyOf(key), account, hour)
      assert.ok(index.size <= 64)
    }),
  )
  for (let i = 0; i < 10_000; i++) index.add(keyOf(i), i, i)
  assert.equal(index.size, 64)
})

test('keys of several accounts make room once nobody has sent them for four weeks', () => {
  const filled = (): KeyIndex => {
    const index = new KeyIndex({ slots: 8, seed: 7 })
    for (let i = 0; i < 6; i++) for (const account of [1, 2]) index.add(keyOf(i), account, 100)
    return index
  }
  const kept = (index: KeyIndex): number => [0, 1, 2, 3, 4, 5].filter((i) => index.find(keyOf(i)) >= 0).length
  const soon = filled()
  const late = filled()
  for (let i = 0; i < 50; i++) {
    soon.add(keyOf(100 + i), 3, 100 + 28 * 24 - 1)
    late.add(keyOf(100 + i), 3, 100 + 28 * 24)
  }
  assert.deepEqual([kept(soon), kept(late)], [6, 0])
})

test('two accounts that send the same made-up keys cannot fill it: what is sent again stays, and newcomers find room', () => {
  const index = new KeyIndex({ slots: 1024, seed: 7 })
  const used = Array.from({ length: 60 }, (_, i) => keyOf(i))
  for (let i = 0; i < 5000; i++) {
    const hour = Math.floor(i / 20)
    for (const account of [1, 2]) index.add(keyOf(1_000_000 + i), account, hour)
    // A campaign sends each of its keys a few times in a day.
    if (i % 2 === 0) index.add(used[(i / 2) % used.length]!, 10 + (i % 7), hour)
  }
  const held = used.filter((key) => others(index, key) >= 2)
  assert.ok(held.length > 45, `${held.length}`)
  index.add(keyOf(77_777), 3, 250)
  assert.ok(index.find(keyOf(77_777)) >= 0)
})

test('accounts are counted once however often they send a key, near the truth up to 60', () => {
  for (const count of [1, 2, 5, 20, 60]) {
    let sum = 0
    const keys = 200
    const index = new KeyIndex({ slots: 4096, seed: 11 })
    for (let i = 0; i < keys; i++) {
      for (let account = 0; account < count; account++)
        for (let times = 0; times < 3; times++) index.add(keyOf(i), account * 17 + 1, 0)
      sum += others(index, keyOf(i))
    }
    const mean = sum / keys
    assert.ok(Math.abs(mean - count) < 0.1 * count + 0.1, `${count}: ${mean}`)
  }
  const index = new KeyIndex({ slots: 8, seed: 1 })
  for (let account = 0; account < 5000; account++) index.add(keyOf(1), account, 0)
  assert.ok(others(index, keyOf(1)) >= 200)
})

test('an account’s own hold is not counted among the others', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (key, seed, account) => {
      const index = new KeyIndex({ slots: 64, seed })
      index.add(keyOf(key), account, 0)
      assert.equal(others(index, keyOf(key), account), 0)
      assert.ok(others(index, keyOf(key), account + 1) <= 1.1)
    }),
  )
})

test('the count of others never falls as accounts come', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 200 }), (accounts) => {
      const index = new KeyIndex({ slots: 8, seed: 3 })
      let before = 0
      for (const account of accounts) {
        index.add(keyOf(5), account, 0)
        const now = others(index, keyOf(5))
        assert.ok(now >= before)
        before = now
      }
    }),
  )
})

test('the latest holders are known by their numbers, each once, and no more of them than there is room for', () => {
  const index = new KeyIndex({ slots: 8, seed: 3 })
  for (const account of [4, 4, 9, 4, 0, 12, 9, 30]) index.add(keyOf(1), account, 0)
  const slot = index.find(keyOf(1))
  const holders = Array.from({ length: HOLDERS }, (_, i) => index.holderAt(slot, i) - 1)
  assert.deepEqual(holders, [30, 12, 0, 9])
  index.add(keyOf(2), 1, 0)
  assert.deepEqual(
    Array.from({ length: HOLDERS }, (_, i) => index.holderAt(index.find(keyOf(2)), i)),
    [2, 0, 0, 0],
  )
})

test('which keys collide depends on the secret', () => {
  const kept = (seed: number): number[] => {
    const index = new KeyIndex({ slots: 64, seed })
    const keys = Array.from({ length: 60 }, (_, i) => keyOf(i))
    for (const key of keys) for (const account of [1, 2]) index.add(key, account, 0)
    return keys.filter((key) => index.find(key) >= 0)
  }
  assert.notDeepEqual(kept(1), kept(2))
})
