import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'
import { createVirtualClock, type VirtualClock } from '../lab/virtual-clock.ts'
import { IssuerKeys, type KeySource } from './jwks.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const ISSUER = 'https://id.example.com'
const JWKS_URL = `${ISSUER}/keys`

const newKey = async (kid: string): Promise<JWK> => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(publicKey)), kid }
}
const [k1, k2] = await Promise.all([newKey('k1'), newKey('k2')])

/** An issuer that answers what it is told to, and counts how often it is asked. */
interface Site {
  readonly clock: VirtualClock
  readonly keys: IssuerKeys
  readonly asked: string[]
  answer(fn: (url: string) => unknown): void
}

function site(source: Partial<KeySource> = {}): Site {
  const clock = createVirtualClock(Date.UTC(2026, 0, 1))
  const asked: string[] = []
  let respond: (url: string) => unknown = () => ({ keys: [k1] })
  const fetchJson = async (url: string): Promise<unknown> => {
    asked.push(url)
    return respond(url)
  }
  const keys = new IssuerKeys({ issuer: ISSUER, jwksUrl: JWKS_URL, jwks: null, ...source }, { clock, fetchJson })
  return { clock, keys, asked, answer: (fn) => void (respond = fn) }
}

const down = (): never => {
  throw new Error('connect ECONNREFUSED')
}

/** `ok` instead of the key itself. */
const find = async ({ keys }: Site, kid: string | undefined, alg = 'ES256'): Promise<string> => {
  const found = await keys.find(alg, kid)
  return typeof found === 'string' ? found : (found satisfies CryptoKey).type
}

test('keys are fetched once and used for minutes', async () => {
  const it = site()
  for (let i = 0; i < 5; i++) {
    assert.equal(await find(it, 'k1'), 'public')
    await it.clock.advance(MINUTE_MS - 1)
  }
  assert.deepEqual(it.asked, [JWKS_URL])
})

test('aging keys are used while new ones come, and old ones are not used before', async () => {
  const it = site()
  await find(it, 'k1')
  it.answer(() => ({ keys: [k2] }))
  await it.clock.advance(6 * MINUTE_MS)
  assert.equal(await find(it, 'k1'), 'public', 'nobody waits yet')
  await it.clock.advance(0)
  assert.equal(await find(it, 'k1'), 'unknown', 'the issuer has withdrawn it')
  assert.equal(await find(it, 'k2'), 'public')
  it.answer(() => ({ keys: [k1] }))
  await it.clock.advance(11 * MINUTE_MS)
  assert.equal(await find(it, 'k2'), 'unknown', 'this time one has to wait')
})

test('a key that nobody has heard of may be a new one: it is asked for, but not more than twice a minute', async () => {
  const it = site()
  await find(it, 'k1')
  await it.clock.advance(MINUTE_MS)
  it.answer(() => ({ keys: [k1, k2] }))
  assert.equal(await find(it, 'k2'), 'public')
  assert.equal(it.asked.length, 2)
  for (let i = 0; i < 300; i++) {
    assert.equal(await find(it, `forged-${i}`), 'unknown')
    await it.clock.advance(SECOND_MS)
  }
  assert.ok(it.asked.length <= 2 + 10, `${it.asked.length} fetches in five minutes`)
  assert.ok(it.asked.length >= 10)
})

test('one fetch serves all who wait, and only so many may wait', async () => {
  const it = site()
  let release: (value: unknown) => void = () => {}
  it.answer(() => new Promise((resolve) => void (release = resolve)))
  const waiting = [...Array(1500).keys()].map(() => find(it, 'k1'))
  await it.clock.advance(SECOND_MS)
  assert.equal(it.asked.length, 1)
  release({ keys: [k1] })
  const found = await Promise.all(waiting)
  assert.equal(found.filter((result) => result === 'public').length, 1000)
  assert.equal(found.filter((result) => result === 'unavailable').length, 500)
  assert.equal(await find(it, 'k1'), 'public', 'the places are free again')
})

test('an issuer that does not answer is waited for 5 seconds, and its late answer does not count', async () => {
  const it = site()
  let release: (value: unknown) => void = () => {}
  it.answer(() => new Promise((resolve) => void (release = resolve)))
  const found = find(it, 'k1')
  await it.clock.advance(4999)
  assert.equal(await Promise.race([found, Promise.resolve('still waiting')]), 'still waiting')
  await it.clock.advance(1)
  assert.equal(await found, 'unavailable')
  release({ keys: [k1] })
  assert.equal(await find(it, 'k1'), 'unavailable')
  assert.equal(it.asked.length, 1, 'a cool-down follows')
  it.answer(() => ({ keys: [k1] }))
  await it.clock.advance(5 * SECOND_MS)
  assert.equal(await find(it, 'k1'), 'public')
  assert.equal(it.clock.pending, 0, 'no timer is left')
})

