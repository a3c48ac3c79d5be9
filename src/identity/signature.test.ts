import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { claimedKeyId, macOf, sign, SignatureChecker, signatureBase } from './signature.ts'
import {
  WINDOW_MS,
  NOW_MS,
  SECRET,
  HASH,
  freshNonce,
  signed,
  read,
  newChecker,
  check,
} from '../../test/support/signed-requests.ts'

test("the signature base and the HMAC are those of RFC 9421's own example (B.2.5)", () => {
  const params = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
  const base = signatureBase(
    [
      ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
      ['@authority', 'example.com'],
      ['content-type', 'application/json'],
    ],
    params,
  )
  assert.equal(
    base,
    `"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@authority": example.com\n"content-type": application/json\n` +
      `"@signature-params": ${params}`,
  )
  const secret = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=='
  assert.equal(macOf(Buffer.from(secret, 'base64'), base), 'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=')
})

test('a request that another library signs by the RFC is taken, with parameters in any order', () => {
  const body = Buffer.from('{"hello": "world"}')
  // RFC 9530, appendix D, has this digest of this body.
  const digest = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:'
  for (const rest of [
    'created=1767225600;nonce="b3k2pp5k7z-50gnwp.yemd";keyid="acme-1"',
    'keyid="acme-1";alg="hmac-sha256";nonce="b3k2pp5k7z-50gnwp.yemd";created=1767225600',
  ]) {
    const params = `("@method" "@path" "@query" "content-digest");${rest}`
    const base =
      `"@method": POST\n"@path": /foo\n"@query": ?param=Value&Pet=dog\n"content-digest": ${digest}\n` +
      `"@signature-params": ${params}`
    const mac = createHmac('sha256', Buffer.from(HASH, 'hex')).update(base).digest('base64')
    const sent = { method: 'POST', target: '/foo?param=Value&Pet=dog', body }
    const headers = { 'content-digest': digest, 'signature-input': `my-sig=${params}`, signature: `my-sig=:${mac}:` }
    assert.equal(check({ ...sent, headers }), 'ok', rest)
  }
})

test('what the helper signs is right, whatever the body and the query', () => {
  const path = fc.array(fc.constantFrom('a', '/', '%2e', '..', '?', '=', '&', ';', ':', '"'), { maxLength: 12 })
  fc.assert(
    fc.property(path, fc.uint8Array(), (parts, body) => {
      const request = { method: 'POST', target: `/${parts.join('')}`, body }
      const headers = sign(request, { keyId: 'acme-1', secret: SECRET }, { nonce: freshNonce(), createdMs: NOW_MS })
      assert.equal(check({ ...request, headers }), 'ok')
    }),
  )
  const bare = { method: 'GET', target: '/v1/models', body: new Uint8Array() }
  const headers = sign(bare, { keyId: 'acme-1', secret: SECRET }, { nonce: freshNonce(), createdMs: NOW_MS })
  assert.equal(check({ ...bare, headers }), 'ok', 'nothing to hash and no query')
})

test('nothing that is covered can be changed', () => {
  const sent = signed()
  const { target, body } = sent
  const [path, query] = target.split('?') as [string, string]
  for (const changed of [
    { method: 'PUT' },
    { method: 'GET' },
    { target: path },
    { target: `${path}?` },
    { target: `/v1/completions?${query}` },
    { target: `${path}/?${query}` },
    { target: `//v1/chat/completions?${query}` },
    { target: `/v1/../v1/chat/completions?${query}` },
    { target: `${target}&y=1` },
    { target: target.replace('%2F', '%2f') },
    { target: target.replace('%2F', '/') },
    { target: target.replace('?', '%3F') },
    { target: target.toUpperCase() },
    { body: Buffer.concat([body, Buffer.from(' ')]) },
    { body: body.subarray(1) },
    { body: new Uint8Array() },
  ]) {
    assert.equal(check({ ...sent, ...changed }), 'wrong', JSON.stringify(changed))
  }
  assert.equal(check(sent), 'ok', 'else this test shows nothing')
})

test('a body cannot bring its own digest', () => {
  const sent = signed()
  const body = Buffer.from('{"model":"dearest"}')
  const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  assert.equal(check({ ...sent, body, headers: { ...sent.headers, 'content-digest': digest } }), 'wrong')
})

