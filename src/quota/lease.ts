import { HELD_RETRY_MS } from './counter.ts'
import type { LeaseAsk, LeaseGrant } from './port.ts'
import {
  advance,
  atRest,
  hold,
  owe,
  restsAt,
  room,
  settle,
  sliceAt,
  startWindow,
  waitMs,
  type WindowState,
} from './window.ts'

/**
 * The store's side of leases: one record a counter, plain data that can be written anywhere. What is out under leases is
 * `held` in the record's window, so the sum of what was used and what may still be used never exceeds the limit.
 */
export interface LeaseRecord {
  readonly window: WindowState
  readonly leases: Record<string, Lease>
}

interface Lease {
  granted: number
  spent: number
  returned: number
  owed: number
  expiresAtMs: number
  /** Slice of the last grant. */
  slice: number
  /** Kept for a while after the end, so that a late report does not open the lease anew. */
  ended: boolean
}

/** A message that is later than this many lifetimes of its lease is not expected to arrive. */
const REMEMBERED_TTLS = 10

export const startRecord = (nowMs: number): LeaseRecord => ({ window: startWindow(nowMs), leases: {} })

/** Takes in a report and grants what there is room for. Changes the record. */
export function answerAsk(record: LeaseRecord, ask: LeaseAsk, nowMs: number): LeaseGrant {
  const { limit } = ask
  const { window } = record
  advance(window, limit, nowMs)
  expire(record, ask, nowMs)
  const lease = (record.leases[ask.lease] ??= {
    granted: 0,
    spent: 0,
    returned: 0,
    owed: 0,
    expiresAtMs: 0,
    slice: sliceAt(limit, window.atMs),
    // A lease with a past that is not on record has been forgotten: it is over, and its process takes a new one.
    ended: ask.spent > 0 || ask.returned > 0,
  })
  let wait: number | null = 0
  if (!lease.ended) {
    const spent = Math.max(0, Math.min(ask.spent, lease.granted - lease.returned) - lease.spent)
    if (spent > 0) settle(window, limit, spent, spent, lease.slice)
    lease.spent += spent
    const returned = Math.max(0, Math.min(ask.returned, lease.granted - lease.spent) - lease.returned)
    if (returned > 0) settle(window, limit, returned, 0, lease.slice)
    lease.returned += returned
    if (ask.owed > lease.owed) owe(window, limit, ask.owed - lease.owed)
    lease.owed = Math.max(lease.owed, ask.owed)
    // A calendar lease belongs to the period it was opened in: it drains, and a new one takes over.
    if (lease.slice >= currentSlice(ask, window)) {
      const more = Math.max(0, Math.min(ask.want - outUnder(lease), room(window, limit)))
      hold(window, limit, more)
      lease.granted += more
      const missing = ask.need - outUnder(lease)
      wait = missing <= 0 ? 0 : waitMs(window, limit, missing, HELD_RETRY_MS)
    }
    lease.expiresAtMs = nowMs + ask.ttlMs
  }
  return {
    key: ask.key,
    lease: ask.lease,
    granted: lease.granted,
    ended: lease.ended,
    used: limit.kind === 'bucket' ? Math.max(0, window.used - window.held) : window.used,
    out: window.held + window.heldBefore,
    debt: window.debt,
    restsAtMs: restsAt(window, limit),
    waitMs: wait,
  }
}

/** Ends every lease of a record at once: their owner is known to be dead. */
export function endAll(record: LeaseRecord, limit: LeaseAsk['limit'], nowMs: number): void {
  advance(record.window, limit, nowMs)
  for (const lease of Object.values(record.leases)) end(record, lease, limit)
}

/** Whether a record says nothing that a fresh one would not say. */
export const recordAtRest = (record: LeaseRecord, limit: LeaseAsk['limit'], nowMs: number): boolean =>
  Object.values(record.leases).every((lease) => lease.ended || outUnder(lease) === 0) &&
  atRest(record.window, limit, nowMs)

const outUnder = (lease: Lease): number => lease.granted - lease.spent - lease.returned

const currentSlice = (ask: LeaseAsk, window: WindowState): number =>
  ask.limit.kind === 'calendar' ? sliceAt(ask.limit, window.atMs) : 0

function expire(record: LeaseRecord, ask: LeaseAsk, nowMs: number): void {
  for (const [name, lease] of Object.entries(record.leases)) {
    if (lease.expiresAtMs > nowMs) continue
    end(record, lease, ask.limit)
    if (lease.expiresAtMs + ask.ttlMs * REMEMBERED_TTLS < nowMs) delete record.leases[name]
  }
}

/** Nobody has reported for this lease in time: what was out counts as used. */
function end(record: LeaseRecord, lease: Lease, limit: LeaseAsk['limit']): void {
  if (lease.ended) return
  lease.ended = true
  const out = outUnder(lease)
  if (out > 0) settle(record.window, limit, out, out, lease.slice)
}
