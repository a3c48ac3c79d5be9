/**
 * Why a request was refused. The full reason goes to the event; the client sees only what `toWire` says
 * (and what its dialect makes of it), so that nobody can read a detector's workings off our answers.
 */
export type Refusal =
  | { readonly kind: 'unauthenticated'; readonly why: AuthProblem }
  | { readonly kind: 'identity_unavailable' }
  | { readonly kind: 'too_many_failures'; readonly retryAfterMs: number }
  | { readonly kind: 'unknown_route' }
  | { readonly kind: 'wrong_method'; readonly allow: string }
  | { readonly kind: 'bad_request'; readonly message: string; readonly param: string | null }
  | { readonly kind: 'unsupported_encoding'; readonly encoding: string }
  | { readonly kind: 'too_large'; readonly maxBytes: number }
  | { readonly kind: 'body_timeout'; readonly timeoutMs: number }
  | { readonly kind: 'unknown_model'; readonly model: string }
  | { readonly kind: 'not_allowed'; readonly what: 'endpoint' | 'field'; readonly name: string }
  | { readonly kind: 'screened'; readonly screens: readonly string[] }
  | { readonly kind: 'terms_unaccepted'; readonly version: string; readonly url: string }
  | { readonly kind: 'unpriced'; readonly model: string }
  | OverQuota
  | { readonly kind: 'overloaded' }
  | { readonly kind: 'draining' }
  | { readonly kind: 'record_unavailable' }
  /** By an action in force: for as long as it lasts, until a step-up is passed, for a while, or at this pace. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'quarantined' }
  | { readonly kind: 'step_up'; readonly url: string }
  | { readonly kind: 'cooling_down'; readonly retryAfterMs: number }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number; readonly tell?: string | null }
  /** By a kill switch or a containment procedure: nothing about the caller. */
  | { readonly kind: 'switched_off' }
  | LimitsUnavailable

/** The operator is told which; the client only that it is not let in. */
export type AuthProblem =
  | 'missing'
  | 'malformed'
  | 'unknown'
  | 'expired'
  | 'unsigned'
  | 'bad_signature'
  | 'stale'
  | 'replayed'
  | 'wrong_binding'

/** The shared store does not answer, and the limit says to refuse then. */
export interface LimitsUnavailable {
  readonly kind: 'limits_unavailable'
  readonly limit: string
}

/** A limit that does not hold this request. `retryAfterMs` is null when no wait can help. */
export interface OverQuota {
  readonly kind: 'over_quota'
  readonly limit: string
  readonly resource: string
  readonly amount: number
  readonly used: number
  readonly requested: number
  readonly retryAfterMs: number | null
}

export interface WireRefusal {
  readonly status: number
  /** A stable machine-readable word; dialects may translate it to their vendor's. */
  readonly code: string
  readonly message: string
  readonly param: string | null
  /** null: waiting does not help. undefined: retrying is not about time. */
  readonly retryAfterMs?: number | null
  readonly allow?: string
  /** The resource that ran out, for dialects that say so. */
  readonly resource?: string
}

const plain = (status: number, code: string, message: string, param: string | null = null): WireRefusal => ({
  status,
  code,
  message,
  param,
})

