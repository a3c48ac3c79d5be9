import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompactSign, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { type JwtIssuer } from './jwt.ts'
import {
  jwk,
  corp,
  desk,
  make,
  b64,
  verdict,
  edited,
  rsa,
  ec,
  NOW_MS,
  NOW_S,
  ISSUER,
} from '../../test/support/jwt-issuer.ts'

const [foreign, weak] = await Promise.all([
  generateKeyPair('ES256', { extractable: true }),
  crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify'],
  ),
])

test('a good token says who it is for', async () => {
  const it = desk()
  assert.deepEqual(await it.checker.check(await make()), {
    ok: true,
    issuer: 'corp',
    subject: 'u1',
    tenant: null,
    user: 'u1',
    profile: null,
    expiresAtMs: NOW_MS + 600_000,
  })
  const byRsa = { header: { alg: 'RS256', kid: 'rsa' }, key: rsa.privateKey }
  assert.equal(await verdict(await make(byRsa), it), 'ok')
  for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+JWT']) {
    assert.equal(await verdict(await make({ header: { typ } }), it), 'ok', typ)
  }
  assert.equal(await verdict(await make({ payload: { aud: ['other', 'weir-staging'] } }), it), 'ok')
  assert.equal(await verdict(await make({ header: { kid: undefined } }), it), 'ok', 'only one key fits ES256')
})

test('a token without a signature is refused, however it is written', async () => {
  const payload = { iss: ISSUER, aud: 'weir', sub: 'u1', exp: NOW_S + 600 }
  assert.equal(await verdict(new UnsecuredJWT(payload).encode()), 'malformed')
  const token = await make()
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined, 7, ['ES256']]) {
    assert.notEqual(await verdict(edited(token, { header: { alg } })), 'ok', String(alg))
    assert.notEqual(await verdict(`${b64({ alg, kid: 'ec' })}.${b64(payload)}.AA`), 'ok', String(alg))
    assert.notEqual(await verdict(`${b64({ alg, kid: 'ec' })}.${b64(payload)}.`), 'ok', String(alg))
  }
})

test('the public key is no secret to sign with', async () => {
  for (const pair of [rsa, ec]) {
    const kid = pair === rsa ? 'rsa' : 'ec'
    const texts = [await exportSPKI(pair.publicKey), JSON.stringify(await jwk(pair.publicKey, kid))]
    for (const secret of texts) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const token = await new SignJWT({ iss: ISSUER, aud: 'weir', sub: 'u1', exp: NOW_S + 600 })
          .setProtectedHeader({ alg, kid })
          .sign(Buffer.from(secret))
        assert.equal(await verdict(token), 'unknown', alg)
      }
    }
  }
})

test('an algorithm outside the list is refused even if its signature is right, and before any key is looked for', async () => {
  const it = desk([{ ...corp, algorithms: ['RS256'] }])
  assert.equal(await verdict(await make(), it), 'unknown')
  assert.deepEqual(it.asked, [])
  assert.throws(() => desk([{ ...corp, algorithms: ['HS256' as 'RS256'] }]), RangeError)
  assert.throws(() => desk([{ ...corp, algorithms: ['none' as 'RS256'] }]), RangeError)
  assert.throws(() => desk([{ ...corp, algorithms: [] }]), RangeError)
  assert.throws(() => desk([{ ...corp, audiences: [] }]), RangeError)
})

test('a signature counts for the algorithm, the key and the text it was made for', async () => {
  const it = desk()
  const token = await make()
  const byRsa = await make({ header: { alg: 'RS256', kid: 'rsa' }, key: rsa.privateKey })
  const other = await make({ payload: { sub: 'u2' } })
  assert.equal(await verdict(edited(byRsa, { header: { alg: 'PS256' } }), it), 'unknown')
  assert.equal(await verdict(edited(byRsa, { header: { alg: 'ES256', kid: 'ec' } }), it), 'unknown')
  assert.equal(await verdict(edited(token, { header: { alg: 'RS256', kid: 'rsa' } }), it), 'unknown')
  assert.equal(await verdict(edited(token, { header: { x: 1 } }), it), 'unknown')
  assert.equal(await verdict(edited(token, { payload: { sub: 'root' } }), it), 'unknown')
  assert.equal(await verdict(edited(token, { payload: { exp: NOW_S + 9999 } }), it), 'unknown')
  assert.equal(await verdict([...token.split('.').slice(0, 2), other.split('.')[2]].join('.'), it), 'unknown')
  assert.equal(await verdict(await make({ key: foreign.privateKey }), it), 'unknown')
  assert.equal(await verdict(token, it), 'ok')
})

