import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from './identity.ts'
import { configOf, minimal, problemsOf } from './testing.ts'

const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
const keys = (...entries: string[]): string =>
  `${minimal}identity:\n  keys:\n${entries.map((entry) => `    - { ${entry} }\n`).join('')}`

test('nobody is known and nobody trusted where nothing is said', () => {
  assert.deepEqual(configOf(minimal).identity, {
    trustedProxies: [],
    keys: [],
    jwt: [],
    certificates: [],
    passThrough: null,
    tokens: null,
    signatures: { windowMs: 300_000 },
    userHeader: null,
    sessionHeader: null,
    authFailuresPerMinute: 60,
  })
})

const plain = { trust: null, expiresAtMs: null, signed: 'no' }

test('a secret is kept as its hash only', () => {
  const config = configOf(
    keys(`id: a, secret: "\${KEY}", tenant: acme, profile: app`, `id: b, secret_sha256: ${'AB'.repeat(32)}`),
    { KEY: secret },
  )
  assert.deepEqual(config.identity.keys, [
    { id: 'a', secretSha256: sha256(secret), tenant: 'acme', profile: 'app', ...plain },
    { id: 'b', secretSha256: 'ab'.repeat(32), tenant: null, profile: 'unknown', ...plain },
  ])
  assert.ok(!JSON.stringify(config).includes(secret))
})

test('each field of a key is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    [`secret: ${secret}`]: '7:7 identity.keys[0].id: is required',
    [`id: "a b", secret: ${secret}`]:
      '7:13 identity.keys[0].id: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
    [`id: ${'a'.repeat(65)}, secret: ${secret}`]:
      '7:13 identity.keys[0].id: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
    [`id: 7, secret: ${secret}`]: '7:13 identity.keys[0].id: expected text, found a number',
    'id: a': '7:7 identity.keys[0]: a key without a secret: secret or secret_sha256 is needed',
    [`id: a, secret: ${secret}, secret_sha256: ${'a'.repeat(64)}`]:
      '7:67 identity.keys[0].secret_sha256: secret and secret_sha256 exclude each other',
    'id: a, secret: 0123456789abcdef0123456': '7:24 identity.keys[0].secret: is shorter than 24 characters',
    'id: a, secret: 012345678901234567890123': '7:24 identity.keys[0].secret: expected text, found a number',
    'id: a, secret: "0123456789abcdef 0123456789"':
      '7:24 identity.keys[0].secret: holds a space or a character outside of ASCII',
    'id: a, secret_sha256: abcd': '7:31 identity.keys[0].secret_sha256: not a SHA-256 in hex',
    [`id: a, secret: ${secret}, tenant: ""`]:
      '7:75 identity.keys[0].tenant: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
    [`id: a, secret: ${secret}, profile: bot`]:
      '7:76 identity.keys[0].profile: not one of the words that are known here',
    [`id: a, secret: ${secret}, expires: 2026-02-31`]: '7:76 identity.keys[0].expires: not a date that there is',
    [`id: a, secret: ${secret}, signed: always`]:
      '7:75 identity.keys[0].signed: not one of the words that are known here',
    [`id: a, secret: ${secret}, trust: gold`]: '7:74 identity.keys[0].trust: there is no trust profile "gold"',
    [`id: "-", secret: ${secret}`]: '7:13 identity.keys[0].id: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
    [`id: a, secret: ${secret}, scope: x`]: '7:67 identity.keys[0].scope: unknown key "scope"',
  }
  for (const [entry, problem] of Object.entries(cases)) assert.deepEqual(problemsOf(keys(entry)), [problem], entry)
})

test('proxies are addresses and networks', () => {
  const proxies = (list: string): string => `${minimal}identity: { trusted_proxies: ${list} }\n`
  const config = configOf(proxies('[127.0.0.1/32, "::1"]'))
  assert.deepEqual(config.identity.trustedProxies, ['127.0.0.1/32', '::1/128'])
  assert.deepEqual(problemsOf(proxies('[10.0.0.0/33, proxy, 0.0.0.0/0, 10]')), [
    '5:31 identity.trusted_proxies[0]: not a prefix length after the slash',
    '5:44 identity.trusted_proxies[1]: not an IP address or network',
    '5:51 identity.trusted_proxies[2]: trusts every address there is, so that anybody could claim to be anybody',
    '5:62 identity.trusted_proxies[3]: expected text, found a number',
  ])
  assert.deepEqual(problemsOf(proxies('10.0.0.0/8')), ['5:30 identity.trusted_proxies: expected a list, found text'])
})

test('failed attempts have a bound', () => {
  assert.equal(configOf(`${minimal}identity: { auth_failures: { per_minute: 5 } }\n`).identity.authFailuresPerMinute, 5)
  assert.deepEqual(problemsOf(`${minimal}identity: { auth_failures: { per_minute: 0, per_hour: 1 } }\n`), [
    '5:42 identity.auth_failures.per_minute: must be at least 1',
    '5:45 identity.auth_failures.per_hour: unknown key "per_hour"',
  ])
})

test('everything that can be said of callers is taken', () => {
  const { identity } = configOf(`${minimal}trust_profiles: { verified: {} }
identity:
  keys:
    - { id: a, secret: ${secret}, trust: verified, expires: 2027-01-01T12:00:00+01:00, signed: required }
  pass_through: { match: ["sk-*"], profile: app, trust: verified }
  tokens: { ttl: 1h, bind: ip_prefix }
  signatures: { window: 1m }
  user_header: X-User-Id
  session_header: x-session-id
`)
  const { trust, expiresAtMs, signed } = identity.keys[0]!
  assert.deepEqual([trust, expiresAtMs, signed], ['verified', Date.UTC(2027, 0, 1, 11), 'required'])
  assert.deepEqual(identity.passThrough, { match: ['sk-*'], profile: 'app', trust: 'verified' })
  assert.deepEqual(identity.tokens, { ttlMs: 3_600_000, bind: 'ip_prefix' })
  assert.equal(identity.signatures.windowMs, 60_000)
  assert.deepEqual([identity.userHeader, identity.sessionHeader], ['x-user-id', 'x-session-id'])
  assert.deepEqual(configOf(`${minimal}identity: { tokens: {} }\n`).identity.tokens, { ttlMs: 900_000, bind: 'none' })
})

test('each setting of callers is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    'pass_through: {}': '5:13 identity.pass_through.match: is required',
    'pass_through: { match: [] }': '5:36 identity.pass_through.match: is empty',
    'pass_through: { match: ["*"], trust: x }': '5:50 identity.pass_through.trust: there is no trust profile "x"',
    'tokens: { ttl: 30s }': '5:28 identity.tokens.ttl: must be from 1m to 1h',
    'tokens: { ttl: 61m }': '5:28 identity.tokens.ttl: must be from 1m to 1h',
    'tokens: { bind: key }': '5:29 identity.tokens.bind: not one of the words that are known here',
    'signatures: { window: 0s }': '5:35 identity.signatures.window: must be from 1s to 1h',
    'user_header: "x user"': '5:26 identity.user_header: not the name of a header',
  }
  for (const [entry, problem] of Object.entries(cases)) {
    assert.deepEqual(problemsOf(`${minimal}identity: { ${entry} }\n`), [problem], entry)
  }
})
