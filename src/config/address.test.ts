import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress, parseAddress, parseNetwork } from './address.ts'

test('an address is a host and a port, IPv6 in brackets', () => {
  const known = {
    '127.0.0.1:8080': { host: '127.0.0.1', port: 8080 },
    '[::1]:8080': { host: '::1', port: 8080 },
    'localhost:0': { host: 'localhost', port: 0 },
    'weir.internal:65535': { host: 'weir.internal', port: 65_535 },
  }
  for (const [text, value] of Object.entries(known)) {
    assert.deepEqual(parseAddress(text), { ok: true, value })
    assert.equal(formatAddress(value), text)
  }
})

test('what is not an address is refused with a hint that fits', () => {
  const wrong: readonly [text: string, message: RegExp, hint: RegExp][] = [
    ['8080', /host:port/, /127\.0\.0\.1:8080/],
    [':8080', /host is missing/, /0\.0\.0\.0/],
    ['localhost', /host:port/, /127\.0\.0\.1:8080/],
    ['::1:8080', /host:port/, /in brackets/],
    ['[::g]:8080', /IPv6 address/, /\[::1\]/],
    ['127.0.0.1:65536', /port/, /65535/],
    ['999.0.0.1:80', /not a host/, /host name/],
    ['a b:80', /not a host/, /host name/],
    ['http://a:80', /host:port/, /127\.0\.0\.1:8080/],
  ]
  for (const [text, message, hint] of wrong) {
    const result = parseAddress(text)
    assert.ok(!result.ok, text)
    assert.match(result.error.message, message, text)
    assert.match(result.error.hint, hint, text)
  }
})

test('a single address becomes a network of one', () => {
  assert.deepEqual(parseNetwork('10.0.0.0/8'), { ok: true, value: '10.0.0.0/8' })
  assert.deepEqual(parseNetwork('127.0.0.1'), { ok: true, value: '127.0.0.1/32' })
  assert.deepEqual(parseNetwork('::1'), { ok: true, value: '::1/128' })
  assert.deepEqual(parseNetwork('fd00::/08'), { ok: true, value: 'fd00::/8' })
})

test('what is not a network, or is every network, is refused', () => {
  for (const text of [
    '',
    'x',
    '10.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
  ]) {
    assert.ok(!parseNetwork(text).ok, text)
  }
  for (const text of ['::ffff:0:0/96', '::FFFF:10.0.0.1']) {
    const mapped = parseNetwork(text)
    assert.ok(!mapped.ok && /written as IPv6/.test(mapped.error.message), text)
  }
  const everybody = parseNetwork('0.0.0.0/0')
  assert.ok(!everybody.ok)
  assert.match(everybody.error.message, /every address/)
})
