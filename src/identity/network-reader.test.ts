import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { writeMmdb } from '../../test/support/mmdb-writer.ts'
import type { Network } from '../core/principal.ts'
import { GeoDatabase } from './geo.ts'
import { AddressLists } from './lists.ts'
import { NetworkReader, type NetworkReaderOptions } from './network-reader.ts'

const database = GeoDatabase.open([
  {
    name: 'test.mmdb',
    bytes: writeMmdb({
      networks: [
        ['192.0.2.0/24', { autonomous_system_number: 64_496, country: { iso_code: 'DE' } }],
        ['10.0.0.0/8', { autonomous_system_number: 64_499, country: { iso_code: 'US' } }],
      ],
    }),
  },
])
assert.ok(database.ok)
const geo = database.value
const lists = new AddressLists([{ type: 'tor', ranges: ['192.0.2.7'] }], new Set([64_500]))
const headers = { asn: 'x-asn', country: 'x-country', ja3: 'x-ja3', ja4: 'x-ja4' }
const JA4 = 't13d1516h2_8daaf6152771_e5627efa2ab1'
const JA3 = 'e7d705a3286e19ea42f587b344ee6865'

function read(peer: string, sent: Readonly<Record<string, string>>, over: Partial<NetworkReaderOptions> = {}): Network {
  const reader = new NetworkReader({ trustedProxies: ['10.0.0.0/8'], geo, lists, headers, ...over })
  return reader.read(peer, { header: (name) => sent[name] })
}

test('a trusted proxy says what it knows of the client that it speaks for', () => {
  const sent = { 'x-forwarded-for': '192.0.2.1', 'x-asn': 'AS64500', 'x-country': 'fr', 'x-ja3': JA3, 'x-ja4': JA4 }
  assert.deepEqual(read('10.0.0.1', sent), {
    ip: '192.0.2.1',
    ipPrefix: '192.0.2.0/24',
    asn: 64_500,
    country: 'FR',
    type: 'hosting',
    ja3: JA3,
    ja4: JA4,
  })
})

test('what it does not know comes from the databases, about the client and never about the proxy', () => {
  const { asn, country, type } = read('10.0.0.1', { 'x-forwarded-for': '192.0.2.7' })
  assert.deepEqual([asn, country, type], [64_496, 'DE', 'tor'])
  assert.equal(read('10.0.0.1', { 'x-forwarded-for': '192.0.2.1', 'x-country': 'US' }).asn, 64_496)
  assert.equal(read('10.0.0.1', { 'x-forwarded-for': '198.51.100.1' }, { geo: null }).asn, null)
})

test('nothing that a client says of its network changes anything, whatever it says', () => {
  const names = ['x-forwarded-for', 'x-asn', 'x-country', 'x-ja3', 'x-ja4', 'forwarded', 'x-real-ip']
  const value = fc.oneof(fc.string(), fc.constantFrom('AS64500', 'FR', JA3, JA4, '10.0.0.1', '198.51.100.1'))
  const anything = fc.dictionary(fc.constantFrom(...names), value)
  const alone = read('192.0.2.1', {})
  fc.assert(fc.property(anything, (sent) => assert.deepEqual(read('192.0.2.1', sent), alone)))
  fc.assert(
    fc.property(anything, (sent) => {
      assert.deepEqual(read('10.0.0.1', sent, { trustedProxies: [] }), read('10.0.0.1', {}, { trustedProxies: [] }))
    }),
  )
})

test('a header that the configuration does not name is not looked at, also of a proxy', () => {
  const none = { asn: null, country: null, ja3: null, ja4: null }
  const sent = { 'x-forwarded-for': '192.0.2.1', 'x-asn': '64500', 'x-country': 'FR', 'x-ja3': JA3, 'x-ja4': JA4 }
  const found = read('10.0.0.1', sent, { headers: none })
  assert.deepEqual([found.asn, found.country, found.ja3, found.ja4], [64_496, 'DE', null, null])
})

test('a header that makes no sense says nothing, and one that came twice says nothing either', () => {
  const sent = (name: string, value: string) => read('10.0.0.1', { 'x-forwarded-for': '192.0.2.1', [name]: value })
  for (const asn of ['', '0', '-1', '1e3', '4294967296', '64500, 64501', 'ASAS1', '6450０', ' ', '99999999999']) {
    assert.equal(sent('x-asn', asn).asn, 64_496, JSON.stringify(asn))
  }
  assert.equal(sent('x-asn', ' as4294967295 ').asn, 4_294_967_295)
  for (const country of ['', 'X', 'FRA', 'T1', 'XX', 'zz', 'FR, US', 'ſß']) {
    assert.equal(sent('x-country', country).country, 'DE', JSON.stringify(country))
  }
  for (const ja4 of ['', 'short', `${JA4}, ${JA4}`, 'x'.repeat(129), 'finger\nprint', 'a b c d e f']) {
    assert.equal(sent('x-ja4', ja4).ja4, null, JSON.stringify(ja4))
  }
})

test('a peer that has no address is one of unknown place, and no error', () => {
  assert.deepEqual(read('', { 'x-asn': '64500' }), {
    ip: 'unknown',
    ipPrefix: 'unknown',
    asn: null,
    country: null,
    type: 'none',
    ja3: null,
    ja4: null,
  })
})
