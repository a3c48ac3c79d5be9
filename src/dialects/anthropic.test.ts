import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WireRefusal } from '../core/refusal.ts'
import { anthropic } from './anthropic.ts'
import { noRates } from './dialect.ts'

const wire = (status: number, code = 'c'): WireRefusal => ({ status, code, message: 'No.', param: null })
const headersOf = (sent: Record<string, string>): Readonly<Record<string, string>> =>
  anthropic.requestHeaders({ header: (name) => sent[name] })

test('an error body is Anthropic’s, with our code and the request id', () => {
  assert.deepEqual(JSON.parse(Buffer.from(anthropic.errorBody(wire(429, 'rate_limit_exceeded'), 'req_1')).toString()), {
    type: 'error',
    error: { type: 'rate_limit_error', message: 'No.', details: { error_code: 'rate_limit_exceeded' } },
    request_id: 'req_1',
  })
})

test('each status has Anthropic’s word for it', () => {
  for (const [status, type] of [
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [405, 'invalid_request_error'],
    [408, 'invalid_request_error'],
    [413, 'request_too_large'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [502, 'api_error'],
    [503, 'api_error'],
    [504, 'timeout_error'],
    [529, 'overloaded_error'],
  ] as const) {
    const { error } = JSON.parse(Buffer.from(anthropic.errorBody(wire(status), 'r')).toString()) as {
      error: { type: string }
    }
    assert.equal(error.type, type)
    assert.equal(anthropic.status(wire(status)), status)
  }
})

test('overloaded and shutting down are 529, in the status and in the body', () => {
  for (const code of ['overloaded', 'shutting_down']) {
    assert.equal(anthropic.status(wire(503, code)), 529)
    assert.match(Buffer.from(anthropic.errorBody(wire(503, code), 'r')).toString(), /"overloaded_error"/)
  }
  assert.equal(anthropic.status(wire(503, 'limits_unavailable')), 503)
})

test('a stream is broken off by a named error event', () => {
  const event = Buffer.from(anthropic.errorEvent(wire(502), 'req_1')).toString()
  assert.match(event, /^event: error\ndata: \{"type":"error","error":\{"type":"api_error"[^\n]+\}\n\n$/)
})

test('of the client’s headers only a version and names of betas go on, and only in their form', () => {
  assert.deepEqual(headersOf({}), { 'anthropic-version': '2023-06-01' })
  assert.deepEqual(
    headersOf({ 'anthropic-version': '2024-10-22', 'anthropic-beta': 'a-1, b-2025-05-14', 'anthropic-x': 'y' }),
    { 'anthropic-version': '2024-10-22', 'anthropic-beta': 'a-1,b-2025-05-14' },
  )
  for (const version of [
    '',
    'latest',
    '2023-06-01\r\nx: y',
    '2023-6-1',
    ' 2023-06-01',
    '2023-06-01x',
    '２０23-06-01',
  ]) {
    assert.deepEqual(headersOf({ 'anthropic-version': version }), { 'anthropic-version': '2023-06-01' }, version)
  }
  for (const betas of [
    '',
    ',',
    'a,',
    'a,,b',
    'A',
    'a b',
    'a_b',
    'a\nb',
    'a=b',
    'é',
    'x'.repeat(65),
    Array.from({ length: 17 }, () => 'a').join(','),
    `a${' '.repeat(1_000_000)}`,
  ]) {
    assert.deepEqual(Object.keys(headersOf({ 'anthropic-beta': betas })), ['anthropic-version'], betas.slice(0, 70))
  }
  const most = Array.from({ length: 16 }, () => 'x'.repeat(64)).join(',')
  assert.equal(headersOf({ 'anthropic-beta': most })['anthropic-beta'], most)
})

test('what is left is told for each kind of limit, its reset as a time that is never too early', () => {
  const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 1)
  assert.deepEqual(anthropic.rateHeaders(noRates, nowMs), {})
  const rate = { limit: 10, remaining: 4, resetMs: 1500 }
  assert.deepEqual(anthropic.rateHeaders({ ...noRates, requests: rate }, nowMs), {
    'anthropic-ratelimit-requests-limit': '10',
    'anthropic-ratelimit-requests-remaining': '4',
    'anthropic-ratelimit-requests-reset': '2026-01-02T03:04:07Z',
  })
  const all = anthropic.rateHeaders({ requests: rate, tokens: rate, inputTokens: rate, outputTokens: rate }, nowMs)
  assert.equal(Object.keys(all).length, 12)
  assert.equal(all['anthropic-ratelimit-output-tokens-remaining'], '4')
  assert.equal(all['anthropic-ratelimit-input-tokens-limit'], '10')
  for (const resetMs of [-5, 0, 1e300, Infinity])
    anthropic.rateHeaders({ ...noRates, tokens: { ...rate, resetMs } }, nowMs)
})
