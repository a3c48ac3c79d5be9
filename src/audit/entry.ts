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

/** As bytes of the log: sealed values under commitments, exchanges as digests. */
export function sealEntry({ t, type, what }: Handed, n: number, salts: Salts): Buffer {
  const shown = type === 'exchanges' ? digested(what as Exchanges, salts) : what
  const entry = encode({ n, t, type, v: 1, what: shown }, (kind, value) => salts.commit(kind, value))
  if (entry.length <= MAX_ENTRY_BYTES) return entry
  // That there was a decision must be on record, if only by its digest.
  return encode({ n, t, type, v: 1, what: { too_large: { bytes: entry.length, sha256: hash('sha256', entry) } } })
}

interface Exchanges {
  readonly events: readonly HandedEvent[]
  readonly [name: string]: unknown
}

/** What of an event is needed here. */
interface HandedEvent {
  readonly id: string
  readonly outcome: string
  readonly who: { readonly account: string } | null
  readonly network: { readonly ip: string }
}

/** An exchange's digest is under the salt of its account, so that it can be erased with it. */
function digested({ events, ...rest }: Exchanges, salts: Salts): object {
  const outcomes: Record<string, number> = {}
  const digests = events.map((event): readonly [string, string] => {
    outcomes[event.outcome] = (outcomes[event.outcome] ?? 0) + 1
    const { who, network } = event
    const digest = who === null ? salts.digest('ip', network.ip, event) : salts.digest('account', who.account, event)
    return [event.id, digest]
  })
  return { ...rest, count: events.length, outcomes, digests }
}
