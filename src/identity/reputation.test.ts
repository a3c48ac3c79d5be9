import assert from 'node:assert/strict'
import { BlockList, isIPv4 } from 'node:net'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Reputation, type ReputationEntry, type ReputationFacts } from './reputation.ts'

const NOW = 1_000_000

const entry = (
  kind: ReputationEntry['subject']['kind'],
  value: string,
  score: number,
  expiresAtMs: number | null = null,
): ReputationEntry => ({ subject: { kind, value }, score, expiresAtMs, reason: `${kind} ${value}`, source: 'operator' })

const nobody: ReputationFacts = { ip: 'unknown', asn: null, ja4: null, keyId: null, fingerprint: null }

const entries: readonly ReputationEntry[] = [
  entry('cidr', '192.0.2.0/24', 30),
  entry('cidr', '192.0.2.128/25', 80),
  entry('cidr', '192.0.2.200', 10, NOW),
  entry('asn', 'AS64496', 40),
  entry('asn', '64497', 60),
  entry('ja4', 't13d1516h2_8daaf6152771_e5627efa2ab1', 5),
  entry('key', 'k1', 95),
  entry('fingerprint', 'fp_0123456789abcdef', 20, NOW + 1),
]
const reputation = new Reputation(entries)

test('who is not known has 50 and no reasons', () => {
  assert.deepEqual(reputation.score(nobody, NOW), { score: 50, reasons: [] })
  assert.deepEqual(reputation.score({ ip: '203.0.113.1', asn: 1, ja4: 'x', keyId: 'x', fingerprint: 'x' }, NOW), {
    score: 50,
    reasons: [],
  })
})

test('each kind of subject is found by its own fact', () => {
  const score = (facts: Partial<ReputationFacts>): number => reputation.score({ ...nobody, ...facts }, NOW).score
  assert.equal(score({ ip: '192.0.2.1' }), 30)
  assert.equal(score({ ip: '::ffff:192.0.2.1' }), 30)
  assert.equal(score({ asn: 64_496 }), 40)
  assert.equal(score({ asn: 64_497 }), 60)
  assert.equal(score({ ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1' }), 5)
  assert.equal(score({ keyId: 'k1' }), 95)
  assert.equal(score({ fingerprint: 'fp_0123456789abcdef' }), 20)
  assert.equal(score({ fingerprint: 'k1', keyId: 'AS64496' }), 50, 'a value counts for its own kind only')
})

test('a good word never outweighs a bad one, and the reasons come worst first', () => {
  assert.deepEqual(reputation.score({ ...nobody, ip: '192.0.2.130', asn: 64_496, keyId: 'k1' }, NOW), {
    score: 30,
    reasons: ['cidr 192.0.2.0/24', 'asn AS64496', 'cidr 192.0.2.128/25', 'key k1'],
  })
})

test('an entry ends at its time', () => {
  const at = (nowMs: number): number => reputation.score({ ...nobody, ip: '192.0.2.200' }, nowMs).score
  assert.equal(at(NOW - 1), 10)
  assert.equal(at(NOW), 30)
})

test('networks at any depth count as BlockList says', () => {
  const octet = fc.constantFrom(0, 1, 128, 255)
  const ipv4 = fc.array(octet, { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'))
  const net = fc.tuple(ipv4, fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 100 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(net, { maxLength: 20 }), fc.array(ipv4, { minLength: 10 }), (nets, ips) => {
      const masked = nets.map(([ip, length, score, over]) => {
        const value = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
        const first = value - (value % 2 ** (32 - length))
        const text = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')
        return entry('cidr', `${text}/${length}`, score, over ? NOW : null)
      })
      const known = new Reputation(masked)
      assert.deepEqual(known.problems, [])
      for (const ip of ips) {
        const scores = masked
          .filter(({ subject, expiresAtMs }) => {
            const [address, length] = subject.value.split('/') as [string, string]
            const oracle = new BlockList()
            oracle.addSubnet(address, Number(length), isIPv4(address) ? 'ipv4' : 'ipv6')
            return expiresAtMs === null && oracle.check(ip)
          })
          .map(({ score }) => score)
        const found = known.score({ ...nobody, ip }, NOW)
        assert.equal(found.score, scores.length === 0 ? 50 : Math.min(...scores))
        assert.equal(found.reasons.length === 0, scores.length === 0)
      }
    }),
  )
})

test('many entries about one subject do not hide the worst, nor make a long story', () => {
  const many = Array.from({ length: 500 }, (_, i) => ({
    ...entry('asn', '64496', 99 - (i % 100), i % 100 > 90 ? NOW : null),
    reason: `reason ${i}`,
  }))
  const { score, reasons } = new Reputation(many).score({ ...nobody, asn: 64_496 }, NOW)
  assert.equal(score, 9)
  assert.equal(reasons.length, 8)
  assert.equal(
    new Reputation([entry('asn', '1', 1), entry('asn', '1', 1)]).score({ ...nobody, asn: 1 }, NOW).reasons.length,
    1,
  )
})

test('entries that mean nothing are named and the others hold', () => {
  const { problems, score } = ((r: Reputation) => ({
    problems: r.problems,
    score: r.score({ ...nobody, asn: 1 }, NOW),
  }))(
    new Reputation([
      entry('asn', '1', 7),
      entry('cidr', '10.0.0.1/8', 1),
      entry('cidr', 'x'.repeat(1000), 1),
      entry('asn', 'AS0', 1),
      entry('asn', '4294967296', 1),
      entry('asn', 'ASX', 1),
      entry('key', '', 1),
      entry('key', 'k', Number.NaN),
      entry('key', 'k', 101),
      entry('key', 'k', -1),
    ]),
  )
  assert.equal(score.score, 7)
  assert.equal(problems.length, 9)
  assert.ok(problems.every((problem) => problem.length < 140))
  assert.ok(problems.includes('cidr "10.0.0.1/8": has bits beyond its prefix length'))
})

test('names of the language are no names of subjects', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    assert.equal(reputation.score({ ...nobody, keyId: name, ja4: name, fingerprint: name }, NOW).score, 50)
  }
})
