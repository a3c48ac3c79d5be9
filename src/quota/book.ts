import type { Counter } from './counter.ts'
import type { Dimension, Facts } from '../core/dimensions.ts'
import { counterKey, isScoped, type Limit } from './limit.ts'

/** Counters looked at for each new one, to find some that are at rest. */
const SWEEP = 4

/** A counter that was given out may be about to be held: only after this long is it known not to be. */
const IDLE_MS = 10_000

/** What an outsider can choose at will, and therefore what flooding is done with. */
const chosen: ReadonlySet<Dimension> = new Set([
  'user',
  'session',
  'ip',
  'ip_prefix',
  'asn',
  'country',
  'network',
  'fingerprint',
  'model',
  'prompt_class',
])

/** Callers that the configuration names; all others can be as many as whoever vouches for them likes. */
const ofConfiguration: ReadonlySet<string> = new Set(['key', 'token', '-'])
const ofCaller: ReadonlySet<Dimension> = new Set(['key', 'tenant'])

/** For each limit; where there are more callers, some names are made again. */
const MAX_RECENT = 4096

/** Where the values that a limit counts by lead to, one after the other. */
interface Branch {
  next: Map<string, Branch> | null
  counter: Counter | null
}

interface Recent {
  root: Branch
  size: number
}

function give(counter: Counter, limit: Limit, nowMs: number): Counter {
  counter.givenAtMs = nowMs
  if (counter.limit !== limit) counter.limit = limit
  return counter
}

/**
 * All counters of this process, found by limit and caller. Bounded: past `maxCounters` a new caller shares one
 * counter with every other newcomer under the same key or tenant. A counter that says anything is never dropped, so
 * flooding with throw-away identities buys no forgiveness.
 */
export class Book {
  readonly #counters = new Map<string, Counter>()
  /** Counters given out of late, by the facts that they are counted by. */
  readonly #recent = new WeakMap<Limit, Recent>()
  readonly #make: (limit: Limit, key: string, nowMs: number) => Counter
  readonly #maxCounters: number
  #sweep: IterableIterator<Counter>
  #overflows = 0

  constructor(make: (limit: Limit, key: string, nowMs: number) => Counter, maxCounters: number) {
    this.#make = make
    this.#maxCounters = maxCounters
    this.#sweep = this.#counters.values()
  }

  counter(limit: Limit, facts: Facts, nowMs: number): Counter {
    // The texts of facts are the same objects from request to request, and are found where no name has to be made of them.
    const recent = this.#recent.get(limit)
    const known = recent === undefined ? null : leafOf(recent.root, limit, facts)
    if (known !== null && this.#counters.get(known.key) === known) return give(known, limit, nowMs)
    const key = counterKey(limit, facts)
    const named = this.#counters.get(key)
    if (named === undefined) return this.#open(limit, facts, key, nowMs)
    this.#remember(limit, facts, named)
    return give(named, limit, nowMs)
  }

  /** The counters of one key, for a listing; never creates one. */
  find(limit: Limit, facts: Facts): Counter | undefined {
    return this.#counters.get(counterKey(limit, facts))
  }

  get size(): number {
    return this.#counters.size
  }

  /** How often a newcomer had to share. */
  get overflows(): number {
    return this.#overflows
  }

  values(): IterableIterator<Counter> {
    return this.#counters.values()
  }

  #open(limit: Limit, facts: Facts, key: string, nowMs: number): Counter {
    this.#forgetSome(nowMs)
    if (this.#counters.size < this.#maxCounters) return this.#insert(limit, key, nowMs)
    this.#overflows++
    const shared = { ...facts }
    const configured = ofConfiguration.has(facts.credential)
    for (const dimension of limit.per) {
      if (chosen.has(dimension) || (!configured && ofCaller.has(dimension))) shared[dimension] = '+'
    }
    const sharedKey = counterKey(limit, shared)
    const known = this.#counters.get(sharedKey)
    if (known === undefined) return this.#insert(limit, sharedKey, nowMs)
    known.givenAtMs = nowMs
    return known
  }

  #remember(limit: Limit, facts: Facts, counter: Counter): void {
    let recent = this.#recent.get(limit)
    if (recent === undefined || recent.size >= MAX_RECENT) {
      recent = { root: { next: null, counter: null }, size: 0 }
      this.#recent.set(limit, recent)
    }
    let at = recent.root
    for (const dimension of limit.per) {
      if (isScoped(dimension)) at = branchTo(at, facts.tenant)
      at = branchTo(at, facts[dimension])
    }
    if (at.counter === null) recent.size++
    at.counter = counter
  }

  #insert(limit: Limit, key: string, nowMs: number): Counter {
    const counter = this.#make(limit, key, nowMs)
    this.#counters.set(key, counter)
    return counter
  }

  #forgetSome(nowMs: number): void {
    for (let i = 0; i < SWEEP; i++) {
      const next = this.#sweep.next()
      if (next.done === true) {
        this.#sweep = this.#counters.values()
        return
      }
      const { key, givenAtMs } = next.value
      if (nowMs - givenAtMs >= IDLE_MS && next.value.atRest(nowMs)) this.#counters.delete(key)
    }
  }
}

function leafOf(root: Branch, { per }: Limit, facts: Facts): Counter | null {
  let at: Branch | undefined = root
  for (let i = 0; i < per.length; i++) {
    const dimension = per[i]!
    if (isScoped(dimension)) at = at.next?.get(facts.tenant)
    at = at?.next?.get(facts[dimension])
    if (at === undefined) return null
  }
  return at.counter
}

function branchTo(from: Branch, value: string): Branch {
  from.next ??= new Map()
  let branch = from.next.get(value)
  if (branch === undefined) from.next.set(value, (branch = { next: null, counter: null }))
  return branch
}
