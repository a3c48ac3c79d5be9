import type { Cancel } from '../core/clock.ts'
import type { LeasedCounter, LeaseOffice } from './leased-counter.ts'
import type { LeaseAsk } from './port.ts'

/** Lets every counter that was touched report to the store, all in one message, now and every `everyMs`. */
export function startReports(office: LeaseOffice, everyMs: number): { round(): Promise<void>; stop(): void } {
  let cancel: Cancel | null = null
  let stopped = false
  const round = async (): Promise<void> => {
    const askedAtMs = office.clock.now()
    const parts: { counter: LeasedCounter; asks: readonly LeaseAsk[] }[] = []
    for (const counter of office.touched) {
      const asks = counter.reports(askedAtMs)
      if (asks.length > 0) parts.push({ counter, asks })
    }
    if (parts.length === 0) return
    try {
      const grants = await office.store.ask(parts.flatMap(({ asks }) => asks))
      let at = 0
      for (const { counter, asks } of parts) {
        counter.take(grants.slice(at, at + asks.length), asks, askedAtMs)
        at += asks.length
      }
    } catch {
      for (const { counter } of parts) counter.lost()
    }
  }
  const next = (): void => {
    cancel = office.clock.after(everyMs, () => {
      void round().then(() => {
        if (!stopped) next()
      })
    })
  }
  next()
  return {
    round,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
