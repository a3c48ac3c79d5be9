import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../core/clock.ts'
import type { Records } from '../core/records.ts'
import { err, ok, type Result } from '../core/result.ts'
import { answerAsk, endAll, recordAtRest, startRecord, type LeaseRecord } from '../quota/lease.ts'
import type { Limit } from '../quota/limit.ts'
import type { LeaseStore } from '../quota/port.ts'
import { restsAt } from '../quota/window.ts'

/**
 * State that outlives the process, in one SQLite file that one process has open: a second one is refused, so whatever
 * leases the file holds when it is opened belong to the dead, and what was out under them is charged at once.
 * Write-ahead logging without a sync per commit: a killed process loses nothing, a power cut the newest commits.
 */
export interface SqliteStore {
  readonly leases: LeaseStore
  readonly records: Records
  /** Counters whose units were out when the last process died. */
  readonly recovered: number
  /** Counters kept. */
  readonly size: number
  /** Forgets counters that have come to rest. */
  sweep(): void
  close(): void
}

interface Row {
  readonly key: string
  readonly record: string
}

interface Stored {
  readonly record: LeaseRecord
  readonly limit: Limit
}

const SCHEMA_VERSION = 2

/** The error says what is wrong with the file, for the operator. */
export function openSqlite(path: string, clock: Clock): Result<SqliteStore, string> {
  let db: DatabaseSync | null = null
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    db = new DatabaseSync(path)
    // EXCLUSIVE takes the lock with the first write and keeps it: the system gives it back when the process dies.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    const version = (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
    if (version > SCHEMA_VERSION) throw new Error('it was written by a newer version of Weir')
    db.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS leases
        (key TEXT PRIMARY KEY, rests_at_ms INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS leases_rest ON leases (rests_at_ms);
      CREATE TABLE IF NOT EXISTS records
        (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
      PRAGMA user_version = ${SCHEMA_VERSION};
      COMMIT`)
    return ok(open(db, clock))
  } catch (error) {
    db?.close()
    const message = error instanceof Error ? error.message : String(error)
    const why = message.includes('locked') ? 'another process has it open; give each process its own data_dir' : message
    return err(`${path} cannot be used: ${why}`)
  }
}

function open(db: DatabaseSync, clock: Clock): SqliteStore {
  const find = db.prepare('SELECT record FROM leases WHERE key = ?')
  const put = db.prepare('INSERT OR REPLACE INTO leases (key, rests_at_ms, record) VALUES (?, ?, ?)')
  const drop = db.prepare('DELETE FROM leases WHERE key = ?')
  const sweep = db.prepare('DELETE FROM leases WHERE rests_at_ms < ?')

  const save = (key: string, { record, limit }: Stored, nowMs: number): void => {
    if (recordAtRest(record, limit, nowMs)) drop.run(key)
    else put.run(key, restOf(record, limit), JSON.stringify({ record, limit }))
  }
  const within = (work: () => void): void => {
    db.exec('BEGIN IMMEDIATE')
    try {
      work()
      db.exec('COMMIT')
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }

  let recovered = 0
  within(() => {
    const nowMs = clock.now()
    for (const row of db.prepare('SELECT key, record FROM leases').all() as unknown as Row[]) {
      const stored = JSON.parse(row.record) as Stored
      if (Object.values(stored.record.leases).some((lease) => !lease.ended)) recovered++
      endAll(stored.record, stored.limit, nowMs)
      save(row.key, { record: { ...stored.record, leases: {} }, limit: stored.limit }, nowMs)
    }
  })
  const count = db.prepare('SELECT count(*) AS rows FROM leases')
  return {
    recovered,
    get size() {
      return (count.get() as { rows: number }).rows
    },
    leases: {
      ask(asks) {
        const nowMs = clock.now()
        const answer = (): ReturnType<typeof answerAsk>[] =>
          asks.map((ask) => {
            const row = find.get(ask.key) as { record: string } | undefined
            const record = row === undefined ? startRecord(nowMs) : (JSON.parse(row.record) as Stored).record
            const grant = answerAsk(record, ask, nowMs)
            save(ask.key, { record, limit: ask.limit }, nowMs)
            return grant
          })
        if (asks.length === 1) return answer()
        let grants: ReturnType<typeof answerAsk>[] = []
        within(() => {
          grants = answer()
        })
        return grants
      },
    },
    records: recordsIn(db, within),
    sweep: () => void sweep.run(clock.now()),
    close: () => db.close(),
  }
}

function recordsIn(db: DatabaseSync, within: (work: () => void) => void): Records {
  const all = db.prepare('SELECT id, value FROM records WHERE kind = ?')
  const put = db.prepare('INSERT OR REPLACE INTO records (kind, id, value) VALUES (?, ?, ?)')
  const remove = db.prepare('DELETE FROM records WHERE kind = ? AND id = ?')
  return {
    all: (kind) => all.all(kind) as unknown as { id: string; value: string }[],
    put: (kind, id, value) => void put.run(kind, id, value),
    remove: (kind, id) => void remove.run(kind, id),
    write: (changes) =>
      within(() => {
        for (const { kind, id, value } of changes) {
          if (value === null) remove.run(kind, id)
          else put.run(kind, id, value)
        }
      }),
  }
}

/** A record with units out or in debt is never swept. */
const restOf = ({ window }: LeaseRecord, limit: Limit): number =>
  window.held + window.heldBefore + window.debt > 0 ? Number.MAX_SAFE_INTEGER : Math.ceil(restsAt(window, limit))
