import { closeSync, fsyncSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Disk, forceToDisk } from './disk.ts'
import { err, ok, type Result } from '../core/result.ts'

/**
 * The journal that makes an append durable: one write and one flush for a whole group of entries. What it holds was
 * acknowledged; the log's own files follow without waiting for the disk and are rebuilt from here after a crash.
 *
 * A file of records: uint32 length, uint32 CRC-32 of the rest, the rest. The first one is its head, JSON; each other one a
 * group: entries with a uint16 length before each. The head's `base` is the log's index of the first entry, a multiple of
 * 256: everything before it is in files that were forced to the disk.
 */
export interface JournalContent {
  readonly origin: string
  readonly base: number
  readonly entries: readonly Buffer[]
  /** Bytes up to the end of the last whole record. */
  readonly bytes: number
  /** Bytes after it: a group that was being written when the process or the machine died, and was never acknowledged. */
  readonly tornBytes: number
}

interface Head {
  readonly v: number
  readonly origin: string
  readonly base: number
}

const VERSION = 1
const FRAME_BYTES = 8

/** null where there is none. The error is for the operator. */
export function readJournal(path: string): Result<JournalContent | null, string> {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok(null)
    return err(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  const records: Buffer[] = []
  let at = 0
  for (let record = recordAt(bytes, at); record !== null; record = recordAt(bytes, at)) {
    records.push(record)
    at += FRAME_BYTES + record.length
  }
  if (at < bytes.length && !isTorn(bytes, at)) return err(`${path} is damaged at byte ${at}, before its end`)
  const head = records.length === 0 ? null : headOf(records[0]!)
  if (head === null) return err(`${path} is not a journal of a log`)
  if (head.v > VERSION) return err(`${path} was written by a newer version of Weir`)
  const entries = records.slice(1).flatMap(entriesOf)
  return ok({ origin: head.origin, base: head.base, entries, bytes: at, tornBytes: bytes.length - at })
}

function recordAt(bytes: Buffer, at: number): Buffer | null {
  if (bytes.length - at < FRAME_BYTES) return null
  const length = bytes.readUInt32BE(at)
  if (length === 0 || length > bytes.length - at - FRAME_BYTES) return null
  const record = bytes.subarray(at + FRAME_BYTES, at + FRAME_BYTES + length)
  return crc32(record) === bytes.readUInt32BE(at + 4) ? record : null
}

/** A last record that is cut short, or that holds nothing where the disk had not got to it yet. */
function isTorn(bytes: Buffer, at: number): boolean {
  if (bytes.length - at < FRAME_BYTES) return true
  const end = at + FRAME_BYTES + bytes.readUInt32BE(at)
  return end >= bytes.length || bytes.subarray(at).every((byte) => byte === 0)
}

function headOf(record: Buffer): Head | null {
  try {
    const head = JSON.parse(record.toString('utf8')) as Partial<Head>
    return typeof head.v === 'number' && typeof head.origin === 'string' && Number.isSafeInteger(head.base)
      ? (head as Head)
      : null
  } catch {
    return null
  }
}

/** Throws where lengths and bytes do not fit. */
export function entriesOf(record: Buffer): Buffer[] {
  const entries: Buffer[] = []
  for (let at = 0; at < record.length;) {
    const end = at + 2 + record.readUInt16BE(at)
    if (end > record.length) throw new Error('an entry is cut short')
    entries.push(record.subarray(at + 2, end))
    at = end
  }
  return entries
}

/** Entries as a bundle and a group have them. */
export function framed(entries: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.allocUnsafe(entries.reduce((sum, entry) => sum + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    at = bytes.writeUInt16BE(entry.length, at)
    bytes.set(entry, at)
    at += entry.length
  }
  return bytes
}

/** The journal, open for writing. */
export class Journal {
  readonly #path: string
  readonly #disk: Disk
  #file: number
  #bytes: number
  /** Something that was not acknowledged may stand behind the last record. */
  #isDirty = false

  private constructor(path: string, disk: Disk, file: number, bytes: number) {
    this.#path = path
    this.#disk = disk
    this.#file = file
    this.#bytes = bytes
  }

  /** Goes on behind the last whole record; what is torn behind it goes away with the next one. */
  static resume(path: string, disk: Disk, { bytes }: JournalContent): Journal {
    const journal = new Journal(path, disk, openSync(path, 'r+'), bytes)
    journal.#isDirty = true
    return journal
  }

  /** Starts a new one; it takes the place of an old one only when it is on the disk. */
  static start(path: string, disk: Disk, origin: string, base: number, entries: readonly Uint8Array[]): Journal {
    const head = recordOf(Buffer.from(JSON.stringify({ v: VERSION, origin, base } satisfies Head)))
    const bytes = entries.length === 0 ? head : Buffer.concat([head, recordOf(framed(entries))])
    const file = openSync(`${path}.new`, 'w', 0o600)
    try {
      disk.write(file, bytes, 0)
      fsyncSync(file)
      disk.move(`${path}.new`, path)
      forceToDisk(dirname(path))
      return new Journal(path, disk, file, bytes.length)
    } catch (error) {
      closeSync(file)
      throw error
    }
  }

  get bytes(): number {
    return this.#bytes
  }

  /** On the disk when it returns. When it throws, none of it is there: the next group starts where this one would have. */
  append(entries: readonly Uint8Array[]): void {
    const record = recordOf(framed(entries))
    if (this.#isDirty) this.#disk.truncate(this.#file, this.#bytes)
    this.#isDirty = true
    this.#disk.write(this.#file, record, this.#bytes)
    this.#disk.flush(this.#file)
    this.#isDirty = false
    this.#bytes += record.length
  }

  restart(origin: string, base: number, entries: readonly Uint8Array[]): void {
    const next = Journal.start(this.#path, this.#disk, origin, base, entries)
    closeSync(this.#file)
    this.#file = next.#file
    this.#bytes = next.#bytes
    this.#isDirty = false
  }

  close(): void {
    closeSync(this.#file)
  }
}

function recordOf(content: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(FRAME_BYTES + content.length)
  record.writeUInt32BE(content.length, 0)
  record.writeUInt32BE(crc32(content), 4)
  record.set(content, FRAME_BYTES)
  return record
}
