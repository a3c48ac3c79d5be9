import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryRecords, type Records } from './core/records.ts'
import type { ReputationEntry } from './identity/reputation.ts'
import { createVirtualClock } from './lab/virtual-clock.ts'
import { reputationDesk, type ReputationDesk } from './reputation-desk.ts'

type Kind = ReputationEntry['subject']['kind']

const entry = (kind: Kind, value: string, over: Partial<ReputationEntry> = {}): ReputationEntry => ({
  subject: { kind, value },
  score: 10,
  expiresAtMs: null,
  reason: 'abuse, case 7',
  source: 'operator',
  ...over,
})

function start(records: Records = memoryRecords()) {
  const clock = createVirtualClock(Date.UTC(2026, 0, 5, 12))
  const desk = reputationDesk(records, clock)
  const state = { changes: 0 }
  desk.changed(() => void state.changes++)
  return { desk, clock, records, state }
}
const values = (desk: ReputationDesk): string[] => desk.entries.map(({ subject }) => subject.value)

test('what is said is in force at once, told, and there after a restart', () => {
  const { desk, records, state, clock } = start()
  assert.ok(desk.put(entry('key', 'k1')).ok)
  assert.equal(state.changes, 1)
  assert.deepEqual(desk.entries, [entry('key', 'k1')])
  assert.deepEqual(reputationDesk(records, clock).entries, [entry('key', 'k1')])
  assert.ok(desk.remove('key', 'k1').ok)
  assert.equal(state.changes, 2)
  assert.deepEqual(reputationDesk(records, clock).entries, [])
})

test('of one subject one thing is said, however it is written', () => {
  for (const [kind, first, second] of [
    ['asn', 'AS64500', '064500'],
    ['cidr', '192.0.2.1', '192.0.2.1/32'],
    ['cidr', '192.0.2.0/24', '::ffff:192.0.2.0/120'],
    ['cidr', '2001:DB8::/32', '2001:db8:0:0::0/32'],
  ] as const) {
    const { desk } = start()
    desk.put(entry(kind, first))
    assert.ok(desk.put(entry(kind, second, { score: 90 })).ok)
    assert.deepEqual([desk.entries.length, desk.entries[0]!.score], [1, 90], `${first} and ${second}`)
    assert.ok(desk.remove(kind, first).ok)
    assert.equal(desk.entries.length, 0)
  }
})

test('different subjects stay apart', () => {
  const { desk } = start()
  desk.put(entry('cidr', '192.0.2.0/24'))
  desk.put(entry('cidr', '192.0.2.0/25'))
  desk.put(entry('cidr', '::c000:200/120'))
  desk.put(entry('key', '192.0.2.0/24'))
  desk.put(entry('key', 'K1'))
  desk.put(entry('key', 'k1'))
  assert.equal(desk.entries.length, 6)
})

test('what means nothing is refused and told to nobody: no address, no number, or over already', () => {
  const { desk, state, clock } = start()
  for (const wrong of [
    entry('cidr', '192.0.2.1/24'),
    entry('cidr', 'example.com'),
    entry('asn', '0'),
    entry('asn', 'ASN1'),
    entry('key', ''),
    entry('key', 'k1', { score: Number.NaN }),
    entry('key', 'k1', { expiresAtMs: clock.now() }),
    entry('key', 'k1', { expiresAtMs: Number.NaN }),
  ]) {
    assert.ok(!desk.put(wrong).ok, JSON.stringify(wrong))
  }
  assert.ok(!desk.remove('key', 'k1').ok)
  assert.deepEqual([desk.entries.length, state.changes], [0, 0])
})

test('what has ended is shown no more, and taken from the record when something new is said', async () => {
  const { desk, clock, records } = start()
  desk.put(entry('key', 'short', { expiresAtMs: clock.now() + 1000 }))
  desk.put(entry('key', 'long'))
  await clock.advance(1000)
  assert.deepEqual(values(desk), ['long'])
  desk.put(entry('key', 'new'))
  assert.deepEqual(
    records.all('reputation').map(({ id }) => id),
    ['key:long', 'key:new'],
  )
})

test('a disk that fails changes nothing', () => {
  const kept = memoryRecords()
  let broken = false
  const guard = (): void => {
    if (broken) throw new Error('disk full')
  }
  const { desk, state } = start({
    all: (kind) => kept.all(kind),
    put: (kind, id, value) => (guard(), kept.put(kind, id, value)),
    remove: (kind, id) => (guard(), kept.remove(kind, id)),
    write: (changes) => (guard(), kept.write(changes)),
  })
  desk.put(entry('key', 'k1'))
  broken = true
  assert.throws(() => desk.put(entry('key', 'k2')), /disk full/)
  assert.throws(() => desk.remove('key', 'k1'), /disk full/)
  assert.deepEqual([values(desk), state.changes], [['k1'], 1])
})

test('there is a bound, and what is there already can still be changed', () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => {
    return { id: `key:k${i}`, value: JSON.stringify(entry('key', `k${i}`)) }
  })
  const { desk } = start({ all: () => rows, put: () => {}, remove: () => {}, write: () => {} })
  assert.ok(!desk.put(entry('key', 'one-more')).ok)
  assert.ok(desk.put(entry('key', 'k7', { score: 50 })).ok)
})