test('parameters are signed too', () => {
  const sent = signed()
  for (const [from, to] of [
    ['created=1767225600', 'created=1767225601'],
    ['nonce="nonce-', 'nonce="other-'],
    [';alg="hmac-sha256"', ''],
  ] as const) {
    const input = sent.headers['signature-input']!.replace(from, to)
    assert.notEqual(input, sent.headers['signature-input'])
    assert.equal(check({ ...sent, headers: { ...sent.headers, 'signature-input': input } }), 'wrong', to)
  }
})

test('a signature of another key, of another secret or under a hash that is none is wrong', () => {
  assert.equal(check(signed({ secret: 'x'.repeat(40) })), 'wrong')
  assert.equal(check(signed({ keyId: 'solo' })), 'wrong')
  assert.equal(check(signed(), NOW_MS, newChecker(), 'solo'), 'wrong')
  const sent = signed()
  for (const hash of ['', 'zz', HASH.slice(2), `${HASH}00`, SECRET]) {
    const { 'signature-input': input, 'content-digest': digest } = sent.headers
    const params = input!.slice(input!.indexOf('=') + 1)
    const base = signatureBase(
      [
        ['@method', sent.method],
        ['@path', '/v1/chat/completions'],
        ['@query', '?beta=true&x=%2F'],
        ['content-digest', digest!],
      ],
      params,
    )
    const forged = {
      ...sent,
      headers: { ...sent.headers, signature: `sig1=:${macOf(Buffer.from(hash, 'hex'), base)}:` },
    }
    assert.equal(newChecker().check(read(forged), 'acme-1', hash, NOW_MS), 'wrong', hash)
  }
})

test('no signature is missing, half of one is malformed', () => {
  const sent = signed()
  assert.equal(check({ ...sent, headers: {} }), 'missing')
  assert.equal(check({ ...sent, headers: { 'content-digest': sent.headers['content-digest']! } }), 'missing')
  for (const name of Object.keys(sent.headers)) {
    const headers = Object.fromEntries(Object.entries(sent.headers).filter(([other]) => other !== name))
    assert.equal(check({ ...sent, headers }), 'malformed', name)
  }
})

