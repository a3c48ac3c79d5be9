import assert from 'node:assert/strict'
import { BlockList, isIPv4 } from 'node:net'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AddressLists, parseAddressList } from './lists.ts'

const NO_ASNS: ReadonlySet<number> = new Set()

const hex = (groups: readonly number[]): string => groups.map((group) => group.toString(16)).join(':')

/** Few bits vary, so that networks nest, touch and repeat, and addresses fall into them. */
const bits = fc.constantFrom(0, 1, 2, 127, 128, 129, 254, 255)
const ipv4 = fc.array(bits, { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'))
const group = fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xffff)
// Away from ::ffff:0:0/96, which BlockList takes for IPv4: to it ::/1 holds every IPv4 address, to these lists none.
const ipv6 = fc.array(group, { minLength: 7, maxLength: 7 }).map((groups) => hex([0x2001, ...groups]))
const subnet = fc
  .tuple(fc.oneof(ipv4, ipv6), fc.nat(128))
  .map(([ip, n]) => [ip, isIPv4(ip) ? n % 33 : Math.max(3, n)] as const)

/** A network as it must be written, without bits beyond its prefix. */
function network([ip, length]: readonly [string, number]): string {
  const [separator, radix, width] = isIPv4(ip) ? (['.', 10, 8] as const) : ([':', 16, 16] as const)
  const parts = ip.split(separator).map((part, i) => {
    const own = Math.min(Math.max(length - i * width, 0), width)
    return (Number.parseInt(part, radix) & ~((1 << (width - own)) - 1)).toString(radix)
  })
  return `${parts.join(separator)}/${length}`
}

test('a lookup among any networks says what BlockList says', () => {
  fc.assert(
    fc.property(fc.array(subnet, { maxLength: 40 }), fc.array(fc.oneof(ipv4, ipv6), { minLength: 20 }), (nets, ips) => {
      const ranges = nets.map(network)
      const lists = new AddressLists([{ type: 'proxy', ranges }], NO_ASNS)
      assert.deepEqual(lists.problems, [])
      const oracle = new BlockList()
      for (const [ip, length] of nets) oracle.addSubnet(ip, length, isIPv4(ip) ? 'ipv4' : 'ipv6')
      for (const ip of [...ips, ...nets.map(([ip]) => ip)]) {
        const listed = oracle.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6')
        assert.equal(lists.typeOf(ip, null), listed ? 'proxy' : 'none', `${ip} in ${ranges.join(' ')}`)
      }
    }),
    { numRuns: 500 },
  )
})

test('where networks of several types nest, Tor comes before proxy before hosting', () => {
  const rank = ['hosting', 'proxy', 'tor'] as const
  const typed = fc.tuple(fc.constantFrom(...rank), subnet)
  fc.assert(
    fc.property(fc.array(typed, { maxLength: 30 }), fc.array(fc.oneof(ipv4, ipv6)), (nets, ips) => {
      const lists = new AddressLists(
        nets.map(([type, net]) => ({ type, ranges: [network(net)] })),
        NO_ASNS,
      )
      for (const ip of [...ips, ...nets.map(([, [ip]]) => ip)]) {
        const best = rank.findLast((type) => {
          const oracle = new BlockList()
          for (const [own, [net, length]] of nets) {
            if (own === type) oracle.addSubnet(net, length, isIPv4(net) ? 'ipv4' : 'ipv6')
          }
          return oracle.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6')
        })
        assert.equal(lists.typeOf(ip, null), best ?? 'none')
      }
    }),
  )
})

test('the edges of the address space belong to the networks at the edge', () => {
  const lists = new AddressLists(
    [{ type: 'tor', ranges: ['255.255.255.0/24', '0.0.0.0/32', 'ffff::/16', '::/128'] }],
    NO_ASNS,
  )
  for (const ip of ['255.255.255.255', '255.255.255.0', '0.0.0.0', 'ffff:ffff::', 'ffff::', '::']) {
    assert.equal(lists.typeOf(ip, null), 'tor', ip)
  }
  const last = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'
  assert.equal(lists.typeOf(last, null), 'tor')
  for (const ip of ['255.255.254.255', '0.0.0.1', '::1', 'fffe::']) assert.equal(lists.typeOf(ip, null), 'none', ip)
})

test('an IPv4 address is found in its clothes of IPv6 too, and no IPv6 network holds it', () => {
  const lists = new AddressLists([{ type: 'tor', ranges: ['192.0.2.0/24', '::/1'] }], NO_ASNS)
  assert.equal(lists.typeOf('::ffff:192.0.2.7', null), 'tor')
  assert.equal(lists.typeOf('::ffff:c000:207', null), 'tor')
  assert.equal(lists.typeOf('198.51.100.1', null), 'none')
  assert.equal(lists.typeOf('::ffff:198.51.100.1', null), 'none')
  assert.equal(lists.typeOf('2001:db8::1', null), 'tor')
})

test('a hosting company is known by its ASN where no list names the address', () => {
  const lists = new AddressLists([{ type: 'proxy', ranges: ['192.0.2.0/24'] }], new Set([64_496]))
  assert.equal(lists.typeOf('203.0.113.1', 64_496), 'hosting')
  assert.equal(lists.typeOf('203.0.113.1', 64_497), 'none')
  assert.equal(lists.typeOf('203.0.113.1', null), 'none')
  assert.equal(lists.typeOf('192.0.2.1', 64_496), 'proxy')
})

test('what is no address is in no list', () => {
  const lists = new AddressLists([{ type: 'tor', ranges: ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'] }], NO_ASNS)
  for (const ip of ['unknown', '', '1.2.3', '1.2.3.4.5', '01.2.3.4', 'fe80::1%eth0', '::ffff:1.2.3.256']) {
    assert.equal(lists.typeOf(ip, null), 'none', ip)
  }
})

test('ranges that are none are named and the others hold', () => {
  const lists = new AddressLists([{ type: 'tor', ranges: ['192.0.2.0/24', '10.0.0.1/8', 'x'.repeat(500)] }], NO_ASNS)
  assert.equal(lists.problems.length, 2)
  assert.match(lists.problems[0]!, /tor: "10\.0\.0\.1\/8" has bits beyond/)
  assert.ok(lists.problems[1]!.length < 120)
  assert.equal(lists.typeOf('192.0.2.1', null), 'tor')
  assert.equal(lists.typeOf('10.0.0.1', null), 'none')
})

test('lists are read as they are published', () => {
  for (const [name, text] of [
    ['Tor', '192.0.2.1\n198.51.100.7\n'],
    [
      'Spamhaus DROP',
      '; Spamhaus DROP List 2026/01/01\n; Expires: …\n192.0.2.1/32 ; SBL256894\n198.51.100.7/32 ; SBL1\n',
    ],
    ['FireHOL', '#\n# firehol_level1\n#\n192.0.2.1\n\n198.51.100.7\n'],
    ['with carriage returns and a byte order mark', '\uFEFF192.0.2.1\r\n  198.51.100.7\t# a host\r\n'],
    ['without a last newline', '192.0.2.1\n198.51.100.7'],
    ['a geofeed', '192.0.2.1/32,US,US-CA,San Francisco,\n198.51.100.7,,,,'],
  ] as const) {
    const { ranges, problems } = parseAddressList(text)
    assert.deepEqual(problems, [], name)
    assert.deepEqual(
      ranges.map((range) => range.replace('/32', '')),
      ['192.0.2.1', '198.51.100.7'],
      name,
    )
  }
})

test('every line that is no address is reported by its number, and every line is one or the other', () => {
  const text = '192.0.2.1\nexample.com\n# fine\n10.0.0.1/8\n192.0.2.1 198.51.100.7\n1.2.3.4,5.6.7.8\n0.0.0.0/0\n::/0'
  const { ranges, problems } = parseAddressList(text)
  assert.deepEqual(ranges, ['192.0.2.1'])
  assert.deepEqual(
    problems.map(({ line }) => line),
    [2, 4, 5, 6, 7, 8],
  )
  assert.match(problems[0]!.message, /not an IP address or network: "example\.com"/)
  assert.match(problems.at(-1)!.message, /every address there is/)
})

test('what a list brings in is safe to use, whatever it is', () => {
  const line = fc.oneof(fc.string(), subnet.map(network), fc.ipV4(), fc.constantFrom('', '#', ';', '::', '/8', ','))
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { ranges, problems } = parseAddressList(lines.join('\n'))
      assert.deepEqual(new AddressLists([{ type: 'tor', ranges }], NO_ASNS).problems, [])
      for (const { line } of problems) assert.ok(line <= lines.join('\n').split('\n').length)
    }),
  )
})

test('a web page in place of a list makes few words, and control characters do not reach a log', () => {
  const { ranges, problems } = parseAddressList(`<html>\u001B[31m\n`.repeat(5000))
  assert.equal(ranges.length, 0)
  assert.equal(problems.length, 101)
  assert.match(problems.at(-1)!.message, /^4900 more lines/)
  assert.ok(!problems[0]!.message.includes('\u001B'))
})

test('a list beyond all measure is refused as a whole, and says so', () => {
  const { ranges, problems } = parseAddressList('192.0.2.1\n'.repeat(4_000_000))
  assert.deepEqual(ranges, [])
  assert.match(problems[0]!.message, /nothing of it is used/)
})
