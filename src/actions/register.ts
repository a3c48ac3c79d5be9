import { type ActionsInForce, type ActionSubject, type AppliedAction, type EndReason } from '../core/action.ts'
import type { Cancel, Clock } from '../core/clock.ts'
import type { Facts } from '../core/dimensions.ts'
import type { NextId } from '../core/ids.ts'
import type { Records } from '../core/records.ts'
import { err, ok, type Result } from '../core/result.ts'
import { BySubject, none, placeOf } from './by-subject.ts'
import { clipped, nameOfScope, problemOf } from './check.ts'
import { Expiries, type Expiring } from './expiries.ts'
import { Memberships } from './memberships.ts'
import { type InForceCount, Ranks } from './ranks.ts'
import { Shelf } from './shelf.ts'
import { readStored, type Stored, written } from './stored.ts'

/**
 * THE ACTIONS IN FORCE: the decision path and operators write them, the request path reads them. Each is found by its subject
 * in constant time, expires by itself, outlives a restart, and is told to whoever listens when it comes and when it ends. What an action
 * does to a request is not known here.
 */
export interface RegisterOptions {
  readonly records: Records
  readonly clock: Clock
  readonly nextId: NextId
  /** Says what an operator should know. */
  readonly say: (level: 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>) => void
  readonly maxActions?: number
  readonly maxMembers?: number
}

/** An action that is not in force any more. */
export interface Ended {
  readonly action: AppliedAction
  readonly why: EndReason
  /** Who has ended it: a rule, or somebody by name. */
  readonly by: string
  /** Why it was lifted or rolled back by hand; null: nobody had to say. */
  readonly reason: string | null
  readonly atMs: number
}

export interface RegisterStats {
  readonly inForce: readonly InForceCount[]
  /** Actions that gave way to firmer ones, and such that found no room. */
  readonly displaced: number
  readonly keptOut: number
  /** Accounts whose campaign could not be noted. */
  readonly membersLeftOut: number
  /** Records of earlier processes that cannot be read; they stay where they are. */
  readonly unreadable: number
}

/** About 1 kB each. */
const MAX_ACTIONS = 100_000
/** On one subject, and of kill switches, through which every request has to go. */
const MAX_ON_ONE = 100
/** Who ends what ends without anybody's doing. */
const SELF = 'weir'
const LEAST_WAIT_MS = 1000
/** A timer's delay has 31 bits. */
const MOST_WAIT_MS = 86_400_000

interface Entry extends Expiring {
  readonly action: AppliedAction
  /** Actions of one name replace each other. */
  readonly name: string
  graceLeft: number
}

export class ActionRegister implements ActionsInForce {
  readonly #options: RegisterOptions
  readonly #max: number
  readonly #entries = new Map<string, Entry>()
  readonly #byName = new Map<string, Entry>()
  readonly #bySubject = new BySubject<Entry>()
  readonly #byGroup = new Map<string, Set<Entry>>()
  readonly #ranks = new Ranks<Entry>()
  readonly #expiries = new Expiries<Entry>()
  readonly #shelf: Shelf<Stored>
  readonly #members: Memberships
  readonly #onChanged: ((action: AppliedAction) => void)[] = []
  readonly #onEnded: ((ended: Ended) => void)[] = []
  #timer: { readonly atMs: number; readonly cancel: Cancel } | null = null
  #displaced = 0
  #keptOut = 0
  #unreadable = 0

  constructor(options: RegisterOptions) {
    this.#options = options
    this.#max = options.maxActions ?? MAX_ACTIONS
    const { records, clock, say } = options
    const failed = (problem: string): void => say('error', 'actions_not_saved', { problem })
    this.#shelf = new Shelf({ kind: 'action', records, clock, write: written, failed })
    this.#load()
    const isMet = (campaign: string): boolean => this.#bySubject.count({ kind: 'campaign', value: campaign }) > 0
    this.#members = new Memberships({ records, clock, failed }, isMet, options.maxMembers)
  }

