import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import type { Disk } from './disk.ts'
import { readBundle, readEdges, readTail, removeLeftovers } from './edge.ts'
import { encode } from './entry.ts'
import { Journal, type JournalContent, readJournal } from './journal.ts'
import { makeSigner, readSigners } from './keys.ts'
import { TILE_WIDTH } from './layout.ts'
import { Log, type Places } from './log.ts'
import { hasSigned, type Signer } from './note.ts'
import { Tree } from './tree.ts'

/** What a log is opened with. */
export interface OpenOptions {
  readonly places: Places
  readonly keys: string
  /** Of a new log; null: one is made up. One that differs from the log's own is an error. */
  readonly origin: string | null
  readonly disk: Disk
  readonly nowMs: number
}

export interface Opened {
  readonly log: Log
  /** The number of the next entry. */
  readonly nextN: number
  /** Entries that were acknowledged but not signed when the last process ended. */
  readonly recovered: number
  readonly tornBytes: number
  readonly isNew: boolean
}

/** Opens a log, or makes a new one where there is none. Nothing is changed unless everything fits. */
export function openLog(options: OpenOptions): Result<Opened, string> {
  try {
    const { log, journal } = options.places
    mkdirSync(log, { recursive: true, mode: 0o700 })
    mkdirSync(dirname(journal), { recursive: true, mode: 0o700 })
    const checkpoint = readCheckpoint(join(log, 'checkpoint'))
    const kept = readJournal(journal)
    if (!kept.ok) return kept
    if (checkpoint === null && kept.value === null) return create(options)
    return resume(options, checkpoint, kept.value)
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

function create(options: OpenOptions): Result<Opened, string> {
  const { places, keys, disk, nowMs } = options
  const strangers = readdirSync(places.log)
  if (strangers.length > 0) {
    return err(`${places.log} holds "${strangers[0]}" but no checkpoint: this is not a log, or a part of one`)
  }
  const origin = options.origin ?? `weir/${randomBytes(8).toString('hex')}`
  const signer = readSigners(keys, origin)[0] ?? makeSigner(keys, origin)
  const journal = Journal.start(places.journal, disk, origin, 0, [])
  const log = new Log({ origin, places, disk, journal, signer, announcer: signer, signedSize: 0, base: 0, edges: [] })
  log.append([encode({ n: 0, t: nowMs, type: 'log_created', v: 1, what: { origin, vkey: signer.vkey } })])
  log.publish()
  return ok({ log, nextN: 1, recovered: 0, tornBytes: 0, isNew: true })
}

interface Checkpoint {
  readonly text: string
  readonly origin: string
  readonly size: number
  readonly root: string
}

/** As this writer wrote it; whether an outsider would accept it is the verifier's question. */
function readCheckpoint(path: string): Checkpoint | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const [origin = '', size = '', root = '', blank] = text.split('\n')
  if (blank !== '' || !/^[1-9]\d{0,15}$/.test(size)) throw new Error(`${path} is not a checkpoint`)
  return { text, origin, size: Number(size), root }
}

function resume(
  options: OpenOptions,
  checkpoint: Checkpoint | null,
  kept: JournalContent | null,
): Result<Opened, string> {
  const { places, keys, disk } = options
  const origin = checkpoint?.origin ?? kept!.origin
  const size = checkpoint?.size ?? 0
  const stranger = strangerProblem(options, origin, size, kept)
  if (stranger !== null) return err(stranger)
  const base = kept?.base ?? size - (size % TILE_WIDTH)
  const entries = kept?.entries ?? readTail(places.log, size)
  if (base + entries.length < size) {
    return err(`${places.journal} ends at entry ${base + entries.length}, and ${size} are signed: it was changed`)
  }
  const edges = readEdges(places.log, base)
  if (checkpoint !== null && rootAt(base, edges, entries.slice(0, size - base)) !== checkpoint.root) {
    return err(`${places.log} does not have the root that its checkpoint signs: its files were changed`)
  }
  const signers = readSigners(keys, origin)
  const signer = lastSigner(signers, checkpoint, entries)
  if (signer === null) return err(`${keys} does not hold the key that signs ${places.log} ("${origin}")`)
  const last = entries.at(-1) ?? (size === 0 ? null : readBundle(places.log, size / TILE_WIDTH - 1, TILE_WIDTH).at(-1)!)
  // Everything fits: only from here on is anything changed.
  const journal =
    kept === null
      ? Journal.start(places.journal, disk, origin, base, entries)
      : Journal.resume(places.journal, disk, kept)
  const announcer = signers.find((one) => checkpoint !== null && hasSigned(one, checkpoint.text)) ?? signer
  const log = new Log({ origin, places, disk, journal, signer, announcer, signedSize: size, base, edges })
  for (const entry of entries) log.replay(entry)
  // A process can die between a checkpoint and the removal of what the one before it needed: that was not before the
  // journal began.
  removeLeftovers(places.log, base, log.size)
  rmSync(join(places.log, 'checkpoint.next'), { force: true })
  log.publish()
  const nextN = last === null ? 0 : read(last).n + 1
  return ok({ log, nextN, recovered: log.size - size, tornBytes: kept?.tornBytes ?? 0, isNew: false })
}

/** The parts of different logs, or of one log at different times. */
function strangerProblem(
  { places, origin: wanted }: OpenOptions,
  origin: string,
  size: number,
  kept: JournalContent | null,
): string | null {
  if (kept !== null && kept.origin !== origin) {
    return `${places.log} is the log "${origin}", and ${places.journal} belongs to "${kept.origin}"`
  }
  if (wanted !== null && wanted !== origin) {
    return `${places.log} is the log "${origin}", and the configuration names "${wanted}"`
  }
  if (kept === null || kept.base <= size) return null
  return (
    `${places.log} ends at entry ${size}, and ${kept.base} were written: it was rolled back, or is another copy. ` +
    `Put the right one back, or move ${places.journal} away to go on from here`
  )
}

function rootAt(base: number, edges: readonly Buffer[], entries: readonly Uint8Array[]): string {
  const tree = new Tree(base, edges, () => {})
  for (const entry of entries) tree.append(entry)
  return tree.root().toString('base64')
}

/** Whose turn it is to sign: who signed the checkpoint, unless the key was handed over since. */
function lastSigner(
  signers: readonly Signer[],
  checkpoint: Checkpoint | null,
  entries: readonly Buffer[],
): Signer | null {
  let vkey = checkpoint === null ? null : signers.find((signer) => hasSigned(signer, checkpoint.text))?.vkey
  for (const { type, what } of entries.map(read)) {
    if (type === 'log_created') vkey ??= what.vkey
    if (type === 'key_rotated') vkey = what.to
  }
  return signers.find((signer) => signer.vkey === vkey) ?? null
}

const read = (entry: Buffer): { n: number; type: string; what: { vkey?: string; to?: string } } =>
  JSON.parse(entry.toString('utf8')) as ReturnType<typeof read>
