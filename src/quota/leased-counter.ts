import type { Clock } from '../core/clock.ts'
import { HELD_RETRY_MS, LocalCounter, type Counter, type CounterView } from './counter.ts'
import { capacity, type Limit } from './limit.ts'
import type { LeaseAsk, LeaseGrant, LeaseStore } from './port.ts'
import { sliceAt } from './window.ts'

/** What all leased counters of a process have in common. */
export interface LeaseOffice {
  readonly store: LeaseStore
  readonly clock: Clock
  /** Names this process among all that share the store, and among its own earlier lives. */
  readonly owner: string
  readonly ttlMs: number
  /** How long an exchange waits for the store before the limit's `on_store_error` decides. */
  readonly deadlineMs: number
  /** How many processes share the store: a cut-off one allows itself its share. */
  readonly processes: number
  /** Counters that the next round of reports must look at. */
  readonly touched: Set<LeasedCounter>
}

/** The part of a limit that is leased ahead of need: what a crash can overcharge, and what saves asking. */
const LEASE_SHARE = 32

/** One lease as its holder sees it. */
interface Epoch {
  readonly lease: string
  readonly slice: number
  granted: number
  spent: number
  returned: number
  owed: number
  held: number
  /** Of `spent`, `returned` and `owed`, what the store has confirmed. */
  spentKnown: number
  returnedKnown: number
  owedKnown: number
  expiresAtMs: number
}

/**
 * A counter whose limit is shared through a store. Admission stays local and synchronous: it spends what was leased. Only
 * when the lease runs short does anybody wait, and then not longer than the deadline.
 */
export class LeasedCounter implements Counter {
  limit: Limit
  readonly key: string
  givenAtMs: number
  live = true
  readonly isShared = true
  readonly #office: LeaseOffice
  #epochs = 0
  #epoch: Epoch
  /** Leases of earlier calendar periods, until their exchanges have ended. */
  readonly #draining = new Map<number, Epoch>()
  #seen: LeaseGrant | null = null
  /** What of `seen.out` was this process's own. */
  #seenOwn = 0
  /** The store has no more before `shortAskMs`; what was needed comes free at `freeAtMs`. */
  #shortAskMs = 0
  #freeAtMs: number | null = 0
  #asking: Promise<void> | null = null
  #changed = false
  /** Counts for this process alone while the store does not answer. */
  #alone: LocalCounter | null = null

  constructor(limit: Limit, key: string, office: LeaseOffice, nowMs: number) {
    this.limit = limit
    this.key = key
    this.givenAtMs = nowMs
    this.#office = office
    this.#epoch = this.#open(nowMs, 0)
  }

