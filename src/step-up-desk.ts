import type { Means } from './core/action.ts'
import type { Principal } from './core/principal.ts'
import { ok } from './core/result.ts'
import { bad, emptyBody, readBody } from './dialects/body.ts'
import type { Body, Endpoint } from './dialects/dialect.ts'
import { noCall } from './dialects/nothing.ts'
import { jittered } from './gateway/refuse.ts'
import type { WholeAnswer } from './gateway/relay.ts'
import { answerFields, readAnswer } from './stepup/answer.ts'
import type { Failure, FailureReason, Outcome, StepUps } from './stepup/step-ups.ts'
import type { Review } from './stepup/review.ts'
import { ownEndpoint, problem, type Answer } from './desk-answer.ts'

/**
 * Where somebody who is asked reads what is asked, and answers. Endpoints of the desk like its others; the page for
 * people beside them is the one thing on the data plane that anybody gets without a credential.
 */
const read = ownEndpoint('weir_step_up', 'GET', '/weir/step-up', () => ok(noCall(emptyBody, '', '')))

const answer = ownEndpoint('weir_step_up_answer', 'POST', '/weir/step-up', (bytes, _target, bounds) => {
  const found = readBody(bytes, bounds, answerFields)
  if (!found.ok) return found
  const given = readAnswer(found.value.body)
  return given.ok ? ok(noCall(found.value, '', '')) : bad(given.error.message, given.error.param)
})

export const stepUpEndpoints: readonly Endpoint[] = [read, answer]

export const isStepUp = (endpoint: Endpoint): boolean => stepUpEndpoints.includes(endpoint)

const PAGE_PATH = '/weir/step-up/page'

/** The page that explains what is asked, and answers from a browser. It holds nothing about anybody. */
export const stepUpPage: Endpoint = ownEndpoint('weir_step_up_page', 'GET', PAGE_PATH, () =>
  ok(noCall(emptyBody, '', '')),
)

export interface StepUpDesk {
  readonly stepUps: StepUps
  readonly page: WholeAnswer
  /** Where people are sent; null: the page of our own. */
  readonly url: string | null
}

interface StepUpCaller {
  readonly who: Principal
  readonly isSigned: boolean
}

/** The body was read already where it is an answer. */
export function answerStepUp(
  desk: StepUpDesk,
  endpoint: Endpoint,
  body: Body,
  caller: StepUpCaller,
  nowMs: number,
): Answer | Promise<Answer> {
  const { stepUps } = desk
  if (endpoint === read) return [200, statusOf(desk, caller, nowMs)]
  const given = readAnswer(body)
  if (!given.ok) throw new Error('the body was read as an answer before')
  const { who, isSigned } = caller
  if (given.value.means === 'reauthenticate' && !canReauthenticate(who))
    return told({ why: 'not_offered', retryAfterMs: null }, who)
  const outcome = stepUps.answer({ account: who.account, isSigned }, given.value, nowMs)
  return outcome instanceof Promise ? outcome.then((it) => told(it, who)) : told(outcome, who)
}

/** Only those can show their credential again who have one that can be shown in a fresh way. */
const canReauthenticate = ({ credential }: Principal): boolean =>
  credential === 'key' || credential === 'token' || credential === 'jwt'

function statusOf({ stepUps, url }: StepUpDesk, { who }: StepUpCaller, nowMs: number): object {
  const { asked, means, challenge, purpose, grant, retryAfterMs } = stepUps.statusOf(who.account, nowMs)
  const usable = (one: Means): boolean => one !== 'reauthenticate' || canReauthenticate(who)
  return {
    asked: asked !== null,
    account: who.account,
    since: asked === null ? null : new Date(asked.sinceMs).toISOString(),
    grace_left: asked?.graceLeft ?? null,
    means: means.filter(usable),
    // Times that are left, and not instants: nobody has to trust the clock of a client.
    proof_of_work:
      challenge === null
        ? null
        : { challenge: challenge.text, bits: challenge.bits, expires_in_ms: challenge.expiresAtMs - nowMs },
    purpose: purpose === null ? null : { state: purpose.state, requests_left: purpose.requestsLeft },
    grant: grant === null ? null : shownGrant(grant),
    retry_after_ms: retryAfterMs,
    page: url ?? PAGE_PATH,
  }
}

const shownGrant = ({ id, state, asked, used }: Review): object => ({
  id,
  state,
  ...(asked.means === 'grant'
    ? { models: asked.models, tokens: asked.tokens, days: asked.days, tokens_left: Math.max(0, asked.tokens - used) }
    : {}),
})

function told(outcome: Outcome, who: Principal): Answer {
  if ('review' in outcome) return [200, { passed: false, waits_for: 'review', id: outcome.review.id }]
  if ('why' in outcome) return refused(outcome, who)
  const { means, requests } = outcome
  return [200, { passed: true, means, requests }]
}

function refused({ why, retryAfterMs }: Failure, { keyId }: Principal): Answer {
  const [status, message] = refusals[why]
  // Not 401 or 403: an upstream's would be about the operator's own key, and not be shown.
  const body = problem(message, `step_up_${why}`)
  if (retryAfterMs === null) return [status, body]
  const waitMs = jittered(retryAfterMs, keyId)
  return [status, body, { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(waitMs) }]
}

const refusals: Readonly<Record<FailureReason, readonly [status: number, message: string]>> = {
  nothing_asked: [409, 'Nothing is asked of this account at present.'],
  not_offered: [400, 'This account cannot answer in this way. GET /weir/step-up lists the ways that it can.'],
  wait: [429, 'Too many answers were wrong. Please try again after the time in the retry-after header.'],
  too_many: [429, 'Too many answers today. Please come back after the time in the retry-after header.'],
  invalid: [400, 'This is no valid answer here. Fetch a new challenge, or a new token made for this account.'],
  expired: [400, 'This came too late. Fetch a new challenge, or a new token.'],
  outdated: [409, 'The challenge has become harder since. Fetch a new one.'],
  used: [409, 'This was used already. Fetch a new challenge, or a new token.'],
  wrong: [400, 'This number does not solve the challenge.'],
  unavailable: [503, 'The token cannot be checked right now.'],
  already: [409, 'This was said already. A new one can be sent after the time in the retry-after header.'],
  full: [503, 'Nothing more can be taken for review at present. Please use another way, or write to the operator.'],
}
