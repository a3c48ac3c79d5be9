import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { configOf, minimal, outsideOf, problemsOf } from './testing.ts'

const proxies = 'identity: { trusted_proxies: [127.0.0.1] }\n'

test('everything that can be said of networks is taken', () => {
  const files = { 'asn.mmdb': '', 'tor.txt': '# exits\n192.0.2.1\n\n2001:db8::/32 # six\n10.0.0.0/8;x\r\n' }
  const text = `${minimal}${proxies}network:
  databases: [asn.mmdb]
  headers: { asn: X-ASN, ja4: x-ja4 }
  lists: [{ type: tor, file: tor.txt }]
  hosting_asns: [16509]
  reputation:
    - { cidr: 192.0.2.0/24, score: 10, expires: 2027-01-01, reason: seen }
    - { asn: 64500, score: 0, reason: seen }
    - { ja4: t13d1516h2_8daaf6152771_02713d6af862, score: 100, reason: ours }
    - { key: acme-1, score: 60, reason: known }
    - { fingerprint: fp_01ab, score: 40, reason: seen }
`
  const config = configOf(text, {}, outsideOf(files))
  assert.deepEqual(config.network, {
    databases: [resolve('asn.mmdb')],
    headers: { asn: 'x-asn', country: null, ja3: null, ja4: 'x-ja4' },
    lists: [{ type: 'tor', path: resolve('tor.txt'), ranges: ['192.0.2.1/32', '2001:db8::/32', '10.0.0.0/8'] }],
    hostingAsns: [16509],
    reputation: [
      { kind: 'cidr', value: '192.0.2.0/24', score: 10, expiresAtMs: Date.UTC(2027, 0, 1), reason: 'seen' },
      { kind: 'asn', value: '64500', score: 0, expiresAtMs: null, reason: 'seen' },
      { kind: 'ja4', value: 't13d1516h2_8daaf6152771_02713d6af862', score: 100, expiresAtMs: null, reason: 'ours' },
      { kind: 'key', value: 'acme-1', score: 60, expiresAtMs: null, reason: 'known' },
      { kind: 'fingerprint', value: 'fp_01ab', score: 40, expiresAtMs: null, reason: 'seen' },
    ],
  })
  assert.deepEqual(config.sources, [resolve('asn.mmdb'), resolve('tor.txt')])
  const moved = configOf(text.replace('file: tor.txt', 'file: t'), {}, outsideOf({ ...files, t: files['tor.txt'] }))
  assert.equal(moved.hash, config.hash)
  assert.notEqual(configOf(text, {}, outsideOf({ ...files, 'tor.txt': '192.0.2.2' })).hash, config.hash)
})

test('headers are believed of somebody or not at all', () => {
  const text = `${minimal}network: { headers: { asn: x-asn } }\n`
  assert.deepEqual(problemsOf(text), [
    '5:12 network.headers: headers are believed of trusted proxies only, and none is named',
  ])
  assert.deepEqual(problemsOf(text + proxies), [])
})

test('each setting of networks is checked', () => {
  const files = { good: '192.0.2.1', empty: '# nothing\n', wrong: '192.0.2.1\nhello\n', all: '0.0.0.0/0\n' }
  const cases: Readonly<Record<string, string>> = {
    'databases: [none.mmdb]': '5:24 network.databases[0]: there is no such file',
    'databases: none.mmdb': '5:23 network.databases: expected a list, found text',
    'headers: { ip: x-ip }': '5:23 network.headers.ip: unknown key "ip"',
    'lists: [{ type: vpn, file: good }]': '5:28 network.lists[0].type: not one of the words that are known here',
    'lists: [{ type: tor, file: empty }]': '5:39 network.lists[0].file: the file names no network',
    'lists: [{ type: tor, file: wrong }]':
      '5:39 network.lists[0].file: line 2 of the file: not an IP address or network',
    'lists: [{ type: tor, file: all }]': '5:39 network.lists[0].file: line 1 of the file: every address there is',
    'lists: [{ type: tor }]': '5:20 network.lists[0].file: is required',
    'hosting_asns: [AS16509]': '5:27 network.hosting_asns[0]: expected a whole number, found text',
    'reputation: [{ score: 1, reason: x }]': '5:25 network.reputation[0]: says nothing of anybody',
    'reputation: [{ asn: 1, key: a, score: 1, reason: x }]':
      '5:35 network.reputation[0].key: an entry is about one thing, and this one is about asn already',
    'reputation: [{ asn: 1, score: 101, reason: x }]': '5:42 network.reputation[0].score: must be at most 100',
    'reputation: [{ asn: 1, score: 1 }]': '5:25 network.reputation[0].reason: is required',
    'reputation: [{ asn: 1, score: 1, reason: " " }]':
      '5:53 network.reputation[0].reason: not a text of 1 to 500 characters',
    'reputation: [{ cidr: 0.0.0.0/0, score: 1, reason: x }]': '5:33 network.reputation[0].cidr: every address there is',
    'reputation: [{ asn: 1, score: 1, reason: x, expires: never }]':
      '5:65 network.reputation[0].expires: not a date that there is',
  }
  for (const [fields, problem] of Object.entries(cases)) {
    const problems = problemsOf(`${minimal}network: { ${fields} }\n${proxies}`, {}, outsideOf(files))
    assert.deepEqual(problems, [problem], fields)
  }
})
