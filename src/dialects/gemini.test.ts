import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WireRefusal } from '../core/refusal.ts'
import { noRates } from './dialect.ts'
import { gemini } from './gemini.ts'

const wire = (status: number, over: Partial<WireRefusal> = {}): WireRefusal => ({
  status,
  code: 'c',
  message: 'No.',
  param: null,
  ...over,
})
const bodyOf = (refusal: WireRefusal): unknown => JSON.parse(Buffer.from(gemini.errorBody(refusal, 'req_1')).toString())

test('an error body is Google’s, with the wait, our code and the request id in its details', () => {
  assert.deepEqual(bodyOf(wire(429, { code: 'rate_limit_exceeded', retryAfterMs: 11_001 })), {
    error: {
      code: 429,
      message: 'No.',
      status: 'RESOURCE_EXHAUSTED',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12s' },
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'rate_limit_exceeded',
          domain: 'weir',
          metadata: { requestId: 'req_1' },
        },
      ],
    },
  })
})

test('where waiting does not help no wait is told, and a bad field is named', () => {
  for (const over of [{ retryAfterMs: null }, {}])
    assert.doesNotMatch(JSON.stringify(bodyOf(wire(429, over))), /RetryInfo/)
  assert.match(JSON.stringify(bodyOf(wire(400, { param: 'contents' }))), /"fieldViolations":\[\{"field":"contents"/)
})

test('each status has Google’s word for it', () => {
  for (const [status, word] of [
    [400, 'INVALID_ARGUMENT'],
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [413, 'INVALID_ARGUMENT'],
    [429, 'RESOURCE_EXHAUSTED'],
    [499, 'CANCELLED'],
    [500, 'INTERNAL'],
    [501, 'INTERNAL'],
    [502, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
    [504, 'DEADLINE_EXCEEDED'],
  ] as const) {
    const { error } = bodyOf(wire(status)) as { error: { status: string; code: number } }
    assert.deepEqual([error.status, error.code], [word, status])
  }
})

test('a stream is broken off by an event with the error, and no rate headers are made up', () => {
  assert.match(Buffer.from(gemini.errorEvent(wire(502), 'r')).toString(), /^data: \{"error":[^\r\n]+\}\r\n\r\n$/)
  assert.deepEqual(gemini.rateHeaders({ ...noRates, tokens: { limit: 1, remaining: 1, resetMs: 1 } }, 0), {})
})
