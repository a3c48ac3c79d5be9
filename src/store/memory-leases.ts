import type { Clock } from '../core/clock.ts'
import { answerAsk, recordAtRest, startRecord, type LeaseRecord } from '../quota/lease.ts'
import type { LeaseStore } from '../quota/port.ts'
import type { Limit } from '../quota/limit.ts'

/** Leases in memory: one store for several Weirs in one process, as tests and the lab have them. */
export function createMemoryLeases(clock: Clock): LeaseStore & {
  readonly records: ReadonlyMap<string, { readonly record: LeaseRecord; readonly limit: Limit }>
} {
  const records = new Map<string, { record: LeaseRecord; limit: Limit }>()
  return {
    records,
    ask(asks) {
      const nowMs = clock.now()
      return asks.map((ask) => {
        const known = records.get(ask.key) ?? { record: startRecord(nowMs), limit: ask.limit }
        const grant = answerAsk(known.record, ask, nowMs)
        if (recordAtRest(known.record, ask.limit, nowMs)) records.delete(ask.key)
        else records.set(ask.key, { record: known.record, limit: ask.limit })
        return grant
      })
    },
  }
}