  /** Puts an action in force, in place of the same one of the same rule or person. The error is for who applies it. */
  apply(given: Omit<AppliedAction, 'id'>): Result<AppliedAction, string> {
    const problem = problemOf(given)
    if (problem !== null) return err(problem)
    this.sweep(given.atMs)
    const name = nameOf(given)
    const old = this.#byName.get(name)
    const full = old === undefined ? this.#makeRoom(given) : null
    if (full !== null) {
      this.#keptOut++
      return err(full)
    }
    const action: AppliedAction = { ...clipped(given), id: this.#options.nextId() }
    let graceLeft = graceOf(action)
    if (old !== undefined) {
      // Who is asked anew by the same rule gets no new grace for it: else it would never have to answer.
      graceLeft = Math.max(0, graceLeft - (graceOf(old.action) - old.graceLeft))
      this.#end(old, 'replaced', SELF, null, given.atMs)
    }
    this.#shelf.put(action.id, this.#add({ action, name, graceLeft, untilMs: action.untilMs, place: 0 }))
    this.#wake()
    for (const fn of this.#onChanged) this.#tell(() => fn(action))
    return ok(action)
  }

  /** null: it is not in force. */
  end(id: string, why: EndReason, by: string, nowMs: number, reason: string | null = null): AppliedAction | null {
    const entry = this.#entries.get(id)
    if (entry === undefined) return null
    this.#end(entry, why, by, reason, nowMs)
    return entry.action
  }

  endGroup(
    group: string,
    why: EndReason,
    by: string,
    nowMs: number,
    reason: string | null = null,
  ): readonly AppliedAction[] {
    const entries = [...(this.#byGroup.get(group) ?? [])]
    for (const entry of entries) this.#end(entry, why, by, reason, nowMs)
    return entries.map(({ action }) => action)
  }

  /** Ends what has expired. It does so by itself, within a second or so; `find` leaves out what is over in any case. */
  sweep(nowMs: number): void {
    for (;;) {
      const first = this.#expiries.first
      if (first === null || first.untilMs > nowMs) return
      this.#end(first, 'expired', SELF, null, nowMs)
    }
  }

  get(id: string): AppliedAction | null {
    return this.#entries.get(id)?.action ?? null
  }

  of(subject: ActionSubject): readonly AppliedAction[] {
    return this.#bySubject.of(subject)
  }

  /** The oldest first. */
  list(): readonly AppliedAction[] {
    return Array.from(this.#entries.values(), ({ action }) => action)
  }

  find(facts: Facts, nowMs: number): readonly AppliedAction[] {
    return this.#entries.size === 0 ? none : this.#bySubject.find(facts, nowMs)
  }

  takeGrace(id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.graceLeft === 0) return false
    entry.graceLeft--
    this.#shelf.put(id, entry)
    return true
  }

  /** Requests of grace that an action still gives; 0 where it gives none. */
  graceLeft(id: string): number {
    return this.#entries.get(id)?.graceLeft ?? 0
  }

  campaignOf(account: string): string | null {
    return this.#members.of(account)
  }

  setCampaign(account: string, id: string | null): void {
    this.#members.set(account, id)
  }

  /** Told of each action that has come into force, once it is. */
  changed(fn: (action: AppliedAction) => void): void {
    this.#onChanged.push(fn)
  }

  /** Told of each action that has ended, whatever ended it. */
  ended(fn: (ended: Ended) => void): void {
    this.#onEnded.push(fn)
  }

  get stats(): RegisterStats {
    return {
      inForce: this.#ranks.counts,
      displaced: this.#displaced,
      keptOut: this.#keptOut,
      membersLeftOut: this.#members.leftOut,
      unreadable: this.#unreadable,
    }
  }

  /** Everything is on the disk when it returns null; else it says why it is not. */
  flush(): string | null {
    return this.#shelf.flush() ?? this.#members.flush()
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = null
    const problem = this.flush()
    if (problem !== null) this.#options.say('error', 'actions_not_saved', { problem })
  }

  #load(): void {
    const { records, say } = this.#options
    const found: Stored[] = []
    for (const { value } of records.all('action')) {
      const stored = readStored(value)
      if (stored === null) this.#unreadable++
      else found.push(stored)
    }
    if (this.#unreadable > 0) say('warn', 'actions_unreadable', { records: this.#unreadable })
    found.sort((a, b) => a.action.atMs - b.action.atMs || (a.action.id < b.action.id ? -1 : 1))
    for (const { action, graceLeft } of found) {
      const name = nameOf(action)
      const old = this.#byName.get(name)
      // Its successor was written, and the process died before this one was removed.
      if (old !== undefined) this.#drop(old)
      this.#add({ action, name, graceLeft, untilMs: action.untilMs, place: 0 })
    }
    this.#wake()
  }

  #add(entry: Entry): Entry {
    const { action, name } = entry
    this.#entries.set(action.id, entry)
    this.#byName.set(name, entry)
    this.#bySubject.add(entry)
    this.#ranks.add(entry)
    this.#expiries.add(entry)
    if (action.group !== null) {
      const group = this.#byGroup.get(action.group)
      if (group === undefined) this.#byGroup.set(action.group, new Set([entry]))
      else group.add(entry)
    }
    return entry
  }

  #drop(entry: Entry): void {
    const { action, name } = entry
    this.#entries.delete(action.id)
    this.#byName.delete(name)
    this.#bySubject.remove(entry)
    this.#ranks.remove(entry)
    this.#expiries.remove(entry)
    if (action.group !== null) {
      const group = this.#byGroup.get(action.group)!
      group.delete(entry)
      if (group.size === 0) this.#byGroup.delete(action.group)
    }
    this.#shelf.put(action.id, null)
  }

  #end(entry: Entry, why: EndReason, by: string, reason: string | null, atMs: number): void {
    this.#drop(entry)
    for (const fn of this.#onEnded) this.#tell(() => fn({ action: entry.action, why, by, reason, atMs }))
  }

  /** Says why there is no room; null: there is. */
  #makeRoom(given: Omit<AppliedAction, 'id'>): string | null {
    const { subject } = given
    if (this.#bySubject.count(subject) >= MAX_ON_ONE) {
      const what = subject.kind === 'descriptor' ? 'kill switches' : 'actions on this subject'
      return `there are ${MAX_ON_ONE} ${what} already; lift one first`
    }
    if (this.#entries.size < this.#max) return null
    const milder = this.#ranks.yieldsTo(given)
    if (milder !== null) {
      this.#displaced++
      this.#end(milder, 'displaced', SELF, null, given.atMs)
      return null
    }
    return `there are ${this.#max} actions in force already, and none of them is milder`
  }

  /** Sets the timer for what ends next. */
  #wake(): void {
    const { clock } = this.#options
    const first = this.#expiries.first
    if (first === null) return
    const nowMs = clock.now()
    const waitMs = Math.min(Math.max(first.untilMs - nowMs, LEAST_WAIT_MS), MOST_WAIT_MS)
    if (this.#timer !== null && this.#timer.atMs <= nowMs + waitMs) return
    this.#timer?.cancel()
    const cancel = clock.after(waitMs, () => {
      this.#timer = null
      this.sweep(clock.now())
      this.#wake()
    })
    this.#timer = { atMs: nowMs + waitMs, cancel }
  }

  /** Who listens badly must keep no action from coming into force or ending. */
  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#options.say('error', 'action_listener_failed', { cause: String(error) })
    }
  }
}

const graceOf = ({ spec }: AppliedAction): number => (spec.action === 'step_up' ? spec.grace : 0)

const nameOf = ({ spec, subject, scope, by }: Omit<AppliedAction, 'id'>): string =>
  [spec.action, subject.kind, placeOf(subject), by.kind, by.name, nameOfScope(scope)].join('\0')
