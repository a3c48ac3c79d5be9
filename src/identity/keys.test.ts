import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { bearer, createKeyring, type KnownKey } from './keys.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const SECRET = 'wr_acme_0123456789abcdef0123456789abcdef'
const OTHER = 'wr_solo_0123456789abcdef0123456789abcdef'

const keys: KnownKey[] = [
  { id: 'acme-1', secretSha256: sha256(SECRET), tenant: 'acme', profile: 'agent' },
  { id: 'solo', secretSha256: sha256(OTHER), tenant: null, profile: 'unknown' },
]
const check = createKeyring(keys)

test('the right secret names its key, tenant and profile', () => {
  assert.deepEqual(check(SECRET), { keyId: 'acme-1', tenant: 'acme', account: 'acme', profile: 'agent' })
})

test('without a tenant the key is its own account, under a name that no tenant can have', () => {
  assert.deepEqual(check(OTHER), { keyId: 'solo', tenant: null, account: 'key:solo', profile: 'unknown' })
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

test('nothing and an empty secret are missing, and an endless one is not even hashed', () => {
  assert.equal(check(undefined), 'missing')
  assert.equal(check(''), 'missing')
  assert.equal(check('x'.repeat(513)), 'malformed')
  const startMs = performance.now()
  assert.equal(check('x'.repeat(100_000_000)), 'malformed')
  assert.ok(performance.now() - startMs < 1000)
})

test('a keyring without keys knows nobody', () => {
  assert.equal(createKeyring([])(SECRET), 'unknown')
})

test('a hash that is none lets nobody in', () => {
  const broken = createKeyring([{ id: 'x', secretSha256: '', tenant: null, profile: 'unknown' }])
  for (const presented of ['x', SECRET]) assert.equal(broken(presented), 'unknown')
})

test('what a check returns holds no secret and no hash', () => {
  const text = JSON.stringify([check(SECRET), check(OTHER)])
  for (const { secretSha256 } of keys) assert.ok(!text.includes(secretSha256))
  assert.ok(!text.includes(SECRET))
})

test('the secret is what follows Bearer, in any case, with any spaces around it', () => {
  for (const [header, secret] of [
    [`Bearer ${SECRET}`, SECRET],
    [`bearer ${SECRET}`, SECRET],
    [`BEARER   ${SECRET}  `, SECRET],
    ['Bearer a b', 'a b'],
    ['Bearer ', ''],
    ['Bearer', ''],
    ['', ''],
    ['Basic dXNlcjpwYXNz', ''],
    [SECRET, ''],
    [`Bearer:${SECRET}`, ''],
    [undefined, undefined],
  ] as const) {
    assert.equal(bearer(header), secret, String(header))
  }
})
