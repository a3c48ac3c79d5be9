import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { err, ok, type Result } from '../core/result.ts'
import type { Disk } from './disk.ts'
import { encode, type Handed, sealEntry } from './entry.ts'
import { makeSigner } from './keys.ts'
import type { Log, Places } from './log.ts'
import { signNote } from './note.ts'
import { openLog } from './open-log.ts'
import { Salts } from './salts.ts'

/** The parts of a `data_dir` that belong to the log. */
export const placesIn = (
  dataDir: string,
): Places & { readonly keys: string; readonly salts: string; readonly lock: string } => ({
  log: join(dataDir, 'audit'),
  journal: join(dataDir, 'spool', 'audit.journal'),
  staged: join(dataDir, 'spool', 'audit.staged'),
  lock: join(dataDir, 'spool', 'audit.lock'),
  keys: join(dataDir, 'keys'),
  salts: join(dataDir, 'salts.db'),
})

export interface WriterStart {
  readonly size: number
  readonly nextN: number
  readonly recovered: number
  readonly tornBytes: number
  readonly isNew: boolean
}

/** A log with its salts, locked for one process: what the thread works with, and commands where no Weir runs. */
export class Writer {
  readonly #log: Log
  readonly #salts: Salts
  readonly #lock: DatabaseSync
  readonly #keys: string
  readonly start: WriterStart
  /** The number of the next entry. */
  nextN: number

  private constructor(log: Log, salts: Salts, lock: DatabaseSync, keys: string, start: WriterStart) {
    this.#log = log
    this.#salts = salts
    this.#lock = lock
    this.#keys = keys
    this.start = start
    this.nextN = start.nextN
  }

  /** The error says what keeps it from writing, for the operator. */
  static open(dataDir: string, origin: string | null, disk: Disk, nowMs: number): Result<Writer, string> {
    const places = placesIn(dataDir)
    let lock: DatabaseSync | null = null
    let salts: Salts | null = null
    try {
      mkdirSync(dirname(places.lock), { recursive: true, mode: 0o700 })
      lock = takeLock(places.lock)
      salts = new Salts(places.salts)
    } catch (error) {
      lock?.close()
      const message = error instanceof Error ? error.message : String(error)
      return err(message.includes('locked') ? `another process writes ${places.log}` : `${dataDir}: ${message}`)
    }
    const opened = openLog({ places, keys: places.keys, origin, disk, nowMs })
    if (!opened.ok) {
      salts.close()
      lock.close()
      return opened
    }
    const { log, ...start } = opened.value
    const writer = new Writer(log, salts, lock, places.keys, { ...start, size: log.size })
    const { recovered, tornBytes } = start
    if (!start.isNew) writer.note('log_opened', { recovered, torn_bytes: tornBytes }, nowMs)
    return ok(writer)
  }

  get checkpoint(): string {
    return this.#log.checkpoint
  }

  get size(): number {
    return this.#log.size
  }

  get vkey(): string {
    return this.#log.signer.vkey
  }

  get origin(): string {
    return this.#log.origin
  }

  /**
   * Entries as they were handed over, as numbered bytes of the log; their salts are on the disk when it returns. When it
   * throws, nothing has changed. `texts` are those of the exchanges that the entries name, in their order.
   */
  seal(lines: readonly string[], texts: readonly string[] = []): readonly Buffer[] {
    const from = this.nextN
    try {
      const rest = texts.values()
      const entries = lines.map((line) => this.#sealed(JSON.parse(line) as Handed, rest))
      this.#salts.flush()
      return entries
    } catch (error) {
      this.nextN = from
      this.#salts.forget()
      throw error
    }
  }

  #sealed(handed: Handed, texts: Iterator<string>): Buffer {
    if (handed.type !== 'entries_lost') return this.#sealedOrNot(handed, this.nextN++, texts)
    // Each lost entry keeps the number that it would have had.
    const first = this.nextN
    this.nextN += (handed.what as { count: number }).count
    const what = { first, last: this.nextN - 1 }
    return encode({ n: this.nextN++, t: handed.t, type: handed.type, v: 1, what })
  }

  /** What cannot be sealed for another reason than the disk must not keep everything behind it from being written. */
  #sealedOrNot(handed: Handed, n: number, texts: Iterator<string>): Buffer {
    try {
      return sealEntry(handed, n, this.#salts, texts)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR') throw error
      return encode({ n, t: handed.t, type: handed.type, v: 1, what: { unreadable: String(error) } })
    }
  }

  /** On the disk and signed when it returns. When `append` throws, nothing was taken. */
  append(entries: readonly Buffer[]): void {
    this.#log.append(entries)
  }

  publish(): void {
    this.#log.publish()
  }

  /** An entry of the log's own. */
  note(type: string, what: unknown, nowMs: number): void {
    this.#log.append([encode({ n: this.nextN, t: nowMs, type, v: 1, what })])
    this.nextN++
    this.#log.publish()
  }

  /** The old key signs the new one; the entry that says so is the first thing that the new one signs for. */
  rotateKey(nowMs: number): string {
    const from = this.#log.signer
    const to = makeSigner(this.#keys, this.origin)
    const note = signNote(`weir audit key v1\n${this.origin}\n${to.vkey}\n`, from)
    this.#log.append([
      encode({ n: this.nextN, t: nowMs, type: 'key_rotated', v: 1, what: { from: from.vkey, to: to.vkey, note } }),
    ])
    this.nextN++
    this.#log.signer = to
    this.#log.publish()
    return to.vkey
  }

  /** Gives whether there was anything to erase. That it was done is on record; of whom is not. */
  erase(kind: string, value: string, nowMs: number): boolean {
    const seal = this.#salts.find(kind, value) === null ? null : this.#salts.commit(kind, value)
    if (seal === null) return false
    this.note('erased', { kind, seal }, nowMs)
    return this.#salts.erase(kind, value)
  }

  close(nowMs: number): void {
    try {
      this.note('log_closed', {}, nowMs)
      this.#log.close()
    } finally {
      this.#salts.close()
      this.#lock.close()
    }
  }
}

/** The system gives it back when the process dies. Throws when somebody else has it. */
function takeLock(path: string): DatabaseSync {
  const db = new DatabaseSync(path)
  try {
    db.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; PRAGMA user_version = 1; COMMIT',
    )
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
