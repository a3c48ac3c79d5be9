import type { WireRefusal } from '../core/refusal.ts'
import type { Dialect, Rate } from './dialect.ts'

/** OpenAI's error bodies and rate headers, shared by all of its endpoints. */
export const openai: Dialect = {
  name: 'openai',
  // Azure's library sends `api-key`.
  keyPlaces: [{ bearer: true }, { header: 'api-key' }],
  keyStyle: 'bearer',
  requestIdHeader: 'x-request-id',
  answerHeaders: ['openai-processing-ms', 'openai-version', 'openai-model'],
  requestHeaders: () => ({}),
  status: (wire) => wire.status,
  errorBody: (wire, requestId) => Buffer.from(JSON.stringify(errorObject(wire, requestId))),
  errorEvent: (wire, requestId) => Buffer.from(`event: error\ndata: ${JSON.stringify(eventOf(wire, requestId))}\n\n`),
  rateHeaders({ requests, tokens, inputTokens, outputTokens }) {
    const headers: Record<string, string> = {}
    if (requests !== null) addRate(headers, ofRequests, requests)
    const tightest = [tokens, inputTokens, outputTokens].reduce(tighter, null)
    if (tightest !== null) addRate(headers, ofTokens, tightest)
    return headers
  },
}

/** OpenAI has one header for tokens of every kind. */
const tighter = (a: Rate | null, b: Rate | null): Rate | null =>
  a === null || (b !== null && left(b) < left(a)) ? b : a

const left = ({ remaining, limit }: Rate): number => (limit > 0 ? remaining / limit : 0)

/** Both forms in one: chat completions tell an error by its key `error`, the Responses API by `type`, `code`, `message`. */
function eventOf(wire: WireRefusal, requestId: string): object {
  return { type: 'error', code: wire.code, message: wire.message, param: wire.param, ...errorObject(wire, requestId) }
}

function errorObject(wire: WireRefusal, requestId: string): object {
  return {
    error: {
      message: wire.message,
      type: errorType(wire),
      param: wire.param,
      code: wire.code,
      request_id: requestId,
    },
  }
}

function errorType(wire: WireRefusal): string {
  if (wire.status === 429) return wire.resource?.includes('token') === true ? 'tokens' : 'requests'
  if (wire.status >= 500) return 'server_error'
  return 'invalid_request_error'
}

interface RateNames {
  readonly limit: string
  readonly remaining: string
  readonly reset: string
}

// Made once: a name that is put together for each answer has to be looked up among all names each time.
const namesOf = (what: string): RateNames => ({
  limit: `x-ratelimit-limit-${what}`,
  remaining: `x-ratelimit-remaining-${what}`,
  reset: `x-ratelimit-reset-${what}`,
})
const ofRequests = namesOf('requests')
const ofTokens = namesOf('tokens')

function addRate(headers: Record<string, string>, names: RateNames, rate: Rate): void {
  headers[names.limit] = String(rate.limit)
  headers[names.remaining] = String(rate.remaining)
  headers[names.reset] = goDuration(rate.resetMs)
}

/** Durations as OpenAI writes them, after Go's time.Duration: `0s`, `120ms`, `1.5s`, `6m0s`, `24h0m0s`. */
export function goDuration(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms))
  if (whole === 0) return '0s'
  if (whole < 1000) return `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = (whole % 60_000) / 1000
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}
