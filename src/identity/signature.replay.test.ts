import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  SECOND_MS,
  WINDOW_MS,
  NOW_MS,
  freshNonce,
  signed,
  newChecker,
  check,
} from '../../test/support/signed-requests.ts'

test('a request counts once, for as long as it would count at all', () => {
  for (const seconds of [-300, -200, -100, -7, 0, 40, 75, 110, 150, 190, 225, 260, 300]) {
    const createdMs = NOW_MS + seconds * SECOND_MS
    const checker = newChecker()
    const sent = signed({ createdMs })
    assert.equal(check(sent, NOW_MS, checker), 'ok')
    for (let atMs = NOW_MS; atMs <= createdMs + WINDOW_MS; atMs += 11 * SECOND_MS) {
      check(signed({ createdMs: atMs }), atMs, checker)
      assert.equal(check(sent, atMs, checker), 'replayed', `${createdMs - NOW_MS} ${atMs - NOW_MS}`)
    }
    assert.equal(check(sent, createdMs + WINDOW_MS, checker), 'replayed')
    assert.equal(check(sent, createdMs + WINDOW_MS + 1, checker), 'stale')
  }
})

test('a nonce is of one key, and signing it again with another time does not open it', () => {
  const checker = newChecker()
  const nonce = freshNonce()
  assert.equal(check(signed({ nonce }), NOW_MS, checker), 'ok')
  assert.equal(check(signed({ nonce, createdMs: NOW_MS + 100 * SECOND_MS }), NOW_MS, checker), 'replayed')
  assert.equal(check(signed({ nonce, keyId: 'solo' }), NOW_MS, checker, 'solo'), 'ok')
})

test('who cannot sign cannot burn a nonce', () => {
  const checker = newChecker()
  const sent = signed()
  const nonce = /nonce="([^"]*)"/.exec(sent.headers['signature-input']!)![1]!
  assert.equal(check(signed({ nonce, secret: 'x'.repeat(40) }), NOW_MS, checker), 'wrong')
  assert.equal(check({ ...sent, body: Buffer.from('{}') }, NOW_MS, checker), 'wrong')
  assert.equal(check({ ...sent, target: '/other' }, NOW_MS, checker), 'wrong')
  assert.equal(checker.remembered, 0)
  assert.equal(check(sent, NOW_MS, checker), 'ok')
})

test('a clock that steps back, forth or wildly about opens no nonce again', () => {
  const stepMs = fc.oneof(fc.integer({ min: -700_000, max: 700_000 }), fc.constantFrom(-31_536_000_000, 31_536_000_000))
  fc.assert(
    fc.property(fc.array(fc.tuple(stepMs, fc.nat(9)), { maxLength: 60 }), (steps) => {
      const checker = newChecker()
      const all = [...Array(10).keys()].map((n) => signed({ createdMs: NOW_MS + n * 60 * SECOND_MS }))
      const taken = new Set<number>()
      let nowMs = NOW_MS
      for (const [stepMs, which] of steps) {
        nowMs += stepMs
        if (check(all[which]!, nowMs, checker) !== 'ok') continue
        assert.ok(!taken.has(which), `${which} was taken twice`)
        taken.add(which)
      }
    }),
    { numRuns: 300 },
  )
})

test('a nonce that was forgotten by a clock that ran ahead stays closed when the clock is right again', () => {
  const checker = newChecker()
  const sent = signed()
  assert.equal(check(sent, NOW_MS, checker), 'ok')
  const aheadMs = NOW_MS + 3 * WINDOW_MS
  assert.equal(check(signed({ createdMs: aheadMs }), aheadMs, checker), 'ok')
  assert.equal(checker.remembered, 1, 'else this test shows nothing')
  assert.equal(check(sent, NOW_MS, checker), 'stale')
})

test('a clock that was a year ahead for a moment locks nobody out once it is right again', () => {
  const checker = newChecker()
  const yearMs = 365 * 24 * 3600 * SECOND_MS
  assert.equal(check(signed(), NOW_MS, checker), 'ok')
  assert.equal(check(signed({ createdMs: NOW_MS + yearMs }), NOW_MS + yearMs, checker), 'ok')
  const laterMs = NOW_MS + 2 * WINDOW_MS
  assert.equal(check(signed({ createdMs: laterMs }), laterMs, checker), 'ok')
})

test('a flood of one key takes half of the room and locks out nobody else', () => {
  const checker = newChecker(100)
  const results = [...Array(200)].map(() => check(signed(), NOW_MS, checker))
  assert.equal(results.filter((result) => result === 'ok').length, 50)
  assert.equal(results.at(-1), 'replayed')
  assert.equal(checker.remembered, 50)
  for (let i = 0; i < 20; i++) assert.equal(check(signed({ keyId: 'solo' }), NOW_MS, checker, 'solo'), 'ok')
})

test('however many keys flood, the room is bounded and one more key finds some', () => {
  const checker = newChecker(100)
  for (let round = 0; round < 30; round++) {
    for (let key = 0; key < 9; key++) check(signed({ keyId: `k${key}` }), NOW_MS, checker, `k${key}`)
  }
  assert.ok(checker.remembered < 100)
  assert.equal(check(signed({ keyId: 'solo' }), NOW_MS, checker, 'solo'), 'ok')
  const hundreds = newChecker(100)
  for (let key = 0; key < 300; key++) check(signed({ keyId: `k${key}` }), NOW_MS, hundreds, `k${key}`)
  assert.equal(hundreds.remembered, 100)
})

test('room comes back when nonces have left the window', () => {
  const checker = newChecker(100)
  for (let i = 0; i < 60; i++) check(signed(), NOW_MS, checker)
  assert.equal(check(signed(), NOW_MS, checker), 'replayed')
  const laterMs = NOW_MS + WINDOW_MS + WINDOW_MS / 4 + SECOND_MS
  assert.equal(check(signed({ createdMs: laterMs }), laterMs, checker), 'ok')
  assert.equal(checker.remembered, 1)
})