test('a key that a token brings along is not listened to', async () => {
  const mine = await jwk(foreign.publicKey, 'ec')
  for (const header of [{ jwk: mine }, { jku: 'https://evil.example/keys' }, { x5u: 'https://evil.example/c' }]) {
    const it = desk()
    assert.equal(await verdict(await make({ header, key: foreign.privateKey }), it), 'unknown')
    assert.deepEqual(it.asked, [corp.jwksUrl])
  }
})

test('a wrong key id fits nothing, and one that is no text is malformed', async () => {
  const it = desk()
  for (const kid of ['EC', 'ec ', '', '../rsa', '__proto__', 'rsa']) {
    assert.equal(await verdict(await make({ header: { kid } }), it), 'unknown', kid)
  }
  const token = await make()
  for (const kid of [null, 7, ['ec'], {}, 'k'.repeat(257)]) {
    assert.equal(await verdict(edited(token, { header: { kid } }), it), 'malformed', JSON.stringify(kid))
  }
})

test('an RSA key of 1024 bits is not used', async () => {
  const it = desk()
  it.keys = { keys: [await jwk(weak.publicKey, 'weak')] }
  const text = `${b64({ alg: 'RS256', kid: 'weak' })}.${b64({ iss: ISSUER, aud: 'weir', sub: 'u1', exp: NOW_S + 600 })}`
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', weak.privateKey, Buffer.from(text))
  assert.equal(await verdict(`${text}.${Buffer.from(signature).toString('base64url')}`, it), 'unknown')
})

test('a token for somebody else, of somebody else, or from another time is refused', async () => {
  const it = desk()
  for (const [payload, expected] of [
    [{ iss: 'https://evil.example' }, 'unknown'],
    [{ iss: `${ISSUER}/` }, 'unknown'],
    [{ iss: [ISSUER] }, 'unknown'],
    [{ iss: undefined }, 'unknown'],
    [{ aud: 'other' }, 'unknown'],
    [{ aud: 'weir2' }, 'unknown'],
    [{ aud: ['other', 'WEIR'] }, 'unknown'],
    [{ aud: [] }, 'unknown'],
    [{ aud: [['weir']] }, 'unknown'],
    [{ aud: { weir: true } }, 'unknown'],
    [{ aud: undefined }, 'unknown'],
    [{ exp: NOW_S - 30 }, 'expired'],
    [{ exp: 0 }, 'expired'],
    [{ exp: undefined }, 'malformed'],
    [{ exp: String(NOW_S + 600) }, 'malformed'],
    [{ nbf: NOW_S + 31 }, 'unknown'],
    [{ nbf: 'soon' }, 'malformed'],
    [{ iat: NOW_S + 31 }, 'unknown'],
    [{ sub: undefined }, 'malformed'],
    [{ sub: 'u1\n' }, 'malformed'],
  ] as const) {
    assert.equal(await verdict(await make({ payload }), it), expected, JSON.stringify(payload))
  }
  assert.equal(await verdict(await make({ payload: { exp: NOW_S - 29, nbf: NOW_S + 30, iat: NOW_S + 30 } }), it), 'ok')
})

test('what JSON can write and an instant cannot be does not make a token valid for ever', async () => {
  const payload = `{"iss":"${ISSUER}","aud":"weir","sub":"u1","exp":1e400}`
  const token = await new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: 'ES256', kid: 'ec' })
    .sign(ec.privateKey)
  assert.equal(await verdict(token), 'malformed')
})

