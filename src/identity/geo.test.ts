import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { writeMmdb, type MmdbFile, type MmdbValue } from '../../test/support/mmdb-writer.ts'
import { GeoDatabase } from './geo.ts'
import type { GeoFacts } from './geo-record.ts'

const file = (bytes: Uint8Array, name = 'test.mmdb') => ({ name, bytes })

function open(...files: readonly MmdbFile[]): GeoDatabase {
  const database = GeoDatabase.open(files.map((content) => file(writeMmdb(content))))
  assert.ok(database.ok, database.ok ? '' : database.error)
  return database.value
}

const NOTHING: GeoFacts = { asn: null, asnName: null, country: null }

const asn: MmdbFile = {
  databaseType: 'GeoLite2-ASN',
  networks: [
    ['192.0.2.0/24', { autonomous_system_number: 64_496, autonomous_system_organization: 'Example Networks' }],
    ['192.0.2.128/25', { autonomous_system_number: 64_497, autonomous_system_organization: 'Narrower Networks' }],
    ['2001:db8:0:0:0:0:0:0/32', { autonomous_system_number: 4_200_000_000, autonomous_system_organization: 'Six' }],
  ],
}

const country: MmdbFile = {
  databaseType: 'GeoLite2-Country',
  networks: [
    ['192.0.2.0/25', { country: { iso_code: 'DE', names: { en: 'Germany' } }, registered_country: { iso_code: 'US' } }],
    ['198.51.100.0/24', { registered_country: { iso_code: 'FR' }, traits: { is_anycast: true } }],
    ['2001:db8:0:0:0:0:0:0/48', { country: { iso_code: 'JP' } }],
  ],
}

for (const recordSize of [24, 28, 32] as const) {
  test(`addresses are found in a tree of IPv6 with records of ${recordSize} bits`, () => {
    const geo = open({ ...asn, recordSize }, { ...country, recordSize })
    const example = { asn: 64_496, asnName: 'Example Networks', country: 'DE' }
    assert.deepEqual(geo.lookup('192.0.2.1'), example)
    assert.deepEqual(geo.lookup('::ffff:192.0.2.1'), example)
    assert.deepEqual(geo.lookup('::ffff:c000:201'), example)
    assert.deepEqual(geo.lookup('192.0.2.200'), { asn: 64_497, asnName: 'Narrower Networks', country: null })
    assert.deepEqual(geo.lookup('2001:db8::1'), { asn: 4_200_000_000, asnName: 'Six', country: 'JP' })
    assert.deepEqual(geo.lookup('2001:db8:1::1'), { asn: 4_200_000_000, asnName: 'Six', country: null })
    assert.deepEqual(geo.lookup('198.51.100.1'), { ...NOTHING, country: 'FR' })
  })
}

test('addresses that no file knows, and what is no address, have no facts', () => {
  const geo = open(asn, country)
  const unknown = ['203.0.113.1', '10.0.0.1', '127.0.0.1', '::1', 'fd00::1', '2001:db9::1', '255.255.255.255']
  const none = ['unknown', '', '192.0.2', '192.0.2.1.', '192.0.2.01', '192.0.2.1%', 'fe80::1%eth0', '2001:db8:::1']
  for (const ip of [...unknown, ...none]) assert.deepEqual(geo.lookup(ip), NOTHING, ip)
  assert.deepEqual(open().lookup('192.0.2.1'), NOTHING, 'without a file')
})

test('an IPv6 address is not taken for an IPv4 one in a file of IPv4 only', () => {
  const geo = open({ ipVersion: 4, networks: [['32.1.0.0/16', { asn: 'AS64496', as_name: 'Four' }]] })
  assert.equal(geo.lookup('32.1.13.184').asn, 64_496)
  // 2001:0db8 begins with the bits of 32.1.13.184.
  assert.deepEqual(geo.lookup('2001:db8::1'), NOTHING)
})

test('files of every vendor are read in their own words', () => {
  const of = (record: MmdbValue): GeoFacts => open({ networks: [['192.0.2.0/24', record]] }).lookup('192.0.2.1')
  const full = { asn: 64_496, asnName: 'Example', country: 'DE' }
  assert.deepEqual(of({ autonomous_system_number: 64_496, autonomous_system_organization: 'Example' }), {
    ...full,
    country: null,
  })
  // IPinfo lite, and its older "country and ASN".
  assert.deepEqual(of({ asn: 'AS64496', as_name: 'Example', country: 'Germany', country_code: 'DE' }), full)
  assert.deepEqual(of({ asn: 'AS64496', as_name: 'Example', country: 'DE', country_name: 'Germany' }), full)
  // DB-IP lite has the city and the country as GeoLite2 has them.
  assert.equal(of({ city: { names: { en: 'Berlin' } }, country: { iso_code: 'DE' } }).country, 'DE')
})

test('values that do not look like themselves are nothing', () => {
  const of = (record: MmdbValue): GeoFacts => open({ networks: [['192.0.2.0/24', record]] }).lookup('192.0.2.1')
  for (const record of [
    'text',
    7,
    true,
    ['AS64496'],
    {},
    { asn: 0 },
    { asn: 'AS0' },
    { asn: 'AS4294967296' },
    { asn: 'AS64496 Example' },
    { asn: { number: 64_496 } },
    { autonomous_system_number: true },
    { autonomous_system_number: 64_496n },
    { country: 'Germany' },
    { country: 'ZZ' },
    { country: { iso_code: 'DEU' } },
    { country: { iso_code: 49 } },
    { country: ['DE'] },
    { country_code: '' },
    { as_name: 'a name of no number' },
  ] as const) {
    assert.deepEqual(
      of(record),
      NOTHING,
      JSON.stringify(record, (_, value: unknown) => String(value)),
    )
  }
  assert.equal(of({ country_code: 'de' }).country, 'DE')
  assert.equal(of({ asn: 1, as_name: `\u001B[31m${'x'.repeat(200)}` }).asnName, `[31m${'x'.repeat(96)}`)
})

