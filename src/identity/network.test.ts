import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createNetworkReader, networkOf } from './network.ts'

const read = createNetworkReader(['10.0.0.0/8', '192.0.2.1/32', '2001:db8:aaaa::/48'])
const PROXY = '10.0.0.1'

const ipOf = (peer: string, forwardedFor?: string): string => read(peer, forwardedFor).ip
const prefixOf = (address: string): string => read(address, undefined).ipPrefix

test('without a trusted proxy the socket has the only word', () => {
  for (const forged of ['1.2.3.4', '10.0.0.1', '1.2.3.4, 10.0.0.1', '::1', 'garbage', '']) {
    assert.equal(ipOf('203.0.113.9', forged), '203.0.113.9', forged)
    assert.equal(createNetworkReader([])(PROXY, forged).ip, PROXY, forged)
  }
})

test('a trusted proxy says who is behind it', () => {
  assert.equal(ipOf(PROXY, '203.0.113.9'), '203.0.113.9')
  assert.equal(ipOf('192.0.2.1', '203.0.113.9'), '203.0.113.9')
  assert.equal(ipOf('192.0.2.2', '203.0.113.9'), '192.0.2.2', 'its neighbour is not trusted')
  assert.equal(ipOf('2001:db8:aaaa:1::5', '203.0.113.9'), '203.0.113.9')
  assert.equal(ipOf('::ffff:10.0.0.1', '203.0.113.9'), '203.0.113.9', 'as a dual-stack socket shows it')
  assert.equal(ipOf(PROXY, undefined), PROXY)
})

test('a chain is followed from the right, as far as trusted proxies vouch for each other', () => {
  for (const [chain, client] of [
    ['203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['203.0.113.9,10.0.0.2,192.0.2.1', '203.0.113.9'],
    ['1.1.1.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['10.9.9.9, 203.0.113.9', '203.0.113.9'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['203.0.113.9, 2001:db8:aaaa::1', '203.0.113.9'],
    ['203.0.113.9 ,\t10.0.0.2 ', '203.0.113.9'],
  ] as const) {
    assert.equal(ipOf(PROXY, chain), client, chain)
  }
})

test('what a client writes in front of its own address never counts', () => {
  const hop = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constantFrom('10.0.0.2', '127.0.0.1', '[::1]:80', '"', ''))
  fc.assert(
    fc.property(fc.array(hop, { maxLength: 10 }), (forged) => {
      assert.equal(ipOf(PROXY, [...forged, '203.0.113.9'].join(', ')), '203.0.113.9')
      assert.equal(ipOf(PROXY, [...forged, '203.0.113.9', '10.0.0.2'].join(',')), '203.0.113.9')
    }),
  )
})

test('what no trusted proxy could have written ends the chain at the last address that it vouched for', () => {
  for (const garbage of [
    '',
    'unknown',
    '_hidden',
    'example.com',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '010.0.0.7',
    '0x7f.0.0.1',
    '2130706433',
    '::ffff:010.0.0.7',
    '::ffff:0x7f.0.0.1',
    '1.2.3.4%eth0',
    '1.2.3.4/24',
    '-1.2.3.4',
    '[::1',
    '::1]',
    ':::',
    '1.2.3.4:80:90',
    '"203.0.113.9"',
    'for=203.0.113.9',
    '１.2.3.4',
  ]) {
    assert.equal(ipOf(PROXY, `203.0.113.9, ${garbage}`), PROXY, garbage)
    assert.equal(ipOf(PROXY, `${garbage}, 10.0.0.2`), '10.0.0.2', garbage)
  }
})

test('a port that a proxy appends is not part of the address', () => {
  for (const [hop, client] of [
    ['203.0.113.9:443', '203.0.113.9'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:db8::443', '2001:db8::443'],
  ] as const) {
    assert.equal(ipOf(PROXY, hop), client)
  }
})

test('one host has one name', () => {
  for (const [written, ip] of [
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:cb00:7109', '203.0.113.9'],
    ['0:0:0:0:0:ffff:203.0.113.9', '203.0.113.9'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::1%anything', 'fe80::1'],
  ] as const) {
    assert.equal(ipOf(written), ip)
    assert.equal(ipOf(PROXY, written), ip)
  }
})

test('neighbours share a prefix: /24 of IPv4, /64 of IPv6', () => {
  assert.equal(prefixOf('203.0.113.9'), '203.0.113.0/24')
  assert.equal(prefixOf('203.0.113.250'), '203.0.113.0/24')
  assert.equal(prefixOf('::ffff:203.0.113.9'), '203.0.113.0/24')
  assert.equal(prefixOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(prefixOf('2001:db8:1:2::'), '2001:db8:1:2::/64')
  assert.equal(prefixOf('2001:db8:0:0:ffff::1'), '2001:db8::/64')
  assert.equal(prefixOf('::1'), '::/64')
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(255), (address, last) => {
      const neighbour = `${address.slice(0, address.lastIndexOf('.'))}.${last}`
      assert.equal(prefixOf(address), prefixOf(neighbour))
    }),
  )
})

test('any address that is read reads back as itself, with the prefix it had', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const network = read(address, undefined)
      assert.notEqual(network.ip, 'unknown', address)
      assert.deepEqual(read(network.ip, undefined), network)
    }),
  )
})

test('a socket without an address is unknown, and so is what it forwards', () => {
  for (const peer of ['', 'pipe', '\0']) {
    assert.deepEqual(read(peer, '203.0.113.9'), { ip: 'unknown', ipPrefix: 'unknown', viaProxy: false })
  }
})

test('a huge header costs little, and only its near end counts', () => {
  const startMs = performance.now()
  const flood = '1.2.3.4,'.repeat(1_000_000)
  assert.equal(ipOf(PROXY, `${flood}203.0.113.9, 10.0.0.2`), '203.0.113.9')
  assert.equal(ipOf(PROXY, 'x'.repeat(10_000_000)), PROXY)
  assert.equal(ipOf(PROXY, `203.0.113.9,${'10.0.0.2,'.repeat(1_000_000)}10.0.0.2`), '10.0.0.2')
  assert.ok(performance.now() - startMs < 1000)
})

test('networks are trusted in any way the configuration may write them', () => {
  for (const [range, inside, outside] of [
    ['172.16.0.0/12', '172.31.255.255', '172.32.0.0'],
    ['172.16.5.5', '172.16.5.5', '172.16.5.6'],
    ['fd00::/8', 'fdff::1', 'fe00::1'],
    ['2001:DB8::1/128', '2001:db8::1', '2001:db8::2'],
    ['::ffff:10.0.0.0/104', '10.255.0.1', '11.0.0.1'],
    ['::ffff:10.0.0.1/128', '10.0.0.1', '10.0.0.2'],
  ] as const) {
    const reader = createNetworkReader([range])
    assert.equal(reader(inside, '203.0.113.9').ip, '203.0.113.9', range)
    assert.equal(reader(outside, '203.0.113.9').ip, outside, range)
  }
})

test('an address as text has the network that it has on the wire, however it is written', () => {
  assert.equal(networkOf('203.0.113.77'), '203.0.113.0/24')
  assert.equal(networkOf('2001:db8::1'), networkOf('2001:0db8:0:0:ffff::9'))
  assert.equal(networkOf('::ffff:203.0.113.9'), '203.0.113.0/24')
  assert.equal(networkOf('nowhere'), null)
})
