import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Cancel, Clock } from '../core/clock.ts'
import type { RequestEvent } from '../core/event.ts'
import type { Journal } from '../core/journal.ts'

/**
 * The journal of open exchanges as an append-only file. A line is in the system's page cache before its exchange goes
 * on, so it outlives a killed process; it is not forced to the disk, so a power cut can lose the newest lines.
 */
export interface FileJournal extends Journal {
  /** Events of exchanges that an earlier process left open, oldest first. Owed until `paid`. */
  readonly owed: readonly RequestEvent[]
  /** The owed events are on record: forget them. */
  paid(): void
  /** Lines of the file that could not be read, a torn last one apart. */
  readonly unreadable: number
  stop(): void
}

/** Past this size the file is written anew with what is still open. */
const COMPACT_BYTES = 16 * 1024 * 1024

/**
 * How long the end of an exchange may stay unwritten while others are open. A process that dies within it tells an
 * exchange as interrupted that had just ended: once too pessimistic is better than never told.
 */
const FLUSH_MS = 50

const lineOf = (line: Line): string => `${JSON.stringify(line)}\n`

type Line = { readonly open: RequestEvent } | { readonly close: string }

export function openJournal(path: string, clock: Clock, compactBytes: number = COMPACT_BYTES): FileJournal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const before = readOpen(path)
  const open = new Map<string, RequestEvent>()
  let owed = [...before.open.values()]
  let file = rewrite(path, owed)
  let bytes = fstatSync(file).size
  let compactAt = Math.max(compactBytes, 2 * bytes)

  /** Ends that are not written yet: they wait, not for long, for the next line that has to be written at once. */
  let ends = ''
  let flushing: Cancel | null = null

  const write = (lines: string): void => {
    const text = ends + lines
    ends = ''
    if (text !== '') bytes += writeSync(file, text)
    if (bytes < compactAt) return
    const next = rewrite(path, [...owed, ...open.values()])
    // Only now: if the rewrite had failed, the number of a closed file could be that of somebody's socket by now.
    closeSync(file)
    file = next
    bytes = fstatSync(file).size
    // What is open may be more than the bound: doubling keeps the work of rewriting a part of that of writing.
    compactAt = Math.max(compactBytes, 2 * bytes)
  }
  return {
    get owed() {
      return owed
    },
    unreadable: before.unreadable,
    open(event) {
      open.set(event.id, event)
      write(lineOf({ open: event }))
    },
    close(id) {
      if (!open.delete(id)) return
      ends += lineOf({ close: id })
      if (open.size === 0) write('')
      else {
        flushing ??= clock.after(FLUSH_MS, () => {
          flushing = null
          write('')
        })
      }
    },
    paid() {
      // Forgotten first: a rewrite in the midst of this must not bring back what is closed already.
      const settled = owed
      owed = []
      write(settled.map(({ id }) => lineOf({ close: id })).join(''))
    },
    stop() {
      flushing?.()
      write('')
      closeSync(file)
    },
  }
}

function readOpen(path: string): { open: Map<string, RequestEvent>; unreadable: number } {
  const open = new Map<string, RequestEvent>()
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const lines = text.split('\n')
  let unreadable = 0
  for (const [at, line] of lines.entries()) {
    if (line === '') continue
    try {
      const entry = JSON.parse(line) as Line
      if ('open' in entry && typeof entry.open.id === 'string') open.set(entry.open.id, entry.open)
      else if ('close' in entry && typeof entry.close === 'string') open.delete(entry.close)
      else unreadable++
    } catch {
      // The last line may be torn: the process died while it wrote it, before the exchange went on.
      if (at < lines.length - 1) unreadable++
    }
  }
  return { open, unreadable }
}

/** Writes a new file beside the old one and puts it in its place, so that no moment has neither. */
function rewrite(path: string, open: readonly RequestEvent[]): number {
  const file = openSync(`${path}.new`, 'w', 0o600)
  for (const event of open) writeSync(file, lineOf({ open: event }))
  renameSync(`${path}.new`, path)
  return file
}
