import { hash } from 'node:crypto'
import { canonical, type Seal } from './canonical.ts'
import type { Salts } from './salts.ts'

/** How an entry stands in the log. `n` counts what was to be written: a number that is missing is an entry that was lost. */
export interface Envelope {
  readonly n: number
  /** Epoch ms at which it was handed over. */
  readonly t: number
  readonly type: string
  readonly v: 1
  readonly what: unknown
}

/** Half of what a bundle can hold. */
export const MAX_ENTRY_BYTES = 32_767

/** The names of an envelope are such that its number comes first. */
export const encode = (envelope: Envelope, seal: Seal | null = null): Buffer =>
  Buffer.from(canonical(envelope, seal), 'utf8')

/** An entry as it is handed over, before it has a number. */
export interface Handed {
  readonly t: number
  readonly type: string
  readonly what: unknown
}

/** As bytes of the log: sealed values under commitments, exchanges as digests. Their texts come in the order of entries. */
export function sealEntry({ t, type, what }: Handed, n: number, salts: Salts, texts: Iterator<string>): Buffer {
  const shown = type === 'exchanges' && !isUnreadable(what) ? digested(what as Exchanges, salts, texts) : what
  const entry = encode({ n, t, type, v: 1, what: shown }, (kind, value) => salts.commit(kind, value))
  if (entry.length <= MAX_ENTRY_BYTES) return entry
  // That there was a decision must be on record, if only by its digest.
  return encode({ n, t, type, v: 1, what: { too_large: { bytes: entry.length, sha256: hash('sha256', entry) } } })
}

/** Exchanges as they are handed over: their canonical texts go beside the entry, so that nobody has to read them again. */
export interface Exchanges {
  readonly of: readonly HandedExchange[]
}

/** Its id, how it ended, and whose it is. */
export type HandedExchange = readonly [id: string, outcome: string, kind: 'account' | 'ip', value: string]

/** Of an exchange that had no form. */
const isUnreadable = (what: unknown): boolean => typeof what === 'object' && what !== null && 'unreadable' in what

/** An exchange's digest is under the salt of its account, so that it can be erased with it. */
function digested({ of }: Exchanges, salts: Salts, texts: Iterator<string>): object {
  // All of them first: an entry that fails must not leave its texts to the next one.
  const own = of.map(() => texts.next().value as string)
  const outcomes: Record<string, number> = {}
  const digests = of.map(([id, outcome, kind, value], i): readonly [string, string] => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    return [id, salts.digest(kind, value, own[i]!)]
  })
  return { count: of.length, outcomes, digests }
}
