import type { Means } from '../core/action.ts'
import type { Records } from '../core/records.ts'
import type { Result } from '../core/result.ts'
import { Accounts, DAY_MS, MAX_SHOWN, type Shown } from './accounts.ts'
import type { Answer, CredentialShown, GrantAsked, ProofSent, PurposeDeclared, TokenSent } from './answer.ts'
import { Challenges, solves, type Challenge } from './challenge.ts'
import { meansOf, ratioOf, type Kind, type Pass } from './pass.ts'
import { amountOf, PURPOSE_REQUESTS, type Grant, type Review } from './review.ts'
import { Reviews } from './reviews.ts'
import { attestationProblem, loginProblem, type CheckToken, type ShownToken } from './token.ts'

/**
 * The room where somebody who is asked proves to be honest: by work, by whoever vouches for it, by its credential, or by
 * saying what it does. It knows nothing of evidence or of actions: it is told who is asked, and tells who has passed.
 * Nothing here is free to try: what is wrong costs us little, and its sender time.
 */
export interface StepUpOptions {
  /** At least 32 bytes that serve nothing else, the same after a restart. */
  readonly secret: Uint8Array
  readonly records: Records
  readonly settings: StepUpSettings
  /** Whether a step-up is in force for an account, and which means it allows. */
  asked(account: string, nowMs: number): Asked | null
  readonly checkToken: CheckToken
  /** Bounds; tests have smaller ones. */
  readonly maxAccounts?: number
  readonly maxReviews?: number
}

export interface StepUpSettings {
  readonly proofBits: number
  readonly challengeMs: number
  /** Whether anybody's attestations are taken. */
  readonly attests: boolean
}

export interface Asked {
  readonly means: readonly Means[]
  /** Requests that are still answered before it is insisted on. */
  readonly graceLeft: number
  readonly sinceMs: number
}

/** How a caller has identified itself with this very request. */
export interface Caller {
  readonly account: string
  /** The request is signed with the caller's key, and the signature was found right. */
  readonly isSigned: boolean
}

export type Outcome = Pass | { readonly review: Review } | Failure

export interface Failure {
  readonly why: FailureReason
  /** null: waiting does not help. */
  readonly retryAfterMs: number | null
}

export type FailureReason =
  | 'nothing_asked'
  | 'not_offered'
  | 'wait'
  | 'too_many'
  | 'invalid'
  | 'expired'
  | 'outdated'
  | 'used'
  | 'wrong'
  | 'unavailable'
  | 'already'
  | 'full'

/** `opened`: some requests are answered, until somebody has decided. */
export type AnswerResult = 'passed' | 'opened' | 'review' | FailureReason

function resultOf(outcome: Outcome): AnswerResult {
  if ('why' in outcome) return outcome.why
  if ('review' in outcome) return 'review'
  return outcome.requests === null ? 'passed' : 'opened'
}

export interface Status {
  readonly asked: Asked | null
  /** Means that this caller can use. */
  readonly means: readonly Means[]
  readonly challenge: Challenge | null
  readonly purpose: { readonly state: Review['state']; readonly requestsLeft: number } | null
  readonly grant: Review | null
  readonly retryAfterMs: number
}

const MAX_ACCOUNTS = 100_000
const MAX_REVIEWS = 10_000
const BUCKETS = 256
/** Each proof within a day makes the next one twice as dear, up to 256 times. */
const MAX_MORE_BITS = 8
const BUSY_MS = 1000

export class StepUps {
  readonly #options: StepUpOptions
  readonly #challenges: Challenges
  readonly #accounts: Accounts
  readonly #reviews: Reviews
  /** Accounts whose token is being checked: one at a time, so that many at once do not slip past the wait. */
  readonly #checking = new Set<string>()
  #settings: StepUpSettings
  #tell: (pass: Pass) => void = () => {}
  #count: (means: Means, result: AnswerResult) => void = () => {}

  constructor(options: StepUpOptions) {
    const { records, settings, maxAccounts = MAX_ACCOUNTS, maxReviews = MAX_REVIEWS } = options
    this.#options = options
    this.#settings = checked(settings)
    const challenges = new Challenges(options.secret)
    this.#challenges = challenges
    const bucketOf = (account: string, size: number): number => challenges.bucketOf(account, size)
    this.#accounts = new Accounts({ records, maxAccounts, buckets: BUCKETS, bucketOf })
    const idOf = (what: string, account: string, atMs: number): string => challenges.idOf(what, account, atMs)
    this.#reviews = new Reviews({ records, maxReviews, idOf })
  }

