import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { configOf, minimal, outsideOf, problemsOf } from './testing.ts'

const jwt = (fields: string): string => `${minimal}identity: { jwt: [{ ${fields} }] }\n`
const corp = 'name: corp, issuer: "https://login.example", audience: weir'
const publicKeys = '{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b"}]}'

test('an issuer has its defaults', () => {
  assert.deepEqual(configOf(jwt(corp)).identity.jwt, [
    {
      name: 'corp',
      issuer: 'https://login.example',
      audiences: ['weir'],
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      jwksUrl: null,
      jwks: null,
      jwksFile: null,
      clockSkewMs: 60_000,
      maxAgeMs: null,
      claims: { tenant: null, user: null, profile: null },
      profile: 'unknown',
      trust: null,
    },
  ])
})

test('everything that can be said of an issuer is taken', () => {
  const text = `${jwt(
    'name: corp, issuer: "http://[::1]:9/x", audience: [a, b], algorithms: [PS256], jwks_file: jwks.json, clock_skew: 0s, ' +
      'max_age: 1d, claims: { tenant: org_id, user: sub, profile: weir_profile }, profile: human_seat, trust: verified',
  )}trust_profiles: { verified: {} }\n`
  const config = configOf(text, {}, outsideOf({ 'jwks.json': publicKeys }))
  assert.deepEqual(config.identity.jwt[0], {
    name: 'corp',
    issuer: 'http://[::1]:9/x',
    audiences: ['a', 'b'],
    algorithms: ['PS256'],
    jwksUrl: null,
    jwks: JSON.parse(publicKeys),
    jwksFile: resolve('jwks.json'),
    clockSkewMs: 0,
    maxAgeMs: 86_400_000,
    claims: { tenant: 'org_id', user: 'sub', profile: 'weir_profile' },
    profile: 'human_seat',
    trust: 'verified',
  })
  assert.equal(configOf(jwt(`${corp}, jwks_url: "http://localhost/k"`)).identity.jwt[0]?.jwksUrl, 'http://localhost/k')
})

test('each field of an issuer is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    'name: a, issuer: "http://login.example", audience: x':
      '5:38 identity.jwt[0].issuer: plain http to another machine',
    'name: a, issuer: login.example, audience: x': '5:38 identity.jwt[0].issuer: not an http or https URL',
    'name: a, issuer: "https://a:b@c", audience: x': '5:38 identity.jwt[0].issuer: holds a user name or a password',
    'name: a, issuer: "https://a"': '5:19 identity.jwt[0].audience: is required',
    'name: a, issuer: "https://a", audience: []': '5:61 identity.jwt[0].audience: is empty',
    [`${corp}, algorithms: [none]`]: '5:95 identity.jwt[0].algorithms[0]: not one of the words that are known here',
    [`${corp}, algorithms: [HS256]`]: '5:95 identity.jwt[0].algorithms[0]: not one of the words that are known here',
    [`${corp}, algorithms: []`]: '5:94 identity.jwt[0].algorithms: is empty',
    [`${corp}, jwks_url: "http://a/k"`]: '5:92 identity.jwt[0].jwks_url: plain http to another machine',
    [`${corp}, jwks_file: none`]: '5:93 identity.jwt[0].jwks_file: there is no such file',
    [`${corp}, jwks_file: ok, jwks_url: "https://a"`]:
      '5:82 identity.jwt[0].jwks_file: jwks_url and jwks_file exclude each other',
    [`${corp}, jwks_file: text`]: '5:93 identity.jwt[0].jwks_file: the file is not JSON',
    [`${corp}, jwks_file: empty`]: '5:93 identity.jwt[0].jwks_file: the file holds no keys',
    [`${corp}, jwks_file: private`]: '5:93 identity.jwt[0].jwks_file: the file holds a private or shared key',
    [`${corp}, jwks_file: shared`]: '5:93 identity.jwt[0].jwks_file: the file holds a private or shared key',
    [`${corp}, clock_skew: 1h`]: '5:94 identity.jwt[0].clock_skew: must be from 0ms to 10m',
    [`${corp}, claims: { org: a }`]: '5:92 identity.jwt[0].claims.org: unknown key "org"',
    [`${corp}, trust: gold`]: '5:89 identity.jwt[0].trust: there is no trust profile "gold"',
  }
  const outside = outsideOf({
    ok: publicKeys,
    text: 'hello',
    empty: '{"keys":[]}',
    private: publicKeys.replace('"x"', '"d":"q","x"'),
    shared: '{"keys":[{"kty":"oct","k":"aa"}]}',
  })
  for (const [fields, problem] of Object.entries(cases)) {
    assert.deepEqual(problemsOf(jwt(fields), {}, outside), [problem], fields)
  }
  const twice = `${minimal}identity: { jwt: [{ ${corp} }, { ${corp} }] }\n`
  assert.deepEqual(problemsOf(twice), ['5:92 identity.jwt[1].name: the same name as identity.jwt[0]'])
})

const cert = '-----BEGIN CERTIFICATE-----\n'
const pem = { 'c.pem': cert, 'k.pem': '-----BEGIN EC PRIVATE KEY-----\n' }
const tls = 'tls: { cert: c.pem, key: k.pem, client_ca: c.pem, client_auth: request }\n'
const certificates = (list: string): string => `${minimal}identity: { certificates: [${list}] }\n`

test('certificates are known by their fingerprint or their name', () => {
  const hex = 'AB:'.repeat(32).slice(0, -1)
  const list = `{ id: a, sha256: "${hex}", tenant: acme, profile: app }, { id: b, subject: "*.acme.example" }`
  assert.deepEqual(configOf(certificates(list) + tls, {}, outsideOf(pem)).identity.certificates, [
    { id: 'a', sha256: 'ab'.repeat(32), subject: null, tenant: 'acme', profile: 'app', trust: null },
    { id: 'b', sha256: null, subject: '*.acme.example', tenant: null, profile: 'unknown', trust: null },
  ])
})

test('each field of a certificate is checked', () => {
  const cases: Readonly<Record<string, string>> = {
    '{ id: a }': '5:28 identity.certificates[0]: names no certificate: sha256 or subject is needed',
    [`{ id: a, subject: b, sha256: ${'a'.repeat(64)} }`]:
      '5:37 identity.certificates[0].subject: sha256 and subject exclude each other',
    '{ id: a, sha256: abc }': '5:45 identity.certificates[0].sha256: not a SHA-256 in hex',
    '{ id: a, subject: b }, { id: a, subject: c }':
      '5:57 identity.certificates[1].id: the same id as identity.certificates[0]',
  }
  for (const [list, problem] of Object.entries(cases)) {
    assert.deepEqual(problemsOf(certificates(list) + tls, {}, outsideOf(pem)), [problem], list)
  }
  assert.deepEqual(problemsOf(certificates('{ id: a, subject: b }')), [
    '5:13 identity.certificates: no client is asked for a certificate',
  ])
})
