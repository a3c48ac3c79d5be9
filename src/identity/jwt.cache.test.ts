import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type JWK } from 'jose'
import { JwtChecker } from './jwt.ts'
import {
  jwk,
  published,
  corp,
  desk,
  make,
  b64,
  why,
  verdict,
  edited,
  ec,
  NOW_S,
} from '../../test/support/jwt-issuer.ts'

const MINUTE_MS = 60_000

test('a token that is known is answered at once, until it expires', async () => {
  const it = desk()
  const token = await make({ payload: { exp: NOW_S + 60 } })
  const first = it.checker.check(token)
  assert.ok(first instanceof Promise)
  const identity = await first
  assert.equal(it.checker.check(token), identity)
  await it.clock.advance(89_999)
  assert.equal(it.checker.check(token), identity, 'the skew is part of its time')
  await it.clock.advance(1)
  assert.deepEqual(it.checker.check(token), { ok: false, why: 'expired' })
})

test('many requests with one new token are one verification', async () => {
  const it = desk()
  const token = await make()
  const [one, two] = [it.checker.check(token), it.checker.check(token)]
  assert.equal(one, two)
  await one
  assert.ok(!(it.checker.check(token) instanceof Promise))
})

test('a token does not outlive the key it was signed with by more than minutes', async () => {
  const it = desk()
  const token = await make({ payload: { exp: NOW_S + 86_400 } })
  assert.equal(await verdict(token, it), 'ok')
  it.keys = { keys: [published.keys[0]!] }
  for (let minutes = 0; minutes < 15; minutes++) {
    await it.clock.advance(MINUTE_MS)
    await verdict(token, it)
  }
  assert.equal(await verdict(token, it), 'unknown')
})

test('a refusal is remembered for seconds, so that one bad token sent again and again costs little', async () => {
  const it = desk()
  const token = await make({ header: { kid: 'new' } })
  assert.equal(await verdict(token, it), 'unknown')
  it.keys = { keys: [...published.keys, await jwk(ec.publicKey, 'new')] }
  await it.clock.advance(9999)
  assert.deepEqual(it.checker.check(token), { ok: false, why: 'unknown' }, 'at once')
  await it.clock.advance(30_001)
  assert.equal(await verdict(token, it), 'ok', 'the key was new')
})

test('a clock that steps back does not keep a refusal alive', async () => {
  const it = desk()
  let offsetMs = 3_600_000
  const clock = { now: () => it.clock.now() + offsetMs, after: it.clock.after }
  const checker = new JwtChecker([corp], { clock, fetchJson: () => Promise.resolve(published) })
  const token = await make()
  assert.equal(await why(checker.check(token)), 'expired')
  offsetMs = 0
  assert.equal(await why(checker.check(token)), 'ok')
})

test('a flood of bad tokens does not push out the good', async () => {
  const it = desk()
  const token = await make()
  const identity = await it.checker.check(token)
  const [, payload, signature] = token.split('.') as [string, string, string]
  for (let i = 0; i < 25_000; i++) {
    assert.ok(!(it.checker.check(`${b64({ alg: 'HS256', i })}.${payload}.${signature}`) instanceof Promise))
  }
  assert.equal(it.checker.check(token), identity)
  assert.equal(it.asked.length, 1)
})

test('forged key ids cannot drive fetches', async () => {
  const it = desk()
  const token = await make()
  for (let i = 0; i < 200; i++) {
    assert.equal(await verdict(edited(token, { header: { kid: `forged-${i}` } }), it), 'unknown')
  }
  assert.equal(it.asked.length, 1)
})

test('an issuer that is down is not the fault of the token, and is not remembered', async () => {
  const it = desk()
  const token = await make()
  it.keys = {} as { keys: JWK[] }
  assert.equal(await verdict(token, it), 'unavailable')
  it.keys = published
  await it.clock.advance(5000)
  assert.equal(await verdict(token, it), 'ok')
})

test('more tokens at once than can be looked at are put off, not piled up', async () => {
  const it = desk()
  const [, payload, signature] = (await make()).split('.') as [string, string, string]
  const checks = [...Array(10_001).keys()].map((i) =>
    it.checker.check(`${b64({ alg: 'ES256', kid: 'ec', i })}.${payload}.${signature}`),
  )
  assert.deepEqual(checks.at(-1), { ok: false, why: 'unavailable' })
  assert.ok(checks.at(-2) instanceof Promise)
  await Promise.all(checks.map(why))
  assert.equal(await verdict(await make(), it), 'ok', 'there is room again')
})
