import type { Records } from '../core/records.ts'
import type { Kind } from './pass.ts'

/** Something shown that counted. `used` names what it was shown by, so that the same thing counts once. */
export interface Shown {
  readonly kind: Kind
  readonly atMs: number
  readonly used: string
}

/** What is remembered of an account. */
export interface State {
  readonly shown: readonly Shown[]
  readonly waitUntilMs: number
  /** Several accounts have it together, because there was no room for more. */
  readonly isShared: boolean
}

interface Kept extends State {
  shown: readonly Shown[]
  waitUntilMs: number
  failures: number
  failedAtMs: number
}

export interface AccountsOptions {
  readonly records: Records
  readonly maxAccounts: number
  readonly buckets: number
  /** Of the same account always the same number below `size`. */
  bucketOf(account: string, size: number): number
}

export const DAY_MS = 86_400_000
/** A challenge can be given for a day, and answered for half as long again: what has used it up must outlive that. */
const KEPT_MS = 2 * DAY_MS
/** What counts of a day is never more than this; then nothing more does until the oldest is a day old. */
export const MAX_SHOWN = 32
/** Everybody mistypes. */
const FREE_FAILURES = 3
const FIRST_WAIT_MS = 1000
const MAX_WAIT_MS = 300_000
/** Whoever shares a record waits for the failures of others, and so not long. */
const MAX_SHARED_WAIT_MS = 5000
const FAILURES_FORGOTTEN_MS = 3_600_000
const SWEEP_EVERY_MS = 60_000
/** Accounts of keys that nobody vouches for: whoever invents such keys must not take the room of everybody else. */
export const isUnvouched = (account: string): boolean => account.startsWith('key:pt:')

const NOTHING: State = { shown: [], waitUntilMs: 0, isShared: false }

/**
 * Passes and failures per account. Reading makes no record. Past the bound a newcomer shares one with others of its
 * bucket, and so has the highest difficulty of them all; nobody's record is pushed out by anybody else's.
 */
export class Accounts {
  readonly #options: AccountsOptions
  readonly #own = new Map<string, Kept>()
  readonly #shared = new Map<number, Kept>()
  #unvouched = 0
  #sweptAtMs = -Infinity

  constructor(options: AccountsOptions) {
    this.#options = options
    for (const { id, value } of options.records.all('step_up')) {
      const { shown } = JSON.parse(value) as { readonly shown?: readonly Shown[] }
      if (shown === undefined) continue
      if (id.startsWith(SHARED)) this.#shared.set(Number(id.slice(SHARED.length)), kept(shown, true))
      else this.#add(id.slice(OWN.length), kept(shown, false))
    }
  }

  get size(): number {
    return this.#own.size
  }

  of(account: string): State {
    return this.#own.get(account) ?? this.#sharedOf(account) ?? NOTHING
  }

  /** What counted within a day. */
  shownBy(account: string, nowMs: number): readonly Shown[] {
    return this.of(account).shown.filter(({ atMs }) => nowMs - atMs < DAY_MS)
  }

  fail(account: string, nowMs: number): void {
    const state = this.#open(account, nowMs)
    if (nowMs - state.failedAtMs >= FAILURES_FORGOTTEN_MS) state.failures = 0
    state.failures++
    state.failedAtMs = nowMs
    if (state.failures <= FREE_FAILURES) return
    const most = state.isShared ? MAX_SHARED_WAIT_MS : MAX_WAIT_MS
    state.waitUntilMs = nowMs + Math.min(most, FIRST_WAIT_MS * 2 ** Math.min(30, state.failures - FREE_FAILURES - 1))
  }

  /** The record first: what the disk refuses does not count. */
  add(account: string, shown: Shown, nowMs: number): void {
    const state = this.#open(account, nowMs)
    const all = [...state.shown.filter(({ atMs }) => nowMs - atMs < KEPT_MS), shown]
    const id = state.isShared ? `${SHARED}${this.#bucket(account)}` : `${OWN}${account}`
    this.#options.records.put('step_up', id, JSON.stringify({ account, shown: all }))
    state.shown = all
    state.failures = 0
    state.waitUntilMs = 0
  }

  #open(account: string, nowMs: number): Kept {
    const known = this.#own.get(account)
    if (known !== undefined) return known
    const shared = this.#sharedOf(account)
    if (this.#isFull(account) && !this.#sweep(account, nowMs)) {
      if (shared !== undefined) return shared
      const made = kept([], true)
      this.#shared.set(this.#bucket(account), made)
      return made
    }
    // Whoever had to share keeps what was shared: room that becomes free makes nobody's work easier.
    return this.#add(account, kept(shared?.shown ?? [], false))
  }

  #sharedOf(account: string): Kept | undefined {
    return this.#shared.size === 0 ? undefined : this.#shared.get(this.#bucket(account))
  }

  #bucket(account: string): number {
    return this.#options.bucketOf(account, this.#options.buckets)
  }

  #isFull(account: string): boolean {
    const { maxAccounts } = this.#options
    return this.#own.size >= maxAccounts || (isUnvouched(account) && this.#unvouched >= maxAccounts / 2)
  }

  /** Drops records that say nothing any more; whether there is room now. Looks through all of them once a minute at most. */
  #sweep(account: string, nowMs: number): boolean {
    if (Math.abs(nowMs - this.#sweptAtMs) < SWEEP_EVERY_MS) return false
    this.#sweptAtMs = nowMs
    for (const [name, state] of this.#own) {
      const isAtRest = nowMs - state.failedAtMs >= FAILURES_FORGOTTEN_MS
      if (!isAtRest || state.shown.some(({ atMs }) => nowMs - atMs < KEPT_MS)) continue
      if (state.shown.length > 0) this.#options.records.remove('step_up', `${OWN}${name}`)
      this.#own.delete(name)
      if (isUnvouched(name)) this.#unvouched--
    }
    return !this.#isFull(account)
  }

  #add(account: string, state: Kept): Kept {
    this.#own.set(account, state)
    if (isUnvouched(account)) this.#unvouched++
    return state
  }
}

const OWN = 'account:'
const SHARED = 'shared:'

const kept = (shown: readonly Shown[], isShared: boolean): Kept => ({
  shown,
  waitUntilMs: 0,
  isShared,
  failures: 0,
  failedAtMs: -Infinity,
})
