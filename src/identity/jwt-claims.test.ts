import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identityOf, type JwtCheck, type JwtClaimNames, type JwtIssuer } from './jwt-claims.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
const NOW_S = NOW_MS / 1000
const NONE: JwtClaimNames = { tenant: null, user: null, profile: null }

const issuer = (more: Partial<JwtIssuer> = {}): JwtIssuer => ({
  name: 'corp',
  issuer: 'https://id.example.com',
  audiences: ['weir'],
  algorithms: ['ES256'],
  jwksUrl: null,
  jwks: null,
  clockSkewMs: 30_000,
  maxAgeMs: null,
  claims: NONE,
  ...more,
})

const read = (payload: Record<string, unknown>, more: Partial<JwtIssuer> = {}): JwtCheck =>
  identityOf(issuer(more), { sub: 'u1', exp: NOW_S + 60, ...payload }, NOW_MS)
const why = (payload: Record<string, unknown>, more: Partial<JwtIssuer> = {}): string => {
  const check = read(payload, more)
  return check.ok ? 'ok' : check.why
}

test('claims are read under the names that the configuration gives them', () => {
  const claims = { tenant: 'org_id', user: 'sub', profile: 'weir.profile' }
  const payload = { org_id: 'acme', weir: { profile: 'agent' } }
  assert.deepEqual(read(payload, { claims }), {
    ok: true,
    issuer: 'corp',
    subject: 'u1',
    tenant: 'acme',
    user: 'u1',
    profile: 'agent',
    expiresAtMs: NOW_MS + 60_000,
  })
})

test('what nobody asks for is not read', () => {
  const check = read({ tenant: 'x', user: 'x', profile: 'agent', key: 'x', null: 'x' })
  assert.deepEqual(check, {
    ok: true,
    issuer: 'corp',
    subject: 'u1',
    tenant: null,
    user: null,
    profile: null,
    expiresAtMs: NOW_MS + 60_000,
  })
})

test('a claim that is asked for must be there, as 1 to 128 printable characters', () => {
  for (const name of ['tenant', 'user'] as const) {
    const claims = { ...NONE, [name]: 'c' }
    for (const value of ['a', 'a'.repeat(128), 'Ünïcode 組織', 'key:other', '"', 'a.b@c']) {
      assert.equal(why({ c: value }, { claims }), 'ok', value)
    }
    for (const value of [
      undefined,
      null,
      '',
      7,
      true,
      {},
      ['acme'],
      'a'.repeat(129),
      'a\nb',
      'a\0',
      'a\u007f',
      'a\u0085',
      'a\u2028b',
      'a\u202eb',
      'a\u200bb',
      '\ud800',
      '\ufeffa',
    ]) {
      assert.equal(why({ c: value }, { claims }), 'malformed', `${name} ${JSON.stringify(value)}`)
    }
  }
})

test('a path leads through own members of objects only', () => {
  const at = (path: string, payload: Record<string, unknown>): string =>
    why(payload, { claims: { ...NONE, user: path } })
  assert.equal(at('a.b.c', { a: { b: { c: 'x' } } }), 'ok')
  assert.equal(at('a.b.c', { 'a.b.c': 'x' }), 'ok')
  assert.equal(at('a.b', { a: 'x' }), 'malformed')
  assert.equal(at('a.b', { a: null }), 'malformed')
  assert.equal(at('a.length', { a: 'x' }), 'malformed')
  assert.equal(at('constructor.name', {}), 'malformed')
  assert.equal(at('__proto__.x', {}), 'malformed')
  const inherited = Object.assign(Object.create({ a: 'x' }), { sub: 'u1', exp: NOW_S + 60 }) as Record<string, unknown>
  assert.ok(!identityOf(issuer({ claims: { ...NONE, user: 'a' } }), inherited, NOW_MS).ok)
  assert.equal(at('a.b', { 'a.b': 7, a: { b: 'x' } }), 'malformed', 'the whole name has the first word')
})

test('a profile that Weir does not know is none', () => {
  const claims = { ...NONE, profile: 'p' }
  for (const value of [undefined, null, 'admin', 'Agent', ['agent'], 7, 'toString']) {
    const check = read({ p: value }, { claims })
    assert.ok(check.ok)
    assert.equal(check.profile, null)
  }
})

test('a subject is required, printable and no longer than the standard allows', () => {
  assert.equal(why({ sub: 's'.repeat(255) }), 'ok')
  for (const sub of [undefined, null, '', 7, ['u1'], 's'.repeat(256), 'u1\n']) assert.equal(why({ sub }), 'malformed')
})

test('an expiry is required, and is an instant', () => {
  for (const exp of [undefined, null, 'tomorrow', String(NOW_S + 60), Infinity, 1e300, NaN, [NOW_S + 60], true]) {
    assert.equal(why({ exp }), 'malformed', String(exp))
  }
})

test('the skew that is allowed is allowed on both ends, and no more', () => {
  assert.equal(why({ exp: NOW_S - 29 }), 'ok')
  assert.equal(why({ exp: NOW_S - 30 }), 'expired')
  assert.equal(why({ exp: -1 }), 'expired')
  assert.equal(why({ iat: NOW_S + 30 }), 'ok')
  assert.equal(why({ iat: NOW_S + 31 }), 'unknown')
  for (const iat of ['0', null, Infinity]) assert.equal(why({ iat }), 'malformed', String(iat))
})

test('a token that was made for too long is refused, and one that does not say for how long', () => {
  const more = { maxAgeMs: 3_600_000 }
  assert.equal(why({ iat: NOW_S, exp: NOW_S + 3600 }, more), 'ok')
  assert.equal(why({ iat: NOW_S, exp: NOW_S + 3601 }, more), 'unknown')
  assert.equal(why({ iat: NOW_S - 3600, exp: NOW_S + 1 }, more), 'unknown')
  assert.equal(why({ exp: NOW_S + 60 }, more), 'malformed')
})
