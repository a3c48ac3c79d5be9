import assert from 'node:assert/strict'
import { isIP, isIPv6 } from 'node:net'
import { test } from 'node:test'
import * as fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { lastOf, parseRange, readAddress } from './address.ts'

const words = new Uint32Array(4)
const versionOf = (text: string): number => readAddress(text, words)

/** Text that is nearly an address. */
const almost = fc
  .array(
    fc.constantFrom(':', '::', '.', '0', '00', '1', '12', '255', '256', 'f', 'FFff', 'abcde', 'g', '%', '/', ' '),
    {
      maxLength: 18,
    },
  )
  .map((parts) => parts.join(''))

test('what is an address is what node calls one, but for zones', () => {
  const text = fc.oneof(almost, fc.string(), fc.ipV4(), fc.ipV6(), fc.ipV4Extended())
  fc.assert(
    fc.property(text, (candidate) => {
      assert.equal(versionOf(candidate) !== 0, !candidate.includes('%') && isIP(candidate) !== 0, candidate)
    }),
    { numRuns: 5000 },
  )
})

test('an address is neither too long nor too short, wherever its gap is', () => {
  const groups = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
  for (let count = 0; count <= 9; count++) {
    for (const tail of [[], ['192.0.2.1']]) {
      for (let gap = -1; gap <= count; gap++) {
        const parts = [...groups.slice(0, count), ...tail]
        const text = gap < 0 ? parts.join(':') : `${parts.slice(0, gap).join(':')}::${parts.slice(gap).join(':')}`
        assert.equal(versionOf(text) !== 0, isIP(text) !== 0, text)
      }
    }
  }
})

test('the words are the address, IPv4 out of its clothes of IPv6', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.ipV4().map((ip) => `::ffff:${ip}`),
      ),
      (text) => {
        // ipaddr.js takes ::192.0.2.1, long deprecated (RFC 4291, 2.5.5.1), for IPv4; node does not.
        fc.pre(!/^::[\d.]+$/.test(text))
        const version = versionOf(text)
        const expected = ipaddr.process(text)
        assert.equal(version, expected.kind() === 'ipv4' ? 4 : 6)
        const bytes = Buffer.alloc(16)
        for (let i = 0; i < 4; i++) bytes.writeUInt32BE(words[i]!, i * 4)
        assert.deepEqual([...bytes.subarray(version === 4 ? 12 : 0)], expected.toByteArray())
      },
    ),
    { numRuns: 2000 },
  )
})

test('an address is read into whole words, whatever stood there before', () => {
  words.fill(0xffff_ffff)
  assert.equal(versionOf('0.0.0.1'), 4)
  assert.deepEqual([...words], [0, 0, 0, 1])
  assert.equal(versionOf('1::'), 6)
  assert.deepEqual([...words], [0x1_0000, 0, 0, 0])
})

test('a network has a length, and no bit beyond it', () => {
  for (const good of [
    '10.0.0.0/8',
    '192.0.2.1',
    '192.0.2.1/32',
    '0.0.0.0/0',
    '2001:db8::/32',
    '::/0',
    '::1',
    '::1/128',
  ]) {
    assert.ok(parseRange(good).ok, good)
  }
  for (const [bad, why] of [
    ['10.0.0.1/8', /bits beyond/],
    ['2001:db8::1/64', /bits beyond/],
    ['10.0.0.0/33', /prefix length/],
    ['::/129', /prefix length/],
    ['10.0.0.0/', /prefix length/],
    ['10.0.0.0/-1', /prefix length/],
    ['10.0.0.0/8/8', /prefix length/],
    ['10.0.0.0/0x8', /prefix length/],
    ['10.0.0.0/1e1', /prefix length/],
    ['010.0.0.0/8', /not an IP/],
    ['10.0.0/8', /not an IP/],
    ['example.com', /not an IP/],
    ['fe80::1%eth0', /not an IP/],
    ['', /not an IP/],
    [`${' '.repeat(60)}10.0.0.0/8`, /not an IP/],
  ] as const) {
    const range = parseRange(bad)
    assert.ok(!range.ok, bad)
    assert.match(range.error, why, bad)
  }
})

test('an IPv4 network written as IPv6 is the IPv4 network', () => {
  assert.deepEqual(parseRange('::ffff:10.0.0.0/104'), parseRange('10.0.0.0/8'))
  assert.deepEqual(parseRange('::ffff:10.1.2.3'), parseRange('10.1.2.3/32'))
  assert.ok(!parseRange('::ffff:0:0/95').ok, 'half of it would be no IPv4')
})

test('the last address of a network is the one before the next network', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 128n - 1n), fc.integer({ min: 0, max: 128 }), (value, bits) => {
      const size = 1n << BigInt(128 - bits)
      const first = value - (value % size)
      const groups = first.toString(16).padStart(32, '0').match(/.{4}/g)!
      const text = groups.join(':')
      fc.pre(isIPv6(text) && versionOf(text) === 6)
      const range = parseRange(`${text}/${bits}`)
      assert.ok(range.ok)
      const last = lastOf(range.value).reduce((sum, word) => sum * 2n ** 32n + BigInt(word), 0n)
      assert.equal(last, first + size - 1n)
    }),
  )
})