  /** A reload may bring others. */
  set settings(settings: StepUpSettings) {
    this.#settings = checked(settings)
  }

  /** Told of every pass, after it is on record. */
  passed(fn: (pass: Pass) => void): void {
    this.#tell = fn
  }

  /** Told of how each answer has ended, right or wrong, and never whose it was. */
  answered(fn: (means: Means, result: AnswerResult) => void): void {
    this.#count = fn
  }

  statusOf(account: string, nowMs: number): Status {
    const asked = this.#options.asked(account, nowMs)
    const means = (asked?.means ?? []).filter((one) => one !== 'attestation' || this.#settings.attests)
    const purpose = this.#reviews.of('purpose', account, nowMs)
    return {
      asked,
      means,
      challenge: means.includes('proof_of_work') ? this.challenge(account, nowMs) : null,
      purpose:
        purpose === null
          ? null
          : { state: purpose.state, requestsLeft: purpose.state === 'pending' ? amountOf(purpose) - purpose.used : 0 },
      grant: this.#reviews.of('grant', account, nowMs),
      retryAfterMs: Math.max(0, this.#accounts.of(account).waitUntilMs - nowMs),
    }
  }

  /** The piece of work for an account at present; the same one until it is done or a new one is due. */
  challenge(account: string, nowMs: number): Challenge {
    const used = new Set(this.#accounts.of(account).shown.map((shown) => shown.used))
    return this.#challenges.issue(account, this.#bits(account, nowMs), this.#settings.challengeMs, used, nowMs)
  }

  /** Waits only for a token whose signature has to be checked. */
  answer(caller: Caller, answer: Answer, nowMs: number): Outcome | Promise<Outcome> {
    const { means } = answer
    const outcome = this.#answer(caller, answer, nowMs)
    if (outcome instanceof Promise) return outcome.then((it) => this.#counted(means, it))
    return this.#counted(means, outcome)
  }

  #counted(means: Means, outcome: Outcome): Outcome {
    this.#count(means, resultOf(outcome))
    return outcome
  }

  #answer(caller: Caller, answer: Answer, nowMs: number): Outcome | Promise<Outcome> {
    const { account } = caller
    const { waitUntilMs } = this.#accounts.of(account)
    if (waitUntilMs > nowMs) return failure('wait', waitUntilMs - nowMs)
    if (this.#checking.has(account)) return failure('wait', BUSY_MS)
    const asked = this.#options.asked(account, nowMs)
    // A grant can be asked for before anybody is suspicious: that is the honest way to distil.
    if (asked === null && answer.means !== 'grant') return failure('nothing_asked')
    if (asked?.means.includes(answer.means) === false) return failure('not_offered')
    if (answer.means === 'purpose' || answer.means === 'grant') return this.#review(account, answer, nowMs)
    const shown = this.#accounts.shownBy(account, nowMs)
    if (shown.length >= MAX_SHOWN) return failure('too_many', shown[0]!.atMs + DAY_MS - nowMs)
    switch (answer.means) {
      case 'proof_of_work':
        return this.#proof(account, answer, nowMs)
      case 'attestation':
        return this.#settings.attests ? this.#token(account, answer, nowMs) : failure('not_offered')
      case 'reauthenticate':
        return this.#credential(caller, answer, nowMs)
    }
  }

  /** Declared purposes and asked-for grants that wait for a person, and grants that hold; oldest first. */
  reviews(nowMs: number): readonly Review[] {
    return this.#reviews.all(nowMs)
  }

  /** An accepted purpose is a pass. The error is for the operator. */
  decide(id: string, decision: 'accept' | 'reject', by: string, nowMs: number): Result<Review, string> {
    const decided = this.#reviews.decide(id, decision, by, nowMs)
    if (decided.ok && decision === 'accept' && decided.value.asked.means === 'purpose') {
      this.#tell(passOf(decided.value.account, 'purpose_accepted', [], null, nowMs))
    }
    return decided
  }

  /** The grant that lets an account distil this model now; null: none. */
  grantFor(account: string, model: string, nowMs: number): Grant | null {
    return this.#reviews.grantFor(account, model, nowMs)
  }

  /** Counts tokens that were used under a grant. */
  useGrant(account: string, tokens: number): void {
    this.#reviews.useGrant(account, tokens)
  }

  /** Takes one of the requests that a declared purpose opens until somebody has decided about it. */
  takeRequest(account: string, nowMs: number): boolean {
    return this.#reviews.takeRequest(account, nowMs)
  }

  #bits(account: string, nowMs: number): number {
    const proofs = this.#accounts.shownBy(account, nowMs).filter(({ kind }) => kind === 'proof').length
    return this.#settings.proofBits + Math.min(MAX_MORE_BITS, proofs)
  }

  #proof(account: string, { challenge, solution }: ProofSent, nowMs: number): Outcome {
    const read = this.#challenges.read(challenge, account, this.#settings.challengeMs, nowMs)
    if (typeof read === 'string') return this.#fail(account, read, nowMs)
    const { shown, isShared } = this.#accounts.of(account)
    if (shown.some(({ used }) => used === read.nonce)) return this.#fail(account, 'used', nowMs)
    // Work that was cheaper when it was given counts no more, but for those who share a record: others raise their price.
    if (!isShared && read.bits < this.#bits(account, nowMs)) return this.#fail(account, 'outdated', nowMs)
    if (!solves(read, solution)) return this.#fail(account, 'wrong', nowMs)
    return this.#pass(account, 'proof', read.nonce, nowMs)
  }

  #credential({ account, isSigned }: Caller, answer: CredentialShown, nowMs: number): Outcome | Promise<Outcome> {
    if (answer.token !== null) return this.#token(account, { ...answer, token: answer.token }, nowMs)
    // The nonce of a signature was burnt where it was checked.
    return isSigned ? this.#pass(account, 'signature', '', nowMs) : this.#fail(account, 'invalid', nowMs)
  }

  async #token(
    account: string,
    { means, token }: TokenSent | { readonly means: 'reauthenticate'; readonly token: string },
    nowMs: number,
  ): Promise<Outcome> {
    this.#checking.add(account)
    let found: ShownToken | 'refused' | 'unavailable'
    try {
      found = await this.#options.checkToken(token, means)
    } finally {
      this.#checking.delete(account)
    }
    if (found === 'unavailable') return failure('unavailable', 5000)
    if (found === 'refused' || !found.accounts.includes(account)) return this.#fail(account, 'invalid', nowMs)
    const shown = means === 'attestation' ? attestationProblem(found, nowMs) : loginProblem(found, nowMs)
    if (!shown.ok) return this.#fail(account, shown.error, nowMs)
    const isUsed = this.#accounts.of(account).shown.some(({ used }) => used === shown.value)
    if (isUsed) return this.#fail(account, 'used', nowMs)
    return this.#pass(account, means === 'attestation' ? 'attestation' : 'login', shown.value, nowMs)
  }