test('an issuer that is down is asked again after 5 seconds without keys, after 30 with', async () => {
  const it = site()
  it.answer(down)
  for (let i = 0; i < 60; i++) {
    assert.equal(await find(it, 'k1'), 'unavailable')
    await it.clock.advance(SECOND_MS)
  }
  assert.equal(it.asked.length, 12)
  it.answer(() => ({ keys: [k1] }))
  assert.equal(await find(it, 'k1'), 'public')
  it.answer(down)
  await it.clock.advance(MINUTE_MS)
  it.asked.length = 0
  for (let i = 0; i < 60; i++) {
    assert.equal(await find(it, 'k2'), 'unavailable', 'nobody can say whether there is such a key now')
    await it.clock.advance(SECOND_MS)
  }
  assert.equal(it.asked.length, 2)
})

test('keys outlive a failing issuer by a day and not longer, and nobody waits for it meanwhile', async () => {
  const it = site()
  await find(it, 'k1')
  it.answer(() => new Promise(() => {}))
  await it.clock.advance(11 * MINUTE_MS)
  const first = find(it, 'k1')
  await it.clock.advance(5 * SECOND_MS)
  assert.equal(await first, 'public', 'the first one has waited')
  for (let hours = 1; hours < 24; hours++) {
    await it.clock.advance(HOUR_MS - MINUTE_MS)
    assert.equal(await find(it, 'k1'), 'public', `${hours} h`)
    await it.clock.advance(MINUTE_MS)
  }
  await it.clock.advance(HOUR_MS)
  const last = find(it, 'k1')
  await it.clock.advance(5 * SECOND_MS)
  assert.equal(await last, 'unavailable')
})

test('an answer that is no key set, or too large a one, is no answer; an empty set is one', async () => {
  for (const answer of [
    null,
    'text',
    [],
    {},
    { keys: {} },
    { keys: [null] },
    { keys: ['k1'] },
    { keys: [[]] },
    { keys: Array(101).fill(k1) },
    { error: 'internal' },
  ]) {
    const it = site()
    await find(it, 'k1')
    it.answer(() => answer)
    await it.clock.advance(11 * MINUTE_MS)
    assert.equal(await find(it, 'k1'), 'public', JSON.stringify(answer)?.slice(0, 40))
  }
  const it = site()
  await find(it, 'k1')
  it.answer(() => ({ keys: [] }))
  await it.clock.advance(11 * MINUTE_MS)
  assert.equal(await find(it, 'k1'), 'unknown')
})

test('only public keys for signatures of the right kind fit, and exactly one', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const [mine, secret] = await Promise.all([exportJWK(publicKey), exportJWK(privateKey)])
  const rsa = await generateKeyPair('RS256', { extractable: true })
  const { n, e } = await exportJWK(rsa.publicKey)
  for (const [keys, kid, alg, expected] of [
    [[{ ...mine, kid: 'a' }], 'a', 'ES256', 'public'],
    [[{ ...mine, kid: 'a', x5c: ['x'.repeat(100_000)] }], 'a', 'ES256', 'public'],
    [[{ ...mine, kid: 'a' }], undefined, 'ES256', 'public'],
    [[{ ...mine, kid: 'a' }], 'A', 'ES256', 'unknown'],
    [[mine], 'a', 'ES256', 'unknown'],
    [[{ ...mine, kid: 'a' }], 'a', 'RS256', 'unknown'],
    [[{ ...mine, kid: 'a' }], 'a', 'ES384', 'unknown'],
    [[{ ...mine, kid: 'a' }], 'a', 'HS256', 'unknown'],
    [[{ ...mine, kid: 'a' }], 'a', 'none', 'unknown'],
    [[{ ...mine, kid: 'a' }], 'a', '__proto__', 'unknown'],
    [[{ ...mine, kid: 'a', use: 'enc' }], 'a', 'ES256', 'unknown'],
    [[{ ...mine, kid: 'a', key_ops: ['sign'] }], 'a', 'ES256', 'unknown'],
    [[{ ...mine, kid: 'a', alg: 'ES384' }], 'a', 'ES256', 'unknown'],
    [[{ ...secret, kid: 'a' }], 'a', 'ES256', 'unknown'],
    [[{ ...mine, kid: 'a', x: 'AAAA' }], 'a', 'ES256', 'unknown'],
    [[{ kty: 'oct', k: 'c2VjcmV0', kid: 'a' }], 'a', 'HS256', 'unknown'],
    [[{ kty: 'RSA', n, e, kid: 'a' }], 'a', 'RS256', 'public'],
    [[{ kty: 'RSA', n: 'A'.repeat(4000), e, kid: 'a' }], 'a', 'RS256', 'unknown'],
    [
      [
        { ...mine, kid: 'a' },
        { ...k1, kid: 'a' },
      ],
      'a',
      'ES256',
      'unknown',
    ],
    [[{ ...mine, kid: 'a' }, k1], undefined, 'ES256', 'unknown'],
    [
      [
        { ...mine, kid: 'a' },
        { kty: 'RSA', n, e, kid: 'a' },
      ],
      'a',
      'RS256',
      'public',
    ],
  ] as const) {
    const it = site()
    it.answer(() => ({ keys }))
    assert.equal(await find(it, kid, alg), expected, `${alg} ${kid} ${JSON.stringify(keys).slice(0, 200)}`)
  }
})