  room(nowMs: number): number {
    this.#turn(nowMs)
    if (this.live) {
      if (available(this.#epoch) < this.#ahead() / 2) void this.#ask(0, 0, nowMs)
      if (this.live) return available(this.#epoch)
    }
    if (this.limit.onStoreError === 'deny') return 0
    return this.limit.onStoreError === 'allow' ? Number.MAX_SAFE_INTEGER : this.#local(nowMs).room(nowMs)
  }

  hold(units: number, nowMs: number): number {
    this.#turn(nowMs)
    if (!this.live) return ALONE + this.#local(nowMs).hold(units, nowMs)
    this.#epoch.held += units
    this.#touch()
    return this.#epochs
  }

  settle(held: number, actual: number, slice: number, nowMs: number): number {
    if (slice >= ALONE) return this.#local(nowMs).settle(held, actual, slice - ALONE, nowMs)
    // A lease that has ended was charged in full: there is nothing left to give back.
    const epoch = slice === this.#epochs ? this.#epoch : this.#draining.get(slice)
    const within = this.limit.kind === 'gauge' ? 0 : Math.min(held, actual)
    if (epoch !== undefined) {
      epoch.held -= held
      epoch.spent += within
      if (epoch !== this.#epoch) epoch.returned += held - within
    }
    this.#touch()
    return this.limit.kind === 'gauge' ? 0 : this.owe(actual - within, nowMs)
  }

  owe(units: number, nowMs: number): number {
    this.#turn(nowMs)
    if (units <= 0) return 0
    const fits = this.live ? Math.min(units, available(this.#epoch)) : 0
    this.#epoch.spent += fits
    this.#epoch.owed += units - fits
    this.#touch()
    return units - fits
  }

  waitMs(units: number, nowMs: number): number | null {
    if (units > capacity(this.limit)) return null
    if (!this.live || this.#freeAtMs === null) return HELD_RETRY_MS
    return Math.max(1, this.#freeAtMs - nowMs, this.#asking === null ? 0 : HELD_RETRY_MS)
  }

  view(nowMs: number): CounterView {
    const seen = this.#seen
    let held = this.#epoch.held
    for (const epoch of this.#draining.values()) held += epoch.held
    const others = seen === null ? 0 : Math.max(0, seen.out - this.#seenOwn)
    const used = Math.ceil((seen?.used ?? 0) + this.#epoch.spent - this.#epoch.spentKnown)
    const debt = Math.ceil((seen?.debt ?? 0) + this.#epoch.owed - this.#epoch.owedKnown)
    const remaining = Math.max(0, capacity(this.limit) - used - held - others - debt)
    return { used, held: held + others, debt, remaining, restsAtMs: Math.max(nowMs, seen?.restsAtMs ?? nowMs) }
  }

  atRest(nowMs: number): boolean {
    const { held, spent, spentKnown, returned, returnedKnown, owed, owedKnown } = this.#epoch
    const reported = spent === spentKnown && returned === returnedKnown && owed === owedKnown
    const silent = reported && this.#draining.size === 0 && this.#asking === null
    return silent && held === 0 && available(this.#epoch) === 0 && (this.#alone?.atRest(nowMs) ?? true)
  }

  prepare(need: number, want: number, nowMs: number): Promise<void> | null {
    this.#turn(nowMs)
    if (this.live && available(this.#epoch) >= want) return null
    const asking = this.#ask(need, want, nowMs)
    if (asking === null || !this.live || available(this.#epoch) >= need) return null
    return this.#inTime(this.#obtain(asking, need, want))
  }

  /** Another exchange may have asked first, and for less: then ask again, while the caller still waits. */
  async #obtain(first: Promise<void>, need: number, want: number): Promise<void> {
    const { clock, deadlineMs } = this.#office
    const untilMs = clock.now() + deadlineMs
    for (let asking: Promise<void> | null = first; asking !== null;) {
      await asking
      if (!this.live || available(this.#epoch) >= need || clock.now() >= untilMs) return
      asking = this.#ask(need, want, clock.now())
    }
  }

  #inTime(done: Promise<void>): Promise<void> {
    const { clock, deadlineMs } = this.#office
    return new Promise((resolve) => {
      const cancel = clock.after(deadlineMs, () => {
        this.lost()
        resolve()
      })
      void done.then(() => {
        cancel()
        resolve()
      })
    })
  }

  /** What to tell the store in the next round; an idle counter gives back what it leased ahead. */
  reports(nowMs: number): readonly LeaseAsk[] {
    this.#turn(nowMs)
    const idle = !this.#changed
    this.#changed = false
    if (idle || this.limit.kind === 'gauge') this.#epoch.returned += available(this.#epoch)
    if (this.#asking !== null) return []
    if (this.atRest(nowMs)) {
      this.#office.touched.delete(this)
      return []
    }
    return this.#asks(0, 0)
  }

  /** Takes in the store's answers to what was asked at `askedAtMs`. */
  take(grants: readonly LeaseGrant[], asked: readonly LeaseAsk[], askedAtMs: number): void {
    this.live = true
    for (const [at, grant] of grants.entries()) {
      const ask = asked[at]!
      if (grant.lease !== this.#epoch.lease) {
        for (const [number, old] of this.#draining) {
          if (old.lease === grant.lease && (grant.ended || (old.held === 0 && isCurrent(ask, old)))) {
            this.#draining.delete(number)
          }
        }
        continue
      }
      const epoch = this.#epoch
      this.#seen = grant
      if (grant.ended) {
        this.#seenOwn = 0
        this.#epoch = this.#open(askedAtMs, epoch.owed - epoch.owedKnown)
        continue
      }
      epoch.granted = Math.max(epoch.granted, grant.granted)
      epoch.spentKnown = Math.max(epoch.spentKnown, ask.spent)
      epoch.returnedKnown = Math.max(epoch.returnedKnown, ask.returned)
      epoch.owedKnown = Math.max(epoch.owedKnown, ask.owed)
      epoch.expiresAtMs = askedAtMs + this.#office.ttlMs
      this.#seenOwn = grant.granted - ask.spent - ask.returned
      this.#freeAtMs = grant.waitMs === null ? null : askedAtMs + grant.waitMs
      const short = grant.granted - ask.spent - ask.returned < ask.want
      this.#shortAskMs = short ? askedAtMs + Math.min(grant.waitMs || SOON_MS, SHORT_MS) : 0
    }
  }

  lost(): void {
    this.live = false
  }

  #ahead(): number {
    // One unit of a gauge is one exchange: leasing ahead would starve the others.
    return this.limit.kind === 'gauge' ? 1 : Math.max(1, Math.ceil(capacity(this.limit) / LEASE_SHARE))
  }

  /** Asks for units beyond those held. Null: the answer is here already, or it is too soon to ask again. */
  #ask(need: number, want: number, nowMs: number): Promise<void> | null {
    if (this.#asking !== null) return this.#asking
    if (nowMs < this.#shortAskMs) return null
    const asks = this.#asks(need, want)
    let answer: readonly LeaseGrant[] | Promise<readonly LeaseGrant[]>
    try {
      answer = this.#office.store.ask(asks)
    } catch {
      this.lost()
      return null
    }
    if (!(answer instanceof Promise)) {
      this.take(answer, asks, nowMs)
      // The lease had ended without our knowing: what was asked for is asked for under the next one.
      return this.#epoch.lease === asks.at(-1)!.lease ? null : this.#ask(need, want, nowMs)
    }
    this.#asking = answer.then(
      (grants) => this.#answered(() => this.take(grants, asks, nowMs)),
      () => this.#answered(() => this.lost()),
    )
    return this.#asking
  }

  #answered(then: () => void): void {
    this.#asking = null
    then()
  }

  #asks(need: number, want: number): readonly LeaseAsk[] {
    const { held } = this.#epoch
    const most = capacity(this.limit)
    const ahead = this.#changed ? this.#ahead() : 0
    const asks = [...this.#draining.values()].map((old) => this.#askOf(old, old.held, old.held))
    asks.push(this.#askOf(this.#epoch, held + need, Math.min(most, held + Math.max(need, want) + ahead)))
    return asks
  }

  #askOf({ lease, spent, returned, owed }: Epoch, need: number, want: number): LeaseAsk {
    const { key, limit } = this
    return { key, limit, lease, spent, returned, owed, need, want, ttlMs: this.#office.ttlMs }
  }

  /** A lease that was not renewed in time is over for the store, and a calendar's new period needs a new one. */
  #turn(nowMs: number): void {
    const old = this.#epoch
    const expired = nowMs >= old.expiresAtMs && old.granted > 0
    const turned = this.limit.kind === 'calendar' && sliceAt(this.limit, nowMs) > old.slice
    if (!expired && !turned) return
    if (!expired && old.granted > 0) {
      old.returned += available(old)
      this.#draining.set(this.#epochs, old)
    }
    this.#shortAskMs = 0
    // What expires unreported was charged in full; debt beyond it was not, and is told again, as is that of a lease
    // which never came to anything and so does not drain.
    this.#epoch = this.#open(nowMs, expired || old.granted === 0 ? old.owed - old.owedKnown : 0)
  }

  #open(nowMs: number, owed: number): Epoch {
    this.#epochs++
    // The time too: a counter that was forgotten and is made anew must not take up its old lease, whose spending it
    // does not know.
    const lease = `${this.#office.owner}.${nowMs.toString(36)}.${this.#epochs}`
    const slice = sliceAt(this.limit, nowMs)
    const expiresAtMs = Number.MAX_SAFE_INTEGER
    const known = { spentKnown: 0, returnedKnown: 0, owedKnown: 0 }
    return { lease, slice, granted: 0, spent: 0, returned: 0, owed, held: 0, ...known, expiresAtMs }
  }

  #touch(): void {
    this.#changed = true
    this.#office.touched.add(this)
  }

  #local(nowMs: number): LocalCounter {
    const share = (units: number): number => Math.max(1, Math.floor(units / this.#office.processes))
    const limit = { ...this.limit, amount: share(this.limit.amount), burst: share(this.limit.burst) }
    this.#alone ??= new LocalCounter(limit, this.key, nowMs)
    return this.#alone
  }
}

/** How long not to ask again a store that had nothing left, at most, and when nothing says how long. */
const SHORT_MS = 1000
const SOON_MS = 50

/** Marks holds that were taken while the store was away: greater than any number of epochs. */
const ALONE = 2 ** 40

const available = (epoch: Epoch): number => epoch.granted - epoch.spent - epoch.returned - epoch.held

/** Whether a report said all that there is to say of a lease by now. */
const isCurrent = (ask: LeaseAsk, epoch: Epoch): boolean => ask.spent === epoch.spent && ask.returned === epoch.returned
