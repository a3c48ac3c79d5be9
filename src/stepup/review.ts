import type { GrantAsked, PurposeDeclared } from './answer.ts'

/** What an account has said and a person has to decide about. */
export interface Review {
  readonly id: string
  readonly account: string
  readonly asked: PurposeDeclared | GrantAsked
  readonly atMs: number
  readonly state: 'pending' | 'accepted' | 'rejected'
  /** Who decided, and when; null while nobody has. */
  readonly by: string | null
  readonly decidedMs: number | null
  /** Requests of a purpose, or tokens of a grant, that were used. */
  readonly used: number
}

/** Leave to distil, as far as it goes. */
export interface Grant {
  readonly id: string
  readonly account: string
  /** Globs. */
  readonly models: readonly string[]
  readonly tokens: number
  readonly usedTokens: number
  readonly untilMs: number
}

const DAY_MS = 86_400_000
/** How long a purpose stands before another one can be declared, and anything waits for somebody to decide. */
export const REVIEW_MS: number = 30 * DAY_MS
/** How long somebody whose grant was refused waits before asking again. */
const REFUSED_MS = DAY_MS
/** Requests that a purpose opens while nobody has decided about it: a working day of a person, and little to harvest. */
export const PURPOSE_REQUESTS = 200
/** What is on record is ahead of what is used by this part of the whole: after a crash a little counts as used that was not. */
const PARTS = 64

/** The amount that a review allows. */
export const amountOf = ({ asked }: Review): number => (asked.means === 'grant' ? asked.tokens : PURPOSE_REQUESTS)

/** What is put on record for what is used: the next whole part. */
export function recordedUse(review: Review): number {
  const amount = amountOf(review)
  const part = Math.max(1, Math.ceil(amount / PARTS))
  return review.used === 0 ? 0 : Math.min(Math.max(amount, review.used), Math.ceil(review.used / part) * part)
}

/** When nothing is left to remember of it. */
export function endsMs({ asked, atMs, state, decidedMs }: Review): number {
  if (asked.means === 'purpose' || decidedMs === null) return atMs + REVIEW_MS
  return decidedMs + (state === 'rejected' ? REFUSED_MS : asked.days * DAY_MS)
}

/** Whether a new one can take its place: it has ended, or is a grant that is used up. */
export const isOver = (review: Review, nowMs: number): boolean =>
  nowMs >= endsMs(review) ||
  (review.asked.means === 'grant' && review.state === 'accepted' && review.used >= amountOf(review))

export const grantOf = (review: Review): Grant | null =>
  review.asked.means !== 'grant' || review.state !== 'accepted'
    ? null
    : {
        id: review.id,
        account: review.account,
        models: review.asked.models,
        tokens: review.asked.tokens,
        usedTokens: Math.min(review.used, review.asked.tokens),
        untilMs: endsMs(review),
      }