test('other kinds of signed things, and extensions that nobody here knows, are malformed', async () => {
  const token = await make()
  for (const header of [
    { typ: 'logout+jwt' },
    { typ: 'dpop+jwt' },
    { typ: 'secevent+jwt' },
    { typ: '' },
    { typ: null },
    { typ: ['JWT'] },
    { crit: ['exp'], exp: 1 },
    { crit: ['b64'], b64: false },
    { crit: [] },
    { crit: null },
  ]) {
    assert.equal(await verdict(edited(token, { header })), 'malformed', JSON.stringify(header))
  }
})

test('what is no compact JWT is malformed at once, and a huge one is not even hashed', async () => {
  const it = desk()
  const token = await make()
  const [header, payload, signature] = token.split('.') as [string, string, string]
  const texts = [
    '',
    '.',
    '..',
    '...',
    header,
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `.${payload}.${signature}`,
    `${header}..${signature}`,
    `${token}.`,
    `${token}.a.b`,
    ` ${token}`,
    `${token}\n`,
    `${token}=`,
    `${header}=.${payload}.${signature}`,
    `${header}.${payload}.${signature}é`,
    `${b64('[]')}.${payload}.${signature}`,
    `${b64('{"alg":"ES256"')}.${payload}.${signature}`,
    `${b64('null')}.${payload}.${signature}`,
    `${header}.${b64('"text"')}.${signature}`,
    `${header}.${b64('{')}.${signature}`,
    `${header}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${signature}`,
    await make({ payload: { pad: 'x'.repeat(8192) } }),
    'x'.repeat(100_000_000),
    `${header}.${'A'.repeat(100_000_000)}.${signature}`,
  ]
  const startMs = performance.now()
  for (const text of texts) {
    assert.deepEqual(it.checker.check(text), { ok: false, why: 'malformed' }, text.slice(0, 100))
  }
  assert.ok(performance.now() - startMs < 2000)
  assert.deepEqual(it.asked, [])
})

test('a token that is cut anywhere is no token', async () => {
  const it = desk()
  const token = await make()
  for (let length = 0; length < token.length; length += 7) {
    assert.notEqual(await verdict(token.slice(0, length), it), 'ok', String(length))
  }
})

test('a header that names a member twice has one meaning: the last', async () => {
  const twice = async (header: string): Promise<string> => {
    const text = `${b64(header)}.${b64({ iss: ISSUER, aud: 'weir', sub: 'u1', exp: NOW_S + 600 })}`
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, ec.privateKey, Buffer.from(text))
    return `${text}.${Buffer.from(signature).toString('base64url')}`
  }
  assert.equal(await verdict(await twice('{"alg":"ES256","kid":"ec","alg":"none"}')), 'unknown')
  assert.equal(await verdict(await twice('{"alg":"none","kid":"ec","alg":"ES256"}')), 'ok')
})

test('what looks like a JWT is three parts that start with a JSON object', async () => {
  const { checker } = desk()
  assert.ok(checker.looksLikeJwt(await make()))
  assert.ok(checker.looksLikeJwt(new UnsecuredJWT({}).encode()))
  for (const text of ['', 'eyJ', 'eyJ.', 'eyJ.a', 'eyJ.a.b.c', 'eyJ.a.b.c.d', 'wr_a.b.c', 'wt_eyJ.a.b', 'sk-abc']) {
    assert.ok(!checker.looksLikeJwt(text), text)
  }
})

test('two entries of one issuer are told apart by their audiences, and keys of one issuer do not speak for another', async () => {
  const staging: JwtIssuer = { ...corp, name: 'staging', audiences: ['only-staging'] }
  const other: JwtIssuer = {
    ...corp,
    name: 'other',
    issuer: 'https://other.example',
    jwksUrl: null,
    jwks: { keys: [] },
  }
  const it = desk([corp, staging, other])
  const check = await it.checker.check(await make({ payload: { aud: 'only-staging' } }))
  assert.ok(check.ok)
  assert.equal(check.issuer, 'staging')
  assert.equal(await verdict(await make({ payload: { iss: 'https://other.example' } }), it), 'unknown')
  assert.equal(await verdict(await make(), desk([])), 'unknown')
})
