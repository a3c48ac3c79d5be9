import type { WireRefusal } from '../core/refusal.ts'
import { endpoints } from '../dialects/index.ts'
import type { WholeAnswer } from './relay.ts'
import { wireAnswer } from './refuse.ts'

/** The answer to bytes that were no HTTP request; in the first dialect, since nothing says which one was meant. */
export function unparsableAnswer(code: string, requestId: string): WholeAnswer {
  return wireAnswer(wireOf(code), endpoints[0]!.dialect, requestId, '')
}

function wireOf(code: string): WireRefusal {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, code: 'headers_too_large', message: 'The request headers are too large.', param: null }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, code: 'request_timeout', message: 'The request did not arrive in time.', param: null }
  }
  return { status: 400, code: 'invalid_http', message: 'This is not a valid HTTP request.', param: null }
}
