import type { Clock } from './core/clock.ts'
import type { Records } from './core/records.ts'
import { err, ok, type Result } from './core/result.ts'
import { parseRange } from './identity/address.ts'
import { Reputation, type ReputationEntry } from './identity/reputation.ts'

/** What operators say of callers while Weir runs: kept on record, and in force from the next request on. */
export interface ReputationDesk {
  /** Those in force. */
  readonly entries: readonly ReputationEntry[]
  /** Replaces what was said of the same subject. The error is for the operator. */
  put(entry: ReputationEntry): Result<null, string>
  /** An error where nothing was said of it. */
  remove(kind: Subject['kind'], value: string): Result<null, string>
  /** Told after every change. */
  changed(fn: () => void): void
}

type Subject = ReputationEntry['subject']

/** An operator writes these by hand or by script; past this a list in a file is the right place. */
const MAX_ENTRIES = 10_000

export function reputationDesk(records: Records, clock: Clock): ReputationDesk {
  const entries = new Map<string, ReputationEntry>()
  for (const { id, value } of records.all('reputation')) entries.set(id, JSON.parse(value) as ReputationEntry)
  let tell = (): void => {}
  const isOver = ({ expiresAtMs }: ReputationEntry): boolean => expiresAtMs !== null && !(expiresAtMs > clock.now())
  // The record first: what the disk refuses must not be in force until the next restart only.
  const forget = (id: string): void => {
    records.remove('reputation', id)
    entries.delete(id)
  }
  return {
    get entries() {
      return [...entries.values()].filter((entry) => !isOver(entry))
    },
    put(entry) {
      const [problem] = new Reputation([entry]).problems
      if (problem !== undefined) return err(problem)
      if (isOver(entry)) return err('This is over already: it expires before now.')
      for (const [id, known] of entries) if (isOver(known)) forget(id)
      const id = idOf(entry.subject)
      if (!entries.has(id) && entries.size >= MAX_ENTRIES) {
        return err(`There are ${MAX_ENTRIES} entries already; put lists into files under network.lists.`)
      }
      records.put('reputation', id, JSON.stringify(entry))
      entries.set(id, entry)
      tell()
      return ok(null)
    },
    remove(kind, value) {
      const id = idOf({ kind, value })
      if (!entries.has(id)) return err('Nothing is said of this subject.')
      forget(id)
      tell()
      return ok(null)
    },
    changed(fn) {
      tell = fn
    },
  }
}

/** One name for each subject, however it is written: `AS064500` is `64500`, `2001:DB8::1` is `20010db8…/128`. */
function idOf({ kind, value }: Subject): string {
  if (kind === 'asn') return `asn:${value.replace(/^(?:AS)?0*/i, '')}`
  const range = kind === 'cidr' ? parseRange(value) : null
  if (range?.ok !== true) return `${kind}:${value}`
  const { version, first, bits } = range.value
  return `cidr:v${version}:${first.map((word) => word.toString(16).padStart(8, '0')).join('')}/${bits}`
}
