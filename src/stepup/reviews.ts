import { globMatches } from '../core/glob.ts'
import type { Records } from '../core/records.ts'
import { err, ok, type Result } from '../core/result.ts'
import { isUnvouched } from './accounts.ts'
import type { GrantAsked, PurposeDeclared } from './answer.ts'
import { amountOf, endsMs, grantOf, isOver, recordedUse, type Grant, type Review } from './review.ts'

export interface ReviewsOptions {
  readonly records: Records
  readonly maxReviews: number
  idOf(what: string, account: string, atMs: number): string
}

/** Whoever waits knows how long, as far as it is known. */
export type NotTaken = { readonly why: 'already'; readonly againAtMs: number } | { readonly why: 'full' }

const SWEEP_EVERY_MS = 60_000

/**
 * Declared purposes and grants: one of each per account, waiting for a person or decided by one. What is used of them is
 * on record ahead of the use, so that a crash gives nothing away.
 */
export class Reviews {
  readonly #options: ReviewsOptions
  /** By means and account. */
  readonly #kept = new Map<string, Review>()
  readonly #recorded = new Map<string, number>()
  #unvouched = 0
  #sweptAtMs = -Infinity

  constructor(options: ReviewsOptions) {
    this.#options = options
    for (const { id, value } of options.records.all('step_up')) {
      if (!id.startsWith(PREFIX)) continue
      const { review } = JSON.parse(value) as { readonly review: Review }
      this.#remember(review)
      this.#recorded.set(review.id, review.used)
    }
  }

  /** Those that are not over, oldest first. */
  all(nowMs: number): readonly Review[] {
    return [...this.#kept.values()].filter((one) => !isOver(one, nowMs)).sort((a, b) => a.atMs - b.atMs)
  }

  of(means: Review['asked']['means'], account: string, nowMs: number): Review | null {
    const found = this.#kept.get(`${means}:${account}`)
    return found === undefined || isOver(found, nowMs) ? null : found
  }

  ask(account: string, asked: PurposeDeclared | GrantAsked, nowMs: number): Result<Review, NotTaken> {
    const known = this.of(asked.means, account, nowMs)
    if (known !== null) return err({ why: 'already', againAtMs: endsMs(known) })
    if (!this.#kept.has(`${asked.means}:${account}`) && this.#isFull(account) && !this.#sweep(account, nowMs)) {
      return err({ why: 'full' })
    }
    const id = this.#options.idOf(asked.means, account, nowMs)
    const review: Review = { id, account, asked, atMs: nowMs, state: 'pending', by: null, decidedMs: null, used: 0 }
    this.#put(review, 'asked')
    return ok(review)
  }

  /** An accepted grant can still be ended by rejecting it. The error is for the operator. */
  decide(id: string, decision: 'accept' | 'reject', by: string, nowMs: number): Result<Review, string> {
    const found = this.all(nowMs).find((one) => one.id === id)
    if (found === undefined) return err('There is no such request, or it is over.')
    const isEnd = found.asked.means === 'grant' && found.state === 'accepted' && decision === 'reject'
    if (found.state !== 'pending' && !isEnd) return err(`This was ${found.state} by ${found.by} already.`)
    const state = decision === 'accept' ? 'accepted' : 'rejected'
    const decided: Review = { ...found, state, by, decidedMs: nowMs }
    this.#put(decided, 'decided')
    return ok(decided)
  }

  grantFor(account: string, model: string, nowMs: number): Grant | null {
    const review = this.of('grant', account, nowMs)
    const grant = review === null ? null : grantOf(review)
    return grant?.models.some((glob) => globMatches(glob, model)) === true ? grant : null
  }

  /** Counts what is used of an accepted grant. More than is left can come: then the grant is over. */
  useGrant(account: string, tokens: number): void {
    const review = this.#kept.get(`grant:${account}`)
    if (review?.state === 'accepted' && tokens > 0) this.#use(review, tokens)
  }

  /** Takes one of the requests that a purpose opens while nobody has decided about it. */
  takeRequest(account: string, nowMs: number): boolean {
    const review = this.of('purpose', account, nowMs)
    if (review?.state !== 'pending' || review.used >= amountOf(review)) return false
    this.#use(review, 1)
    return true
  }

  #use(review: Review, amount: number): void {
    const used: Review = { ...review, used: review.used + amount }
    if (used.used > (this.#recorded.get(used.id) ?? 0)) this.#put(used, 'used')
    else this.#kept.set(keyOf(used), used)
  }

  /** The record first: what the disk refuses is not said. */
  #put(review: Review, what: 'asked' | 'decided' | 'used'): void {
    const recorded = recordedUse(review)
    const value = JSON.stringify({ what, review: { ...review, used: recorded } })
    this.#options.records.put('step_up', `${PREFIX}${keyOf(review)}`, value)
    const before = this.#kept.get(keyOf(review))
    if (before !== undefined && before.id !== review.id) this.#recorded.delete(before.id)
    this.#remember(review)
    this.#recorded.set(review.id, recorded)
  }

  #remember(review: Review): void {
    const key = keyOf(review)
    if (isUnvouched(review.account) && !this.#kept.has(key)) this.#unvouched++
    this.#kept.set(key, review)
  }

  #isFull(account: string): boolean {
    const { maxReviews } = this.#options
    return this.#kept.size >= maxReviews || (isUnvouched(account) && this.#unvouched >= maxReviews / 2)
  }

  #sweep(account: string, nowMs: number): boolean {
    if (Math.abs(nowMs - this.#sweptAtMs) < SWEEP_EVERY_MS) return false
    this.#sweptAtMs = nowMs
    for (const [key, review] of this.#kept) {
      if (!isOver(review, nowMs)) continue
      this.#options.records.remove('step_up', `${PREFIX}${key}`)
      this.#kept.delete(key)
      this.#recorded.delete(review.id)
      if (isUnvouched(review.account)) this.#unvouched--
    }
    return !this.#isFull(account)
  }
}

const PREFIX = 'review:'
const keyOf = ({ asked, account }: Review): string => `${asked.means}:${account}`