export function toWire(refusal: Refusal): WireRefusal {
  switch (refusal.kind) {
    case 'unauthenticated':
      return refusal.why === 'missing'
        ? plain(
            401,
            'invalid_api_key',
            'No API key was sent. Send it where your client library does, such as "Authorization: Bearer <key>".',
          )
        : refusal.why === 'unsigned'
          ? plain(401, 'signature_required', 'This key takes signed requests only (RFC 9421).')
          : plain(401, 'invalid_api_key', 'The credential is not valid here, or not any more.')
    case 'identity_unavailable':
      return {
        ...plain(503, 'identity_unavailable', 'The token cannot be checked right now.'),
        retryAfterMs: 5000,
      }
    case 'too_many_failures':
      return {
        ...plain(429, 'rate_limit_exceeded', 'Too many failed attempts to authenticate from this network.'),
        retryAfterMs: refusal.retryAfterMs,
      }
    case 'unknown_route':
      return plain(404, 'unknown_url', 'There is no such endpoint here.')
    case 'wrong_method':
      return { ...plain(405, 'method_not_allowed', `This endpoint takes ${refusal.allow}.`), allow: refusal.allow }
    case 'bad_request':
      return plain(400, 'invalid_request', refusal.message, refusal.param)
    case 'unsupported_encoding':
      return plain(415, 'unsupported_encoding', 'Send the body without a content encoding.')
    case 'too_large':
      return plain(413, 'request_too_large', `The request body is larger than ${refusal.maxBytes} bytes.`)
    case 'body_timeout':
      return plain(408, 'request_timeout', `The request body did not arrive within ${refusal.timeoutMs} ms.`)
    case 'unknown_model':
      return plain(404, 'model_not_found', 'The model does not exist here, or this key may not use it.', 'model')
    case 'not_allowed':
      return refusal.what === 'field'
        ? plain(403, 'field_not_allowed', `This key may not send "${refusal.name}".`, refusal.name)
        : plain(403, 'endpoint_not_allowed', 'This key may not use this endpoint.')
    case 'screened':
      return plain(400, 'invalid_prompt', 'The prompt holds characters or payloads that are not accepted here.')
    case 'terms_unaccepted':
      return plain(
        403,
        'terms_not_accepted',
        `Version ${refusal.version} of the terms has to be accepted first: ${refusal.url}`,
      )
    case 'unpriced':
      return plain(403, 'model_not_priced', 'The model is not offered here, because it has no price.', 'model')
    case 'overloaded':
      return { ...plain(503, 'overloaded', 'The gateway is at its capacity. Please try again.'), retryAfterMs: 1000 }
    case 'over_quota':
      return {
        ...plain(429, 'rate_limit_exceeded', overQuotaMessage(refusal)),
        retryAfterMs: refusal.retryAfterMs,
        resource: refusal.resource,
      }
    case 'draining':
      return {
        ...plain(503, 'shutting_down', 'This gateway is shutting down; another one will answer.'),
        retryAfterMs: 1000,
      }
    case 'record_unavailable':
      return { ...plain(503, 'record_unavailable', 'Requests cannot be put on record right now.'), retryAfterMs: 1000 }
    case 'blocked':
      return plain(403, 'access_denied', 'This account may not use the API at present. Please write to its operator.')
    case 'quarantined':
      return plain(403, 'key_quarantined', 'This key was put out of use. Please make a new one.')
    case 'step_up':
      return plain(403, 'step_up_required', `Please confirm this account first: ${refusal.url}`)
    case 'cooling_down':
      return {
        ...plain(429, 'cooling_down', 'Too much was asked of late. Please come back after the time in retry-after.'),
        retryAfterMs: refusal.retryAfterMs,
      }
    case 'throttled':
      return {
        ...plain(429, 'rate_limit_exceeded', tooFast(refusal.tell ?? null)),
        retryAfterMs: refusal.retryAfterMs,
      }
    case 'switched_off':
      return { ...plain(503, 'switched_off', 'This is switched off at present.'), retryAfterMs: 30_000 }
    case 'limits_unavailable':
      return { ...plain(503, 'limits_unavailable', 'Limits cannot be checked right now.'), retryAfterMs: 1000 }
  }
}

const tooFast = (tell: string | null): string =>
  `Requests come too fast. ${tell === null ? '' : `${tell} `}Please slow down.`

function overQuotaMessage(refusal: OverQuota): string {
  const shown = refusal.resource === 'cost_usd' ? dollars : String
  const { amount, used, requested } = refusal
  const what = `Rate limit "${refusal.limit}" reached on ${refusal.resource}: limit ${shown(amount)}, used ${shown(used)}, requested ${shown(requested)}.`
  return refusal.retryAfterMs === null
    ? `${what} This request can never fit; make it smaller.`
    : `${what} Please try again after the time in the retry-after header.`
}

/** Whole cents would show most requests as free. */
const dollars = (nanoUsd: number): string => `$${(nanoUsd / 1e9).toFixed(6)}`
