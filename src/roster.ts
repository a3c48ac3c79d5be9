import { ActivityBook, type ActivityBookState } from './campaigns/activity.ts'
import type { Member } from './campaigns/member.ts'
import type { Members } from './campaigns/members.ts'
import { levels } from './core/decision.ts'
import { SignalBook, type SignalBookState } from './signals/account-signals.ts'
import { offsetOf, Rows, type RowsState } from './sketch/rows.ts'
import { Subject, type Rest } from './subject.ts'
import { subjectLayout } from './subject-row.ts'

/**
 * All accounts that the judge knows, by the numbers that the campaign engine has for them. What every account has is in rows of
 * numbers; strings, and what few of them have, stand beside.
 */
export interface RosterState {
  readonly names: readonly string[]
  readonly keys: readonly Keys[]
  readonly rows: RowsState
  readonly activities: ActivityBookState
  readonly signals: SignalBookState
  readonly rest: readonly (readonly [number, Rest])[]
}

/** Credentials that an account was seen with; one alone stands by itself. Null: the one that its name says. */
type Keys = readonly string[] | string | null
const noKeys: Keys = []

const MAX_KEYS = 8
/** Accounts without a tenant are named by their only key. */
const OF_KEY = 'key:'
const LEVEL = offsetOf(subjectLayout, 'levelAt')

export class Roster {
  readonly #members: Members
  readonly #numbers = new Map<string, number>()
  #names: string[] = []
  #keys: Keys[] = []
  readonly #rest = new Map<number, Rest>()
  readonly rows: Rows = new Rows(subjectLayout)
  readonly activities: ActivityBook = new ActivityBook()
  readonly signals: SignalBook = new SignalBook()

  constructor(members: Members) {
    this.#members = members
  }

  get size(): number {
    return this.rows.length
  }

  find(name: string): Subject | undefined {
    const number = this.#numbers.get(name)
    return number === undefined ? undefined : this.of(number)
  }

  of(number: number): Subject {
    return new Subject(this, number)
  }

  /** A new account, which is the engine's latest member. */
  add(name: string, nowMs: number): Subject {
    const number = this.rows.add()
    this.#numbers.set(name, number)
    this.#names.push(name)
    this.#keys.push(noKeys)
    const subject = this.of(number)
    subject.firstMs = nowMs
    subject.lastMs = nowMs
    subject.profile = 'unknown'
    subject.evidence = 1
    subject.current = 1
    subject.before = 1
    return subject
  }

  *[Symbol.iterator](): Generator<Subject> {
    for (let number = 0; number < this.size; number++) yield this.of(number)
  }

  /** Accounts at each of `levels`. */
  get counts(): readonly number[] {
    const counts = levels.map(() => 0)
    for (let number = 0; number < this.size; number++) {
      counts[this.rows.blockOf(number).bytes[this.rows.atOf(number) + LEVEL]!]!++
    }
    return counts
  }

  nameOf(number: number): string {
    return this.#names[number]!
  }

  memberOf(number: number): Member {
    return this.#members.of(number)
  }

  keysOf(number: number): readonly string[] {
    const keys = this.#keys[number]!
    if (keys === null) return [this.nameOf(number).slice(OF_KEY.length)]
    return typeof keys === 'string' ? [keys] : keys
  }

  noteKey(number: number, key: string): void {
    const keys = this.#keys[number]!
    if (keys === key || (keys === null && isOf(key, this.nameOf(number)))) return
    const all = this.keysOf(number)
    if (all.length === 0) this.#keys[number] = isOf(key, this.nameOf(number)) ? null : key
    else if (all.length < MAX_KEYS && !all.includes(key)) this.#keys[number] = [...all, key]
  }

  restOf(number: number): Rest | undefined {
    return this.#rest.get(number)
  }

  makeRestOf(number: number): Rest {
    let rest = this.#rest.get(number)
    if (rest === undefined) this.#rest.set(number, (rest = { heir: null, touched: new Map(), decoys: 1, steps: [] }))
    return rest
  }

  /** A place for activity and signals. */
  watch(): number {
    this.signals.heads.add()
    return this.activities.rows.add()
  }

  save(): RosterState {
    return {
      names: this.#names,
      keys: this.#keys,
      rows: this.rows.save(),
      activities: this.activities.save(),
      signals: this.signals.save(),
      rest: [...this.#rest],
    }
  }

  /** False where its accounts are laid out in another way. */
  load({ names, keys, rows, activities, signals, rest }: RosterState): boolean {
    if (!this.rows.load(rows) || !this.activities.load(activities) || !this.signals.load(signals)) return false
    this.#names = [...names]
    this.#keys = [...keys]
    for (const [number, name] of names.entries()) this.#numbers.set(name, number)
    for (const [number, one] of rest) this.#rest.set(number, one)
    return true
  }
}

const isOf = (key: string, name: string): boolean =>
  name.length === OF_KEY.length + key.length && name.startsWith(OF_KEY) && name.endsWith(key)