test('for each fact the first file that has it wins, and a name stays with its number', () => {
  const one = (record: MmdbValue): MmdbFile => ({ networks: [['192.0.2.0/24', record]] })
  const both = open(
    one({ country_code: 'AT' }),
    one({ asn: 'AS1', country_code: 'DE' }),
    one({ asn: 'AS2', as_name: 'Two' }),
    one({ asn: 'AS1', as_name: 'One' }),
    one({ asn: 'AS1', as_name: 'Uno' }),
  )
  assert.deepEqual(both.lookup('192.0.2.1'), { asn: 1, asnName: 'One', country: 'AT' })
})

test('a broken file is refused by name and with the reason, and a good one does not hide it', () => {
  const good = writeMmdb(asn)
  const markerAt = good.indexOf('MaxMind.com')
  const why = (bytes: Uint8Array): string => {
    const opened = GeoDatabase.open([file(good, 'good.mmdb'), file(bytes, 'broken.mmdb')])
    assert.ok(!opened.ok)
    assert.match(opened.error, /^broken\.mmdb: /)
    return opened.error
  }
  assert.match(why(Buffer.alloc(0)), /no metadata/)
  assert.match(why(Buffer.from('<html>404</html>')), /no metadata/)
  assert.match(why(good.subarray(0, markerAt - 3)), /no metadata/)
  assert.match(why(good.subarray(0, markerAt + 11)), /cannot be read/)
  assert.match(why(good.subarray(30)), /shorter|does not end/)
  assert.match(why(writeMmdb({ ...asn, metadata: { binary_format_major_version: 3 } })), /version 3 instead of 2/)
  assert.match(why(writeMmdb({ ...asn, metadata: { ip_version: 5 } })), /no IP version/)
  assert.match(why(writeMmdb({ ...asn, metadata: { record_size: 23 } })), /cannot be read/)
  assert.match(why(writeMmdb({ ...asn, metadata: { node_count: 1_000_000 } })), /cannot be read|shorter/)
  assert.match(why(writeMmdb({ ...asn, metadata: { node_count: 3 } })), /does not end/)
  assert.match(why(writeMmdb({ ...asn, metadata: { node_count: 'many' } })), /no count of nodes|cannot be read/)
  const two = GeoDatabase.open([file(Buffer.alloc(9), 'a.mmdb'), file(good, 'b.mmdb'), file(Buffer.alloc(9), 'c.mmdb')])
  assert.ok(!two.ok)
  assert.match(two.error, /^a\.mmdb: .*; c\.mmdb: [^;]*$/)
})

test('the metadata is looked for at the end only, as the format says', () => {
  const good = writeMmdb(asn)
  const opened = GeoDatabase.open([file(Buffer.concat([good, Buffer.alloc(128 * 1024)]))])
  assert.ok(!opened.ok)
})

test('whatever happened to the bytes, opening gives a value and a lookup gives facts', () => {
  const good = writeMmdb(country)
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255))
  const ips = ['192.0.2.1', '198.51.100.1', '2001:db8::1', '::', '::ffff:0.0.0.0', '255.255.255.255']
  let read = 0
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), fc.nat(40), (changes, cut) => {
      const bytes = Buffer.from(good.subarray(0, good.length - Math.max(0, cut - 30)))
      for (const [at, value] of changes) bytes[Math.min(at, bytes.length - 1)] = value
      const opened = GeoDatabase.open([file(bytes)])
      if (!opened.ok) return assert.match(opened.error, /^test\.mmdb: \S/)
      for (const ip of ips) {
        const { asn, asnName, country } = opened.value.lookup(ip)
        assert.ok(asn === null && asnName === null && (country === null || /^[A-Z]{2}$/.test(country)))
        if (country !== null) read++
      }
    }),
    { numRuns: 2000 },
  )
  assert.ok(read > 100, 'some of the files could still be read')
})

test('a record that points at itself is nothing, at every asking', () => {
  const bytes = writeMmdb({ networks: [['192.0.2.0/24', { country: { iso_code: 'DE' } }]] })
  const record = bytes.indexOf(Buffer.concat([Buffer.from([0xe1, 0x47]), Buffer.from('country')]))
  // A pointer of one byte to the start of the data section.
  bytes.set([0x20, 0x00], record)
  const opened = GeoDatabase.open([file(bytes)])
  assert.ok(opened.ok)
  assert.deepEqual(opened.value.lookup('192.0.2.1'), NOTHING)
  assert.deepEqual(opened.value.lookup('192.0.2.1'), NOTHING)
})

test('what is remembered is the same as what is read, over more addresses than are remembered', () => {
  const geo = open(asn)
  const first = geo.lookup('192.0.2.1')
  assert.equal(geo.lookup('192.0.2.1'), first, 'the second time it is remembered')
  for (let i = 0; i < 20_000; i++) geo.lookup(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
  const again = geo.lookup('192.0.2.1')
  assert.notEqual(again, first, 'it has been forgotten: the memory is bounded')
  assert.deepEqual(again, first)
})