test('keys that are given are used without asking anybody, and what is none does not start', async () => {
  const it = site({ jwks: { keys: [k1] }, jwksUrl: null })
  it.answer(down)
  assert.equal(await find(it, 'k1'), 'public')
  await it.clock.advance(100 * HOUR_MS)
  assert.equal(await find(it, 'k1'), 'public')
  assert.equal(await find(it, 'k2'), 'unknown')
  assert.deepEqual(it.asked, [])
  for (const jwks of [{}, [], { keys: 'k' }]) assert.throws(() => site({ jwks }), TypeError)
})

test('discovery asks the issuer where its keys are', async () => {
  for (const issuer of [ISSUER, `${ISSUER}/`, `${ISSUER}/realms/a`, 'http://127.0.0.1:8080', 'http://localhost']) {
    const it = site({ issuer, jwksUrl: null })
    const jwksUri = new URL('/somewhere/keys?x=1', issuer).href
    it.answer((url) => (url === jwksUri ? { keys: [k1] } : { issuer, jwks_uri: jwksUri }))
    assert.equal(await find(it, 'k1'), 'public', issuer)
    const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
    assert.deepEqual(it.asked, [`${base}/.well-known/openid-configuration`, jwksUri])
  }
})

test('discovery that leads elsewhere, or speaks for somebody else, is not followed', async () => {
  for (const document of [
    null,
    {},
    { issuer: ISSUER },
    { jwks_uri: JWKS_URL },
    { issuer: `${ISSUER}/`, jwks_uri: JWKS_URL },
    { issuer: 'https://evil.example', jwks_uri: JWKS_URL },
    { issuer: ISSUER, jwks_uri: 'https://evil.example/keys' },
    { issuer: ISSUER, jwks_uri: 'https://id.example.com.evil.example/keys' },
    { issuer: ISSUER, jwks_uri: 'https://id.example.com@evil.example/keys' },
    { issuer: ISSUER, jwks_uri: 'https://a:b@id.example.com/keys' },
    { issuer: ISSUER, jwks_uri: 'https://id.example.com:8443/keys' },
    { issuer: ISSUER, jwks_uri: 'http://id.example.com/keys' },
    { issuer: ISSUER, jwks_uri: 'http://127.0.0.1/keys' },
    { issuer: ISSUER, jwks_uri: 'http://169.254.169.254/latest/meta-data' },
    { issuer: ISSUER, jwks_uri: 'file:///etc/passwd' },
    { issuer: ISSUER, jwks_uri: '/keys' },
    { issuer: ISSUER, jwks_uri: ['https://id.example.com/keys'] },
  ]) {
    const it = site({ jwksUrl: null })
    it.answer((url) => (url.includes('.well-known') ? document : { keys: [k1] }))
    assert.equal(await find(it, 'k1'), 'unavailable', JSON.stringify(document))
    assert.equal(it.asked.length, 1)
  }
  for (const issuer of ['http://id.example.com', 'http://127.0.0.1.evil.example', 'ftp://id.example.com', 'corp', '']) {
    const it = site({ issuer, jwksUrl: null })
    it.answer(() => ({ issuer, jwks_uri: `${issuer}/keys`, keys: [k1] }))
    assert.equal(await find(it, 'k1'), 'unavailable', issuer)
    assert.deepEqual(it.asked, [])
  }
})

test('a clock that was a year ahead for a moment does not keep old keys fresh', async () => {
  const it = site()
  const yearMs = 365 * 24 * HOUR_MS
  let aheadMs = yearMs
  const clock = { now: () => it.clock.now() + aheadMs, after: it.clock.after }
  const asked: string[] = []
  let answer: JWK = k1
  const keys = new IssuerKeys(
    { issuer: ISSUER, jwksUrl: JWKS_URL, jwks: null },
    {
      clock,
      fetchJson: async (url) => {
        asked.push(url)
        return { keys: [answer] }
      },
    },
  )
  assert.equal(typeof (await keys.find('ES256', 'k1')), 'object')
  aheadMs = 0
  answer = k2
  assert.equal(await keys.find('ES256', 'k1'), 'unknown')
  assert.equal(asked.length, 2)
})
