import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { Clock } from '../core/clock.ts'
import { capacity, type Limit } from '../quota/limit.ts'
import type { LeaseAsk, LeaseGrant } from '../quota/port.ts'
import { openSqlite, type SqliteStore } from './sqlite.ts'

const limit: Limit = {
  name: 'day',
  per: ['key'],
  match: [],
  when: null,
  resource: 'tokens',
  amount: 1000,
  windowMs: 86_400_000,
  kind: 'calendar',
  burst: 1000,
  mode: 'enforce',
  onStoreError: 'local',
}
const ask = (over: Partial<LeaseAsk>): LeaseAsk => ({
  key: 'day/k',
  limit,
  lease: 'a.1',
  spent: 0,
  returned: 0,
  owed: 0,
  need: 0,
  want: 0,
  ttlMs: 10_000,
  ...over,
})

function opened(path: string, clock: Clock): SqliteStore {
  const store = openSqlite(path, clock)
  assert.ok(store.ok, 'opens')
  return store.value
}

function problemOf(path: string, clock: Clock): string {
  const store = openSqlite(path, clock)
  assert.ok(!store.ok, 'is refused')
  return store.error
}

function inFolder(run: (path: string, clock: Clock & { nowMs: number }) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'weir-'))
  const clock = { nowMs: Date.UTC(2026, 0, 1, 12), now: () => clock.nowMs, after: () => () => {} }
  try {
    run(join(folder, 'weir.db'), clock)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('what was used survives a restart, and what was out when the process died is charged in full', () => {
  inFolder((path, clock) => {
    const first = opened(path, clock)
    assert.equal(first.recovered, 0)
    first.leases.ask([ask({ want: 300 })])
    first.leases.ask([ask({ spent: 100, want: 300 })])
    // No close: the process is gone, and the system has given its lock back.
    first.close()
    const second = opened(path, clock)
    assert.equal(second.recovered, 1)
    const [grant] = second.leases.ask([ask({ lease: 'b.1', want: 5000, need: 5000 })]) as readonly LeaseGrant[]
    assert.equal(grant!.granted, capacity(limit) - 400, '100 spent and 300 that were still out')
    second.close()
  })
})

test('a lease that was given back before the end costs nothing', () => {
  inFolder((path, clock) => {
    const first = opened(path, clock)
    first.leases.ask([ask({ want: 300 })])
    first.leases.ask([ask({ spent: 100, returned: 200 })])
    first.close()
    const second = opened(path, clock)
    const [grant] = second.leases.ask([ask({ lease: 'b.1', want: 5000 })]) as readonly LeaseGrant[]
    assert.equal(grant!.granted, 900)
    second.close()
  })
})

test('a file that another process has open is refused', () => {
  inFolder((path, clock) => {
    const first = opened(path, clock)
    assert.match(problemOf(path, clock), /another process/)
    first.close()
  })
})

test('a file of a newer version is refused and left alone', () => {
  inFolder((path, clock) => {
    const first = opened(path, clock)
    first.close()
    const file = new DatabaseSync(path)
    file.exec('PRAGMA user_version = 99')
    file.close()
    assert.match(problemOf(path, clock), /newer version/)
  })
})

test('counters at rest are forgotten', () => {
  inFolder((path, clock) => {
    const store = opened(path, clock)
    store.leases.ask([ask({ want: 10 })])
    store.leases.ask([ask({ spent: 10 })])
    assert.equal(store.size, 1)
    clock.nowMs += 2 * 86_400_000
    store.sweep()
    assert.equal(store.size, 0)
    store.close()
  })
})

test('what is no database is refused and left as it was', () => {
  inFolder((path, clock) => {
    writeFileSync(path, 'not a database '.repeat(1000))
    assert.match(problemOf(path, clock), /not a database/)
    assert.ok(readFileSync(path, 'utf8').startsWith('not a database'))
  })
})

test('records are there after a restart, kind by kind, each once', () => {
  inFolder((path, clock) => {
    const first = opened(path, clock)
    first.records.put('terms', 'acme', 'one')
    first.records.put('terms', 'acme', 'two')
    first.records.put('terms', "o'brien\n\u0000", '{"a":"ä"}')
    first.records.put('reputation', 'acme', 'other')
    first.records.remove('reputation', 'nobody')
    first.close()
    const second = opened(path, clock)
    assert.deepEqual(
      second.records.all('terms').map(({ id, value }) => [id, value]),
      [
        ['acme', 'two'],
        ["o'brien\n\u0000", '{"a":"ä"}'],
      ],
    )
    second.records.remove('terms', 'acme')
    assert.equal(second.records.all('terms').length, 1)
    assert.deepEqual(
      second.records.all('reputation').map(({ value }) => value),
      ['other'],
    )
    second.close()
  })
})

test('changes of records are written all or none', () => {
  inFolder((path, clock) => {
    const { records, close } = opened(path, clock)
    records.put('action', 'old', 'one')
    records.write([
      { kind: 'action', id: 'old', value: null },
      { kind: 'action', id: 'new', value: 'two' },
      { kind: 'containment', id: 'new', value: 'three' },
    ])
    const bad = { kind: 'action', id: 'bad', value: {} as unknown as string } as const
    assert.throws(() => records.write([{ kind: 'action', id: 'new', value: null }, bad]))
    assert.deepEqual(
      records.all('action').map(({ id, value }) => [id, value]),
      [['new', 'two']],
    )
    assert.equal(records.all('containment').length, 1)
    close()
  })
})

test('a database of the first version gets its records, and keeps its counters', () => {
  inFolder((path, clock) => {
    const first = opened(path, clock)
    first.leases.ask([ask({ want: 10 })])
    first.leases.ask([ask({ spent: 10 })])
    first.close()
    const file = new DatabaseSync(path)
    file.exec('DROP TABLE records; PRAGMA user_version = 1')
    file.close()
    const second = opened(path, clock)
    assert.deepEqual([second.size, second.records.all('terms')], [1, []])
    second.records.put('terms', 'acme', 'one')
    assert.equal(second.records.all('terms').length, 1)
    second.close()
  })
})