test('anything but the one form is malformed: other components, orders, parameters, spaces, more signatures', () => {
  const sent = signed()
  const { 'signature-input': input, signature, 'content-digest': digest } = sent.headers
  const inputs = [
    '',
    '=',
    'sig1',
    input!.replace('sig1', ''),
    input!.replace('sig1', 'Sig1'),
    input!.replace('sig1', 's'.repeat(33)),
    input!.replace(' "content-digest"', ''),
    input!.replace('"@method" "@path"', '"@path" "@method"'),
    input!.replace('"@path"', '"@path" "@path"'),
    input!.replace('"content-digest"', '"content-digest" "date"'),
    input!.replace('"content-digest"', '"content-digest";req'),
    input!.replace('"@query"', '"@query-param";name="x"'),
    input!.replace(';created', '; created'),
    input!.replace('" "', '"  "'),
    input!.replace('created=', 'created=0'),
    input!.replace('created=', 'created=-'),
    input!.replace(/created=\d+/, 'created=1e9'),
    input!.replace(/created=\d+/, 'created=1767225600.0'),
    input!.replace(/created=\d+;/, ''),
    input!.replace(/nonce="[^"]*";/, ''),
    input!.replace(/nonce="[^"]*"/, 'nonce="short"'),
    input!.replace(/nonce="[^"]*"/, `nonce="${'n'.repeat(65)}"`),
    input!.replace(/nonce="[^"]*"/, 'nonce=naked-nonce-of-16'),
    input!.replace(/nonce="[^"]*"/, String.raw`nonce="escaped\"nonce-of-16"`),
    input!.replace(/;keyid="[^"]*"/, ''),
    input!.replace('acme-1', ''),
    input!.replace('hmac-sha256', 'none'),
    input!.replace('hmac-sha256', 'rsa-v1_5-sha256'),
    `${input};alg="hmac-sha256"`,
    `${input};keyid="acme-1"`,
    `${input};expires=9999999999`,
    `${input};tag="x"`,
    `${input};__proto__="x"`,
    `${input};`,
    `${input}\n`,
    ` ${input}`,
    `${input}, ${input}`,
    `${input},${input!.replace('sig1', 'sig2')}`,
    `${input};${'x'.repeat(500)}`,
    'x'.repeat(50_000_000),
  ]
  for (const text of inputs) {
    assert.notEqual(text, input)
    const headers = { ...sent.headers, 'signature-input': text }
    assert.equal(check({ ...sent, headers }), 'malformed', text.slice(0, 300))
  }
  for (const text of [
    '',
    signature!.slice(0, -1),
    signature!.slice(0, 20),
    signature!.replace('sig1', 'sig2'),
    signature!.replace(':', ''),
    `${signature}:`,
    `${signature}, ${signature}`,
    signature!.replaceAll(':', '"'),
    `sig1=:${'é'.repeat(44)}:`,
    `sig1=:${'A'.repeat(44)}:`,
    `sig1=::`,
    'x'.repeat(50_000_000),
  ]) {
    assert.equal(check({ ...sent, headers: { ...sent.headers, signature: text } }), 'malformed', text.slice(0, 99))
  }
  for (const text of [
    '',
    digest!.replace('sha-256', 'sha-512'),
    digest!.replace('sha-256', 'SHA-256'),
    digest!.slice(8),
    `${digest}, ${digest}`,
    `${digest},sha-512=:AA==:`,
    'sha-256=::',
    'x'.repeat(50_000_000),
  ]) {
    assert.equal(
      check({ ...sent, headers: { ...sent.headers, 'content-digest': text } }),
      'malformed',
      text.slice(0, 99),
    )
  }
})

test('a target or a method that could forge a line of the signature base is malformed', () => {
  const sent = signed()
  for (const target of [
    '',
    '*',
    'v1',
    'http://example.com/v1',
    '/a b',
    '/a\n"@query": ?x',
    '/é',
    `/${'a'.repeat(8192)}`,
  ]) {
    assert.equal(check({ ...sent, target }), 'malformed', target.slice(0, 40))
  }
  for (const method of ['', 'post', 'POST\n"@path": /x', 'P'.repeat(21)]) {
    assert.equal(check({ ...sent, method }), 'malformed', method)
  }
  const key = { keyId: 'acme-1', secret: SECRET }
  const at = { nonce: freshNonce(), createdMs: NOW_MS }
  assert.throws(() => sign({ ...sent, target: '/a b' }, key, at), RangeError)
  assert.throws(() => sign(sent, key, { ...at, nonce: 'a"b' }), RangeError)
  assert.throws(() => sign(sent, { ...key, keyId: 'a"b' }, at), RangeError)
})

test('header noise changes nothing: other headers, their order', () => {
  const sent = signed()
  const headers = { date: 'now', ...Object.fromEntries(Object.entries(sent.headers).toReversed()), 'x-signature': 'no' }
  assert.equal(check({ ...sent, headers }), 'ok')
})

test('a signature is taken within the window only, before and after', () => {
  const sent = signed()
  assert.equal(check(sent, NOW_MS + WINDOW_MS), 'ok')
  assert.equal(check(sent, NOW_MS - WINDOW_MS), 'ok')
  assert.equal(check(sent, NOW_MS + WINDOW_MS + 1), 'stale')
  assert.equal(check(sent, NOW_MS - WINDOW_MS - 1), 'stale')
})

test('the key that a request claims can be read before it is known', () => {
  assert.equal(claimedKeyId(signed().headers['signature-input']!), 'acme-1')
  for (const text of ['', 'sig1=();keyid="acme-1"', 'x'.repeat(10_000)]) assert.equal(claimedKeyId(text), null)
})

test('a checker without a window or room does not start', () => {
  for (const windowMs of [0, -1, 0.5, NaN])
    assert.throws(() => new SignatureChecker({ windowMs, maxNonces: 10 }), RangeError)
  for (const maxNonces of [0, 1, NaN])
    assert.throws(() => new SignatureChecker({ windowMs: 1000, maxNonces }), RangeError)
})
