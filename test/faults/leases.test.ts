import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../src/lab/random.ts'
import { createVirtualClock, type VirtualClock } from '../../src/lab/virtual-clock.ts'
import { LeasedCounter, type LeaseOffice } from '../../src/quota/leased-counter.ts'
import type { Limit } from '../../src/quota/limit.ts'
import type { LeaseStore } from '../../src/quota/port.ts'
import { startReports } from '../../src/quota/reports.ts'
import { createMemoryLeases } from '../../src/store/memory-leases.ts'

/**
 * A seeded simulation of several processes that share one limit over a bad network: messages are lost, late, repeated
 * and out of order, and processes die with leases out. A seed that fails can be played again.
 */
const TTL_MS = 10_000
const AMOUNT = 1000

interface Use {
  readonly heldAtMs: number
  readonly units: number
}

function unreliable(store: LeaseStore, clock: VirtualClock, random: Random, lossInTen: number): LeaseStore {
  return {
    ask: (asks) =>
      new Promise((resolve, reject) => {
        const lost = (): boolean => random.below(10) < lossInTen
        const deliver = (answer: boolean): void => {
          void clock.after(random.below(3000), () => {
            const grants = store.ask(asks) as never
            if (answer)
              void clock.after(random.below(3000), () => (lost() ? reject(new Error('lost')) : resolve(grants)))
          })
        }
        if (lost()) void clock.after(5000, () => reject(new Error('lost')))
        else deliver(true)
        if (random.below(4) === 0) deliver(false)
      }),
  }
}

function simulate(seed: number, kind: 'bucket' | 'sliding' | 'calendar' | 'gauge', lossInTen: number): Promise<void> {
  return new Promise((resolve, reject) => {
    run(seed, kind, lossInTen).then(resolve, (error: unknown) => {
      reject(new Error(`seed ${seed}, ${kind}, loss ${lossInTen}/10`, { cause: error }))
    })
  })
}

async function run(seed: number, kind: 'bucket' | 'sliding' | 'calendar' | 'gauge', lossInTen: number): Promise<void> {
  const clock = createVirtualClock(1_000_000)
  const random = createRandom(seed)
  const memory = createMemoryLeases(clock)
  const limit: Limit = {
    name: 'shared',
    per: ['global'],
    match: [],
    when: null,
    resource: kind === 'gauge' ? 'concurrent' : 'tokens',
    amount: kind === 'gauge' ? 20 : AMOUNT,
    windowMs: kind === 'gauge' ? 0 : 60_000,
    kind,
    burst: kind === 'gauge' ? 20 : AMOUNT,
    mode: 'enforce',
    onStoreError: 'deny',
  }
  const uses: Use[] = []
  let lives = 0
  let admitted = 0

  const live = (endMs: number): void => {
    const office: LeaseOffice = {
      store: unreliable(memory, clock, random, lossInTen),
      clock,
      owner: `p${++lives}`,
      ttlMs: TTL_MS,
      deadlineMs: 4000,
      processes: 3,
      touched: new Set(),
    }
    const reports = startReports(office, 1000)
    const counter = new LeasedCounter(limit, 'shared', office, clock.now())
    const diesAtMs = clock.now() + 20_000 + random.below(200_000)
    const request = async (): Promise<void> => {
      const units = kind === 'gauge' ? 1 : 1 + random.below(120)
      await counter.prepare(units, units, clock.now())
      if (clock.now() >= diesAtMs || counter.room(clock.now()) < units) return
      const heldAtMs = clock.now()
      const slice = counter.hold(units, heldAtMs)
      admitted++
      // Known only when it ends; a process that dies first has used all of it, for all anybody knows.
      const use = { heldAtMs, units }
      uses.push(use)
      void clock.after(random.below(20_000), () => {
        if (clock.now() >= diesAtMs) return
        use.units = random.below(units + 1)
        counter.settle(units, use.units, slice, clock.now())
      })
    }
    const tick = (): void => {
      if (clock.now() >= diesAtMs || clock.now() >= endMs) {
        reports.stop()
        if (clock.now() < endMs) live(endMs)
        return
      }
      void request()
      void clock.after(random.below(1500), tick)
    }
    tick()
  }
  const endMs = clock.now() + 600_000
  for (let i = 0; i < 3; i++) live(endMs)

  while (clock.now() < endMs) {
    await clock.advance(500)
    for (const { record } of memory.records.values()) {
      const { used, held } = record.window
      assert.ok((kind === 'bucket' ? used : used + held) <= limit.amount + 1e-6, `store: ${used} used, ${held} out`)
    }
  }
  await clock.advance(TTL_MS * 3)
  assert.ok(admitted > 20, `${admitted} admitted`)
  if (kind !== 'gauge') assertWindows(uses, kind)
  for (const { record } of memory.records.values()) {
    const out = Object.values(record.leases).filter((lease) => !lease.ended)
    for (const lease of out) assert.ok(lease.expiresAtMs <= clock.now(), 'only leases that the next look will end')
  }
}

/** What was really used, by the time it was held, in every true window of the limit. */
function assertWindows(uses: readonly Use[], kind: string): void {
  for (const { heldAtMs: at } of uses) {
    const inWindow = uses.filter(({ heldAtMs }) =>
      kind === 'calendar'
        ? Math.floor(heldAtMs / 60_000) === Math.floor(at / 60_000)
        : heldAtMs > at - 60_000 && heldAtMs <= at,
    )
    const sum = inWindow.reduce((total, { units }) => total + units, 0)
    // A bucket gives its burst and a window's refill, as it does in one process.
    const most = kind === 'bucket' ? 2 * AMOUNT : AMOUNT
    assert.ok(sum <= most, `${sum} used in one window of a limit of ${AMOUNT}`)
  }
}

for (const kind of ['sliding', 'calendar', 'bucket', 'gauge'] as const) {
  test(`${kind}: processes that share a limit never exceed it, whatever the network does and whoever dies`, async () => {
    for (let seed = 1; seed <= 12; seed++) await simulate(seed, kind, seed % 4)
  })
}
