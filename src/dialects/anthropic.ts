import type { WireRefusal } from '../core/refusal.ts'
import type { Dialect, Rate } from './dialect.ts'

/** Anthropic's key header, error bodies and rate headers, shared by all of its endpoints. */
export const anthropic: Dialect = {
  name: 'anthropic',
  keyPlaces: [{ header: 'x-api-key' }, { bearer: true }],
  keyStyle: 'x-api-key',
  requestIdHeader: 'request-id',
  // `anthropic-organization-id` tells about the operator's account.
  answerHeaders: [],
  requestHeaders(source) {
    const version = versionOf(source.header('anthropic-version'))
    const betas = betasOf(source.header('anthropic-beta'))
    return { 'anthropic-version': version, ...(betas !== null && { 'anthropic-beta': betas }) }
  },
  status,
  errorBody: (wire, requestId) => Buffer.from(JSON.stringify(errorObject(wire, requestId))),
  errorEvent: (wire, requestId) =>
    Buffer.from(`event: error\ndata: ${JSON.stringify(errorObject(wire, requestId))}\n\n`),
  rateHeaders(rates, nowMs) {
    const headers: Record<string, string> = {}
    for (const [what, rate] of [
      ['requests', rates.requests],
      ['tokens', rates.tokens],
      ['input-tokens', rates.inputTokens],
      ['output-tokens', rates.outputTokens],
    ] as const) {
      if (rate !== null) addRate(headers, what, rate, nowMs)
    }
    return headers
  },
}

/** The version that the wire formats of these files are from; every official library sends it. */
const VERSION = '2023-06-01'

const versionOf = (sent: string | undefined): string =>
  sent !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(sent) ? sent : VERSION

const MAX_BETAS = 16
const MAX_BETA_CHARS = 64

/** The names of beta features as one header; null where there are none, or where anything else stands among them. */
function betasOf(sent: string | undefined): string | null {
  if (sent === undefined || sent.length > MAX_BETAS * (MAX_BETA_CHARS + 8)) return null
  const names = sent.split(',').map((name) => name.trim())
  return names.length <= MAX_BETAS && names.every((name) => /^[a-z0-9-]{1,64}$/.test(name)) ? names.join(',') : null
}

/** What other vendors say with 503 is 529 here; its libraries know both and try again. */
function status(wire: WireRefusal): number {
  return wire.status === 503 && (wire.code === 'overloaded' || wire.code === 'shutting_down') ? 529 : wire.status
}

function errorObject(wire: WireRefusal, requestId: string): object {
  return {
    type: 'error',
    // The library hands `details.error_code` on as `errorCode`.
    error: { type: errorType(status(wire)), message: wire.message, details: { error_code: wire.code } },
    request_id: requestId,
  }
}

const errorTypes: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
])

const errorType = (code: number): string =>
  errorTypes.get(code) ?? (code >= 500 ? 'api_error' : 'invalid_request_error')

/** A Date holds no moment beyond this. */
const LAST_MS = 8.64e15

function addRate(headers: Record<string, string>, what: string, rate: Rate, nowMs: number): void {
  headers[`anthropic-ratelimit-${what}-limit`] = String(rate.limit)
  headers[`anthropic-ratelimit-${what}-remaining`] = String(rate.remaining)
  // Up to the whole second: whoever comes back at the time named must not be early.
  const resetS = Math.ceil((nowMs + Math.max(0, rate.resetMs)) / 1000)
  const reset = new Date(Math.min(resetS * 1000, LAST_MS)).toISOString()
  headers[`anthropic-ratelimit-${what}-reset`] = reset.replace('.000Z', 'Z')
}