  #review(account: string, asked: PurposeDeclared | GrantAsked, nowMs: number): Outcome {
    const taken = this.#reviews.ask(account, asked, nowMs)
    if (!taken.ok) {
      return taken.error.why === 'full' ? failure('full', DAY_MS) : failure('already', taken.error.againAtMs - nowMs)
    }
    if (asked.means === 'grant') return { review: taken.value }
    const pass = passOf(account, 'purpose_declared', [], PURPOSE_REQUESTS, nowMs)
    this.#tell(pass)
    return pass
  }

  #pass(account: string, kind: Kind, used: string, nowMs: number): Pass {
    const before = this.#accounts.shownBy(account, nowMs)
    const shown: Shown = { kind, atMs: nowMs, used }
    this.#accounts.add(account, shown, nowMs)
    const kinds = before.map((one) => one.kind)
    const pass = passOf(account, kind, kinds, null, nowMs)
    this.#tell(pass)
    return pass
  }

  #fail(account: string, why: FailureReason, nowMs: number): Failure {
    this.#accounts.fail(account, nowMs)
    return failure(why)
  }
}

const failure = (why: FailureReason, retryAfterMs: number | null = null): Failure => ({ why, retryAfterMs })

const passOf = (
  account: string,
  kind: Kind,
  before: readonly Kind[],
  requests: number | null,
  nowMs: number,
): Pass => ({ account, means: meansOf[kind], atMs: nowMs, likelihoodRatio: ratioOf(kind, before), requests })

/** What a configuration cannot say. */
function checked(settings: StepUpSettings): StepUpSettings {
  const { proofBits, challengeMs } = settings
  if (!Number.isSafeInteger(proofBits) || proofBits < 1 || proofBits > 60) throw new RangeError('proofBits: 1 to 60')
  if (!(challengeMs >= 1000 && challengeMs <= DAY_MS)) throw new RangeError('challengeMs: a second to a day')
  return settings
}
