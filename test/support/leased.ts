import { createVirtualClock, type VirtualClock } from '../../src/lab/virtual-clock.ts'
import { LeasedCounter, type LeaseOffice } from '../../src/quota/leased-counter.ts'
import type { Limit } from '../../src/quota/limit.ts'
import type { LeaseAsk, LeaseGrant, LeaseStore } from '../../src/quota/port.ts'
import { createMemoryLeases } from '../../src/store/memory-leases.ts'

export const START_MS = 1_000_000
export const TTL_MS = 10_000

export const leasedLimit = (over: Partial<Limit> = {}): Limit => ({
  name: 'l',
  per: ['key'],
  match: [],
  when: null,
  resource: 'tokens',
  amount: 320,
  windowMs: 60_000,
  kind: 'sliding',
  burst: 320,
  mode: 'enforce',
  onStoreError: 'deny',
  ...over,
})

/** What the network between a process and its store does; a test changes it as it goes. */
export interface Line {
  /** null: answers at once, as a store in the process does. */
  delayMs: number | null
  /** Rejects, or throws where there is no delay. */
  broken: boolean
  /** The question arrives and its answer never does. */
  mute: boolean
}

/** A store as one process sees it, and the counters of that process. */
export interface Process {
  readonly office: LeaseOffice
  readonly line: Line
  readonly asked: LeaseAsk[][]
  counter(limit: Limit, key?: string): LeasedCounter
}

export interface Leased {
  readonly clock: VirtualClock
  readonly store: ReturnType<typeof createMemoryLeases>
  process(owner: string, line?: Partial<Line>): Process
}

export function leased(startMs: number = START_MS): Leased {
  const clock = createVirtualClock(startMs)
  const store = createMemoryLeases(clock)
  const process = (owner: string, over: Partial<Line> = {}): Process => {
    const line: Line = { delayMs: null, broken: false, mute: false, ...over }
    const asked: LeaseAsk[][] = []
    const behind: LeaseStore = {
      ask(asks) {
        asked.push([...asks])
        if (line.delayMs === null) {
          if (line.broken) throw new Error('the store is away')
          return store.ask(asks)
        }
        return new Promise<readonly LeaseGrant[]>((resolve, reject) => {
          void clock.after(line.delayMs!, () => {
            if (line.broken) return reject(new Error('the store is away'))
            const grants = store.ask(asks) as readonly LeaseGrant[]
            return line.mute ? undefined : resolve(grants)
          })
        })
      },
    }
    const office: LeaseOffice = {
      store: behind,
      clock,
      owner,
      ttlMs: TTL_MS,
      deadlineMs: 5,
      processes: 2,
      touched: new Set(),
    }
    return { office, line, asked, counter: (limit, key = 'l/k') => new LeasedCounter(limit, key, office, clock.now()) }
  }
  return { clock, store, process }
}
