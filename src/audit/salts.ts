import { createHmac, randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * One salt for each sealed value. With it a commitment of the log can be opened, and every exchange of an account be
 * matched with its digest; once it is erased nobody can tell any more what the log's commitments stood for.
 */
export class Salts {
  readonly #db: DatabaseSync
  readonly #known = new Map<string, Known>()
  #isOpen = false

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // For its owner only, and with it what SQLite puts beside it.
    closeSync(openSync(path, 'a', 0o600))
    this.#db = new DatabaseSync(path)
    // Erased means overwritten. FULL: no entry is signed that nobody could open after a power cut.
    this.#db.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
      CREATE TABLE IF NOT EXISTS salts
        (kind TEXT NOT NULL, value TEXT NOT NULL, salt BLOB NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID`)
  }

  /** The commitment to a value. Its salt is on the disk after the next `flush`. */
  commit(kind: string, value: string): string {
    const known = this.#of(kind, value)
    return (known.seal ??= sealOf(known.salt, kind, value))
  }

  /** The digest of a record that belongs to a value, such as an exchange of an account, in its canonical form. */
  digest(kind: string, value: string, text: string): string {
    return createHmac('sha256', this.#of(kind, value).salt).update(text).digest('base64')
  }

  flush(): void {
    if (!this.#isOpen) return
    this.#db.exec('COMMIT')
    this.#isOpen = false
  }

  /** What was not flushed is gone. */
  forget(): void {
    this.#known.clear()
    if (this.#isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK')
    this.#isOpen = false
  }

  find(kind: string, value: string): Uint8Array | null {
    const row = this.#db.prepare('SELECT salt FROM salts WHERE kind = ? AND value = ?').get(kind, value)
    return (row as { salt: Uint8Array } | undefined)?.salt ?? null
  }

  /** Whether there was one. Nothing of it is left in the files. */
  erase(kind: string, value: string): boolean {
    this.flush()
    this.#known.delete(keyOf(kind, value))
    const { changes } = this.#db.prepare('DELETE FROM salts WHERE kind = ? AND value = ?').run(kind, value)
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return Number(changes) > 0
  }

  close(): void {
    this.flush()
    this.#db.close()
  }

  #of(kind: string, value: string): Known {
    const key = keyOf(kind, value)
    let known = this.#known.get(key)
    if (known !== undefined) return known
    const kept = this.find(kind, value)
    known = { salt: kept ?? randomBytes(SALT_BYTES), seal: null }
    if (kept === null) this.#keep(kind, value, known.salt)
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(key, known)
    return known
  }

  #keep(kind: string, value: string, salt: Uint8Array): void {
    if (!this.#isOpen) this.#db.exec('BEGIN IMMEDIATE')
    this.#isOpen = true
    this.#db.prepare('INSERT INTO salts (kind, value, salt) VALUES (?, ?, ?)').run(kind, value, salt)
  }
}

interface Known {
  readonly salt: Uint8Array
  seal: string | null
}

/** What shows what a commitment stands for. */
export interface Opening {
  readonly kind: string
  readonly value: string
  readonly salt: string
}

const SALT_BYTES = 32
/** Values whose salt is in memory: about 20 MB. */
const MAX_KNOWN = 50_000

const keyOf = (kind: string, value: string): string => `${kind}\n${value}`

const sealOf = (salt: Uint8Array, kind: string, value: string): string =>
  createHmac('sha256', salt).update(keyOf(kind, value)).digest('base64')

/** From the file, beside whoever writes it. Throws where there is none. */
export function openingsIn(path: string, seals: ReadonlySet<string>): readonly Opening[] {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return openingsOf(db, seals)
  } finally {
    db.close()
  }
}

/** In one pass over all of them: the log does not say which salt is whose. */
function openingsOf(db: DatabaseSync, seals: ReadonlySet<string>): readonly Opening[] {
  const found: Opening[] = []
  for (const row of db.prepare('SELECT kind, value, salt FROM salts').iterate()) {
    const { kind, value, salt } = row as { kind: string; value: string; salt: Uint8Array }
    if (seals.has(sealOf(salt, kind, value))) found.push({ kind, value, salt: Buffer.from(salt).toString('base64') })
  }
  return found
}
