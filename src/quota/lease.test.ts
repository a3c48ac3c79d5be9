import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerAsk, endAll, recordAtRest, startRecord, type LeaseRecord } from './lease.ts'
import type { Limit } from './limit.ts'
import type { LeaseAsk, LeaseGrant } from './port.ts'

const TTL_MS = 10_000
const limitOf = (over: Partial<Limit> = {}): Limit => ({
  name: 'l',
  per: ['key'],
  match: [],
  when: null,
  resource: 'tokens',
  amount: 100,
  windowMs: 60_000,
  kind: 'sliding',
  burst: 100,
  mode: 'enforce',
  onStoreError: 'deny',
  ...over,
})
const sliding = limitOf()
const ask = (record: LeaseRecord, over: Partial<LeaseAsk>, nowMs = 0, limit = sliding): LeaseGrant => {
  const nothing = { key: 'k', lease: 'a', spent: 0, returned: 0, owed: 0, need: 0, want: 0, ttlMs: TTL_MS }
  return answerAsk(record, { ...nothing, limit, ...over }, nowMs)
}
/** A record with 40 units out under lease a. */
const granted = (limit = sliding): LeaseRecord => {
  const record = startRecord(0)
  ask(record, { want: 40 }, 0, limit)
  return record
}

test('a lease gets what it wants while there is room, and then what is left', () => {
  const record = granted()
  const second = ask(record, { lease: 'b', need: 60, want: 80 })
  assert.deepEqual([second.granted, second.out, second.used, second.waitMs], [60, 100, 0, 0])
  const third = ask(record, { lease: 'c', need: 1, want: 1 })
  assert.equal(third.granted, 0)
  assert.ok(third.waitMs! > 0)
  assert.equal(ask(record, { lease: 'c', need: 101, want: 101 }).waitMs, null)
})

test('asking again for what is out already grants nothing more', () => {
  const record = granted()
  assert.equal(ask(record, { want: 40 }).granted, 40)
  assert.equal(ask(record, { want: 30 }).granted, 40)
  assert.equal(ask(record, { spent: 10, want: 40 }).granted, 50)
})

test('a repeated report counts once', () => {
  const record = granted()
  for (let i = 0; i < 3; i++) ask(record, { spent: 10, returned: 5, owed: 7, want: 25 })
  const { granted: sum, used, out, debt } = ask(record, { spent: 10, returned: 5, owed: 7, want: 25 })
  assert.deepEqual([sum, used, out, debt], [40, 17, 25, 0])
})

test('reports out of order leave what the latest one says', () => {
  const record = granted()
  ask(record, { spent: 30, returned: 5, owed: 4 })
  const { used, out } = ask(record, { spent: 10, returned: 2, owed: 1 })
  assert.deepEqual([used, out], [34, 5])
})

test('a report of more than was granted is taken up to what was granted', () => {
  const record = granted()
  const { used, out } = ask(record, { spent: 1000, returned: 1000 })
  assert.deepEqual([used, out], [40, 0])
})

test('what was used beyond every lease is debt where it finds no room', () => {
  const record = granted()
  const { used, debt } = ask(record, { owed: 90 })
  assert.deepEqual([used, debt], [60, 30])
  assert.equal(ask(record, { lease: 'b', want: 1 }).granted, 0)
})

test('a lease that nobody reports for is charged in full', () => {
  const record = granted()
  ask(record, { spent: 10 }, 1000)
  const before = ask(record, { lease: 'b' }, 1000 + TTL_MS - 1)
  assert.deepEqual([before.used, before.out], [10, 30])
  const after = ask(record, { lease: 'b' }, 1000 + TTL_MS)
  assert.deepEqual([after.used, after.out], [40, 0])
})

test('a lease that has ended is not opened again by a late report, and settles nothing', () => {
  const record = granted()
  for (const lateMs of [TTL_MS, 5 * TTL_MS]) {
    const late = ask(record, { spent: 10, returned: 30, want: 50, owed: 9 }, lateMs)
    assert.deepEqual([late.ended, late.granted, late.used, late.out], [true, 40, 40, 0])
  }
})

test('a lease that has been forgotten is over as well, however late its report comes', () => {
  const record = granted()
  ask(record, { lease: 'b' }, 30 * TTL_MS)
  assert.equal('a' in record.leases, false)
  const late = ask(record, { spent: 10, want: 50 }, 30 * TTL_MS)
  assert.deepEqual([late.ended, late.granted, late.out], [true, 0, 0])
})

test('a calendar lease drains in its own period and gets nothing in the next', () => {
  const calendar = limitOf({ kind: 'calendar' })
  const record = startRecord(55_000)
  ask(record, { want: 40 }, 55_000, calendar)
  const next = ask(record, { spent: 30, want: 60 }, 61_000, calendar)
  assert.deepEqual([next.granted, next.used, next.out], [40, 0, 10])
  const other = ask(record, { lease: 'b', want: 100 }, 61_000, calendar)
  assert.equal(other.granted, 100, 'the new period has its whole amount')
  const rest = ask(record, { spent: 30, returned: 10 }, 62_000, calendar)
  assert.deepEqual([rest.used, rest.out], [0, 100])
})

test("ending all leases charges what is out: their owner's process is gone", () => {
  for (const kind of ['sliding', 'calendar', 'bucket', 'gauge'] as const) {
    const limit = limitOf({ kind, windowMs: kind === 'gauge' ? 0 : 60_000 })
    const record = granted(limit)
    endAll(record, limit, 1000)
    endAll(record, limit, 1000)
    const { used, out, ended } = ask(record, { spent: 1 }, 1000, limit)
    const most = kind === 'gauge' ? 0 : 40
    assert.ok(used <= most && used >= most - 2, `${kind}: ${used} used`)
    assert.deepEqual([out, ended], [0, true])
  }
})

test('a record is at rest when nothing is out, used or owed', () => {
  const record = granted()
  assert.equal(recordAtRest(record, sliding, 0), false)
  ask(record, { spent: 5, returned: 35 }, 0)
  assert.equal(recordAtRest(record, sliding, 0), false)
  assert.equal(recordAtRest(record, sliding, 10 * 60_000), true)
})
