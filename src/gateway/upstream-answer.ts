import type { WireRefusal } from '../core/refusal.ts'
import type { UpstreamFault } from '../core/upstream.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { MAX_POLITE_WAIT_MS, wireAnswer } from './refuse.ts'
import type { WholeAnswer } from './relay.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** Headers of an upstream that may reach a client. Others tell about the operator's account or about hops of its own. */
export function passedHeaders(headers: Headers, { answerHeaders }: Dialect): Record<string, string> {
  const result: Record<string, string> = {}
  const type = headers['content-type']
  if (type !== undefined) result['content-type'] = type
  for (const name of answerHeaders) {
    const value = headers[name]
    if (value !== undefined) result[name] = value
  }
  return result
}

/** About the operator's key, bill or proxy. As little of the client's business as 3xx, which would choose another host. */
const operators: ReadonlySet<number> = new Set([401, 402, 403, 407])

/** An answer with an error status, as the client gets to see it. `ownKey`: the key that it is about is the client's. */
export function upstreamError(
  status: number,
  headers: Headers,
  body: Buffer,
  dialect: Dialect,
  requestId: string,
  ownKey = false,
): WholeAnswer {
  const mine = status >= 400 && (ownKey || !operators.has(status))
  if (mine && isErrorBody(headers, body)) {
    return {
      status,
      headers: {
        ...passedHeaders(headers, dialect),
        'content-length': String(body.length),
        'x-request-id': requestId,
        [dialect.requestIdHeader]: requestId,
        ...retryHints(headers),
      },
      body,
    }
  }
  const wire: WireRefusal = {
    status: mine ? status : 502,
    code: 'upstream_error',
    message: 'The model server answered with an error.',
    param: null,
  }
  const answer = wireAnswer(wire, dialect, requestId, '')
  return { ...answer, headers: { ...answer.headers, ...(mine ? retryHints(headers) : {}) } }
}

function retryHints(headers: Headers): Record<string, string> {
  const hints: Record<string, string> = {}
  for (const name of ['retry-after', 'retry-after-ms', 'x-should-retry']) {
    const value = headers[name]
    if (value !== undefined) hints[name] = value
  }
  const waitMs = Number(hints['retry-after-ms'] ?? Number(hints['retry-after']) * 1000)
  if (waitMs > MAX_POLITE_WAIT_MS) hints['x-should-retry'] ??= 'false'
  return hints
}

function isErrorBody(headers: Headers, body: Buffer): boolean {
  if (headers['content-type']?.includes('json') !== true) return false
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null && ('error' in value || 'detail' in value || 'message' in value)
  } catch {
    return false
  }
}

/** What a client hears of an upstream that was not there, died or said nothing. */
export function faultWire(fault: UpstreamFault): WireRefusal {
  switch (fault.kind) {
    case 'timeout':
      return { status: 504, code: 'upstream_timeout', message: 'The model server did not answer in time.', param: null }
    case 'unreachable':
      return { status: 502, code: 'upstream_unreachable', message: 'The model server cannot be reached.', param: null }
    case 'dropped':
      return { status: 502, code: 'upstream_lost', message: 'The model server broke off the answer.', param: null }
    case 'protocol':
      return {
        status: 502,
        code: 'upstream_invalid',
        message: 'The model server sent an answer that cannot be read.',
        param: null,
      }
  }
}
