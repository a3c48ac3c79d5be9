import type { WireRefusal } from '../core/refusal.ts'
import type { Dialect, Rate } from './dialect.ts'

/** OpenAI's error bodies and rate headers, shared by all of its endpoints. */
export const openai: Dialect = {
  name: 'openai',
  errorBody: (wire, requestId) => Buffer.from(JSON.stringify(errorObject(wire, requestId))),
  errorEvent: (wire, requestId) => Buffer.from(`data: ${JSON.stringify(errorObject(wire, requestId))}\n\n`),
  rateHeaders(requests, tokens) {
    const headers: Record<string, string> = {}
    if (requests !== null) addRate(headers, 'requests', requests)
    if (tokens !== null) addRate(headers, 'tokens', tokens)
    return headers
  },
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

function addRate(headers: Record<string, string>, what: string, rate: Rate): void {
  headers[`x-ratelimit-limit-${what}`] = String(rate.limit)
  headers[`x-ratelimit-remaining-${what}`] = String(rate.remaining)
  headers[`x-ratelimit-reset-${what}`] = goDuration(rate.resetMs)
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
