import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Principal } from '../core/principal.ts'
import { Keyring, type KnownKey } from './keys.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const SECRET = 'wr_acme_0123456789abcdef0123456789abcdef'
const OTHER = 'wr_solo_0123456789abcdef0123456789abcdef'

const key = (over: Partial<KnownKey>): KnownKey => {
  const plain = { id: 'x', secretSha256: '', tenant: null, profile: 'unknown' } as const
  return { ...plain, trust: null, expiresAtMs: null, signed: 'no', ...over }
}
const keys: KnownKey[] = [
  key({ id: 'acme-1', secretSha256: sha256(SECRET), tenant: 'acme', profile: 'agent', trust: 'verified' }),
  key({ id: 'solo', secretSha256: sha256(OTHER) }),
]
const keyring = new Keyring(keys)
const check = (presented: string, ring = keyring): Principal | string => {
  const found = ring.bySecret(presented)
  return typeof found === 'string' ? found : found.principal
}

test('the right secret names its key, tenant and profile', () => {
  assert.deepEqual(check(SECRET), {
    keyId: 'acme-1',
    tenant: 'acme',
    account: 'acme',
    profile: 'agent',
    credential: 'key',
    user: null,
    trust: 'verified',
  })
})

test('without a tenant the key is its own account, under a name that no tenant can have', () => {
  const who = check(OTHER)
  assert.ok(typeof who !== 'string')
  assert.deepEqual([who.keyId, who.tenant, who.account], ['solo', null, 'key:solo'])
})

test('no other text is a key', () => {
  for (const presented of [
    SECRET.slice(0, -1),
    `${SECRET}x`,
    ` ${SECRET}`,
    `${SECRET}\n`,
    SECRET.toUpperCase(),
    sha256(SECRET),
    'acme-1',
    '\ud800',
    '__proto__',
    'x'.repeat(512),
  ]) {
    assert.equal(check(presented), 'unknown', presented)
  }
  fc.assert(fc.property(fc.string({ minLength: 1, maxLength: 512 }), (text) => check(text) === 'unknown'))
})

test('an endless secret is not even hashed', () => {
  assert.equal(check('x'.repeat(513)), 'malformed')
  assert.equal(check(''), 'malformed')
})

test('a keyring without keys knows nobody', () => {
  assert.equal(check(SECRET, new Keyring([])), 'unknown')
})

test('a hash that is none lets nobody in', () => {
  const broken = new Keyring([key({})])
  for (const presented of ['x', SECRET]) assert.equal(check(presented, broken), 'unknown')
})

test('a key is found by its id, and by no other name', () => {
  assert.equal(keyring.byId('solo')?.known.id, 'solo')
  for (const id of ['', 'SOLO', '__proto__', 'key:solo']) assert.equal(keyring.byId(id), undefined)
})

test('what a check returns holds no secret and no hash', () => {
  const text = JSON.stringify([check(SECRET), check(OTHER)])
  for (const { secretSha256 } of keys) assert.ok(!text.includes(secretSha256))
  assert.ok(!text.includes(SECRET))
})
