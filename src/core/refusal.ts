/**
 * Why a request was refused. The full reason goes to the event; the client sees only what `toWire` says
 * (and what its dialect makes of it), so that nobody can read a detector's workings off our answers.
 */
export type Refusal =
  | { readonly kind: 'unauthenticated'; readonly why: 'missing' | 'malformed' | 'unknown' }
  | { readonly kind: 'too_many_failures'; readonly retryAfterMs: number }
  | { readonly kind: 'unknown_route' }
  | { readonly kind: 'wrong_method'; readonly allow: string }
  | { readonly kind: 'bad_request'; readonly message: string; readonly param: string | null }
  | { readonly kind: 'unsupported_encoding'; readonly encoding: string }
  | { readonly kind: 'too_large'; readonly maxBytes: number }
  | { readonly kind: 'body_timeout'; readonly timeoutMs: number }
  | { readonly kind: 'unknown_model'; readonly model: string }
  | OverQuota
  | { readonly kind: 'draining' }
  | LimitsUnavailable

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
        ? plain(401, 'invalid_api_key', 'No API key was sent. Send it as "Authorization: Bearer <key>".')
        : plain(401, 'invalid_api_key', 'The API key is not valid here.')
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
    case 'limits_unavailable':
      return { ...plain(503, 'limits_unavailable', 'Limits cannot be checked right now.'), retryAfterMs: 1000 }
  }
}

function overQuotaMessage(refusal: OverQuota): string {
  const what = `Rate limit "${refusal.limit}" reached on ${refusal.resource}: limit ${refusal.amount}, used ${refusal.used}, requested ${refusal.requested}.`
  return refusal.retryAfterMs === null
    ? `${what} This request can never fit; make it smaller.`
    : `${what} Please try again after the time in the retry-after header.`
}
