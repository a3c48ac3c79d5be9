import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { bindingHolds, looksLikeToken, TokenMint, type TokenClaims } from './token.ts'

const MINUTE_MS = 60_000
const NOW_MS = Date.UTC(2026, 0, 1)
const SECRET = Buffer.alloc(32, 7)
const BOUND = { ipPrefix: '203.0.113.0/24', fingerprint: 'f1' }
const UNBOUND = { ipPrefix: null, fingerprint: null }
const mint = new TokenMint(SECRET)

/** A token with the right MAC over any payload, as only the holder of the secret can make it. */
const forge = (payload: string, secret: Uint8Array = SECRET): string => {
  const signed = `wt_${Buffer.from(payload).toString('base64url')}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

test('a token says which key it stands for, where, and for how long', () => {
  const token = mint.mint('acme-1', 'st', BOUND, NOW_MS)
  assert.ok(looksLikeToken(token))
  const claims = {
    keyId: 'acme-1',
    stamp: 'st',
    boundTo: BOUND,
    issuedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 15 * MINUTE_MS,
  }
  assert.deepEqual(mint.check(token, NOW_MS), claims)
  assert.deepEqual(mint.check(token, NOW_MS + 15 * MINUTE_MS - 1), claims)
  assert.equal(mint.check(token, NOW_MS + 15 * MINUTE_MS), 'expired')
})

test('whatever is minted reads back as it was', () => {
  const id = fc.string({ maxLength: 64 })
  fc.assert(
    fc.property(id, fc.option(id), fc.option(id), (keyId, ipPrefix, fingerprint) => {
      const claims = mint.check(mint.mint(keyId, 'st', { ipPrefix, fingerprint }, NOW_MS), NOW_MS)
      assert.ok(typeof claims !== 'string')
      assert.deepEqual([claims.keyId, claims.boundTo], [keyId, { ipPrefix, fingerprint }])
    }),
  )
})

test('a token of another secret is unknown', () => {
  const other = new TokenMint(Buffer.alloc(32, 8))
  assert.equal(mint.check(other.mint('acme-1', 'st', UNBOUND, NOW_MS), NOW_MS), 'unknown')
})

test('no character of a token can be changed, left out or added', () => {
  const token = mint.mint('acme-1', 'st', BOUND, NOW_MS)
  for (let at = 0; at < token.length; at++) {
    const others = ['A', 'B', '-', '.', '=', '\n', 'é'].filter((other) => other !== token[at])
    for (const other of others) {
      const changed = token.slice(0, at) + other + token.slice(at + 1)
      assert.equal(typeof mint.check(changed, NOW_MS), 'string', `${at} ${other}`)
      assert.equal(typeof mint.check(token.slice(0, at) + other + token.slice(at), NOW_MS), 'string', `${at} +${other}`)
    }
    assert.equal(typeof mint.check(token.slice(0, at) + token.slice(at + 1), NOW_MS), 'string', `${at} left out`)
    assert.equal(typeof mint.check(token.slice(0, at), NOW_MS), 'string', `cut at ${at}`)
  }
})

test('a payload cannot be moved under the MAC of another', () => {
  const [mine, theirs] = [mint.mint('solo', 'st', UNBOUND, NOW_MS), mint.mint('acme-1', 'st', UNBOUND, NOW_MS)]
  assert.equal(mint.check(`${theirs.split('.')[0]}.${mine.split('.')[1]}`, NOW_MS), 'unknown')
})

test('what has not the form of a token is malformed before anything is computed', () => {
  const token = mint.mint('acme-1', 'st', UNBOUND, NOW_MS)
  for (const text of [
    '',
    'wt_',
    'wt_.',
    `wt_.${'A'.repeat(43)}`,
    token.slice(3),
    token.toUpperCase(),
    ` ${token}`,
    `${token}=`,
    `${token}\n`,
    token.replace('.', '..'),
    token.replace('wt_', 'wt_.'),
    'eyJhbGciOiJub25lIn0.e30.',
    `wt_${'A'.repeat(980)}.${'A'.repeat(43)}`,
    `wt_${'A'.repeat(100_000_000)}`,
  ]) {
    assert.equal(mint.check(text, NOW_MS), 'malformed', text.slice(0, 80))
  }
  fc.assert(fc.property(fc.string(), (text) => typeof mint.check(`wt_${text}`, NOW_MS) === 'string'))
})

test('a payload of another version or shape is malformed even if the MAC is right', () => {
  const right = { v: 1, key: 'a', st: 's', ip: null, fp: null, iat: NOW_MS, exp: NOW_MS + 1000 }
  assert.notEqual(mint.check(forge(JSON.stringify(right)), NOW_MS), 'malformed', 'else this test shows nothing')
  for (const payload of [
    { ...right, v: 2 },
    { ...right, v: undefined },
    { ...right, key: 7 },
    { ...right, key: undefined },
    { ...right, st: undefined },
    { ...right, ip: undefined },
    { ...right, fp: {} },
    { ...right, iat: '0' },
    { ...right, exp: 1.5 },
    { ...right, exp: undefined },
    null,
    'text',
    [],
  ]) {
    assert.equal(mint.check(forge(JSON.stringify(payload)), NOW_MS), 'malformed', JSON.stringify(payload))
  }
  for (const payload of ['{', '1e400', '\ud800']) assert.equal(mint.check(forge(payload), NOW_MS), 'malformed')
})

test('a token that outlives whatever is minted now has ended: the ttl was cut, or a clock was wrong', () => {
  const token = mint.mint('acme-1', 'st', UNBOUND, NOW_MS)
  const brief = new TokenMint(SECRET, MINUTE_MS)
  assert.equal(brief.check(token, NOW_MS), 'expired')
  assert.notEqual(brief.check(token, NOW_MS + 14 * MINUTE_MS), 'expired')
  assert.equal(mint.check(mint.mint('acme-1', 'st', UNBOUND, NOW_MS + 365 * 24 * 60 * MINUTE_MS), NOW_MS), 'expired')
  assert.notEqual(mint.check(mint.mint('acme-1', 'st', UNBOUND, NOW_MS + MINUTE_MS), NOW_MS), 'expired', 'small skew')
})

test('a binding holds only for the network and the client it was made for', () => {
  const claims = (boundTo: TokenClaims['boundTo']): TokenClaims => ({
    keyId: 'a',
    stamp: 'st',
    boundTo,
    issuedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 1,
  })
  const other = { ipPrefix: '198.51.100.0/24', fingerprint: 'f2' }
  assert.ok(bindingHolds(claims(BOUND), BOUND))
  assert.ok(!bindingHolds(claims(BOUND), { ...BOUND, ipPrefix: other.ipPrefix }))
  assert.ok(!bindingHolds(claims(BOUND), { ...BOUND, fingerprint: other.fingerprint }))
  assert.ok(!bindingHolds(claims(BOUND), UNBOUND), 'not to know is not to be the same')
  assert.ok(bindingHolds(claims({ ...BOUND, fingerprint: null }), { ...BOUND, fingerprint: other.fingerprint }))
  assert.ok(bindingHolds(claims({ ...BOUND, ipPrefix: null }), { ...BOUND, ipPrefix: other.ipPrefix }))
  assert.ok(bindingHolds(claims(UNBOUND), other))
})

test('a mint without a good secret or life time does not start, and none shows its secret', () => {
  assert.throws(() => new TokenMint(Buffer.alloc(31)), RangeError)
  for (const ttlMs of [0, -1, 0.5, NaN, Infinity]) assert.throws(() => new TokenMint(SECRET, ttlMs), RangeError)
  assert.throws(() => mint.mint('x'.repeat(800), 'st', UNBOUND, NOW_MS), RangeError)
  const shown = inspect(mint, { depth: 9, showHidden: true }) + JSON.stringify(mint)
  assert.ok(!shown.includes('07 07') && !shown.includes(SECRET.toString('base64')))
})

test('changing the secret bytes afterwards does not change the mint', () => {
  const secret = Buffer.alloc(32, 9)
  const own = new TokenMint(secret)
  const token = own.mint('acme-1', 'st', UNBOUND, NOW_MS)
  secret.fill(0)
  assert.notEqual(typeof own.check(token, NOW_MS), 'string')
})
