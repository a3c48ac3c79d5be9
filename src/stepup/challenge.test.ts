import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { solve, wrongFor } from '../../test/support/solve.ts'
import { Challenges, leadingZeroBits, solves, type Challenge } from './challenge.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const LIFE_MS = 600_000
const secretOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const challenges = new Challenges(secretOf(7))
const issue = (account = 'acme', bits = 8, nowMs = NOW, used: readonly string[] = []): Challenge =>
  challenges.issue(account, bits, LIFE_MS, new Set(used), nowMs)
const read = (text: string, account = 'acme', nowMs = NOW, by = challenges) => by.read(text, account, LIFE_MS, nowMs)

test('a challenge is read as it was made, for its account alone, by its own deployment alone', () => {
  const made = issue()
  assert.deepEqual(read(made.text), made)
  assert.equal(read(made.text, 'acme2'), 'invalid')
  assert.equal(read(made.text, 'key:acme'), 'invalid')
  assert.equal(read(made.text, 'acme', NOW, new Challenges(secretOf(8))), 'invalid')
  assert.equal(made.text.includes('acme'), false, 'it does not say whose it is')
})

test('the same one is given again until half of its life has gone, and then another; a used one never', () => {
  const start = Math.ceil(NOW / 300_000) * 300_000
  const first = issue('acme', 8, start)
  assert.deepEqual(issue('acme', 8, start + 299_999), first)
  const next = issue('acme', 8, start + 300_000)
  assert.notEqual(next.nonce, first.nonce)
  const second = issue('acme', 8, start, [first.nonce])
  assert.notEqual(second.nonce, first.nonce)
  const third = issue('acme', 8, start, [second.nonce, first.nonce])
  assert.equal(new Set([first, next, second, third].map(({ nonce }) => nonce)).size, 4)
  assert.notEqual(issue('other', 8, start).nonce, first.nonce)
})

test('it can be answered for as long as was said at least, by our clock, and not twice as long', () => {
  fc.assert(
    fc.property(fc.integer({ min: NOW, max: NOW + 10 * LIFE_MS }), (atMs) => {
      const made = issue('acme', 8, atMs)
      const livesMs = made.expiresAtMs - atMs
      assert.ok(livesMs > LIFE_MS && livesMs <= LIFE_MS * 1.5, String(livesMs))
      assert.notEqual(read(made.text, 'acme', made.expiresAtMs - 1), 'expired')
      assert.equal(read(made.text, 'acme', made.expiresAtMs), 'expired')
      // A clock of ours that was far ahead when it was made.
      assert.equal(read(made.text, 'acme', atMs - 2 * LIFE_MS), 'expired')
    }),
  )
})

test('a challenge that is changed anywhere is none', () => {
  const { text } = issue()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n'
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(...alphabet.split('')), fc.nat(2), (at, char, how) => {
      const changed =
        how === 0
          ? text.slice(0, at) + char + text.slice(at + 1)
          : how === 1
            ? text.slice(0, at) + char + text.slice(at)
            : text.slice(0, at) + text.slice(at + 1)
      fc.pre(changed !== text)
      assert.equal(read(changed), 'invalid')
    }),
    { numRuns: 3000 },
  )
})

test('what was never a challenge is none, however long', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
      assert.equal(read(text), 'invalid')
    }),
  )
  assert.equal(read(`wc1.${'A'.repeat(10_000_000)}`), 'invalid')
})

test('fewer bits, or another end, cannot be written into a challenge', () => {
  const [, tag, , expires, nonce, mac] = issue('acme', 18).text.split('.')
  assert.equal(read(['wc1', tag, 1, expires, nonce, mac].join('.')), 'invalid')
  assert.equal(read(['wc1', tag, 18, Number(expires) + 1, nonce, mac].join('.')), 'invalid')
})

test('a solution has the zeros that were asked for, and is a plain number', () => {
  const made = issue('acme', 10)
  const solution = solve(made)
  assert.ok(solves(made, solution))
  assert.ok(!solves(made, wrongFor(made)))
  const hits = Array.from({ length: 4096 }, (_, n) => solves({ ...made, bits: 4 }, String(n))).filter(Boolean).length
  assert.ok(hits > 180 && hits < 340, `one in sixteen: ${hits} of 4096`)
  for (const other of [
    `0${solution}`,
    `+${solution}`,
    ` ${solution}`,
    `${solution}.0`,
    `${solution}\n`,
    '',
    'x',
    '1e3',
    '9'.repeat(17),
  ]) {
    assert.ok(!solves({ ...made, bits: 1 }, other) || !/^\d+$/.test(other), other)
    assert.ok(!solves(made, other), other)
  }
})

test('zeros are counted from the front', () => {
  for (const [bytes, bits] of [
    [[0x80], 0],
    [[0x01], 7],
    [[0x00, 0x80], 8],
    [[0x00, 0x00, 0x10, 0xff], 19],
    [[0x00, 0x00], 16],
  ] as const) {
    assert.equal(leadingZeroBits(Uint8Array.from(bytes)), bits)
  }
})

test('buckets are spread by the secret, and names of things differ by what, whose and when', () => {
  const buckets = Array.from({ length: 2000 }, (_, i) => challenges.bucketOf(`account-${i}`, 16))
  for (let bucket = 0; bucket < 16; bucket++) {
    const count = buckets.filter((one) => one === bucket).length
    assert.ok(count > 70 && count < 190, `${bucket}: ${count}`)
  }
  const other = new Challenges(secretOf(9))
  const same = buckets.filter((bucket, i) => other.bucketOf(`account-${i}`, 16) === bucket).length
  assert.ok(same < 250, `another deployment has others: ${same} alike`)
  const ids = [
    ['grant', 'a', 1],
    ['purpose', 'a', 1],
    ['grant', 'b', 1],
    ['grant', 'a', 2],
  ] as const
  assert.equal(new Set(ids.map(([what, account, atMs]) => challenges.idOf(what, account, atMs))).size, 4)
})

test('a short secret is a mistake of ours', () => {
  assert.throws(() => new Challenges(new Uint8Array(31)), RangeError)
})
