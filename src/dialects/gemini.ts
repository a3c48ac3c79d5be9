import type { WireRefusal } from '../core/refusal.ts'
import type { Dialect } from './dialect.ts'

/** Google's key header and error bodies, shared by all Gemini endpoints. */
export const gemini: Dialect = {
  name: 'gemini',
  keyPlaces: [{ header: 'x-goog-api-key' }, { query: 'key' }, { bearer: true }],
  keyStyle: 'x-goog-api-key',
  requestIdHeader: 'x-request-id',
  answerHeaders: [],
  requestHeaders: () => ({}),
  status: (wire) => wire.status,
  errorBody: (wire, requestId) => Buffer.from(JSON.stringify(errorObject(wire, requestId))),
  errorEvent: (wire, requestId) => Buffer.from(`data: ${JSON.stringify(errorObject(wire, requestId))}\r\n\r\n`),
  // Google has no such headers, and its libraries look for none.
  rateHeaders: () => ({}),
}

/** Names of google.rpc.Code, as google/rpc/code.proto maps them to HTTP, and the nearest for what it leaves out. */
const words: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [402, 'FAILED_PRECONDITION'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [405, 'UNIMPLEMENTED'],
  [408, 'DEADLINE_EXCEEDED'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
])

const statusWord = (code: number): string => words.get(code) ?? (code >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')

const TYPES = 'type.googleapis.com/google.rpc.'

function errorObject(wire: WireRefusal, requestId: string): object {
  const details: object[] = []
  if (typeof wire.retryAfterMs === 'number') {
    details.push({ '@type': `${TYPES}RetryInfo`, retryDelay: `${Math.ceil(wire.retryAfterMs / 1000)}s` })
  }
  details.push({ '@type': `${TYPES}ErrorInfo`, reason: wire.code, domain: 'weir', metadata: { requestId } })
  if (wire.param !== null) {
    const fieldViolations = [{ field: wire.param, description: wire.message }]
    details.push({ '@type': `${TYPES}BadRequest`, fieldViolations })
  }
  return { error: { code: wire.status, message: wire.message, status: statusWord(wire.status), details } }
}
