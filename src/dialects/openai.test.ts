import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { WireRefusal } from '../core/refusal.ts'
import { noRates } from './dialect.ts'
import { goDuration, openai } from './openai.ts'

const wire = (over: Partial<WireRefusal>): WireRefusal => ({
  status: 400,
  code: 'some_code',
  message: 'Some message.',
  param: null,
  ...over,
})

const bodyOf = (over: Partial<WireRefusal>): unknown =>
  JSON.parse(Buffer.from(openai.errorBody(wire(over), 'req_1')).toString())

const typeOf = (over: Partial<WireRefusal>): string => (bodyOf(over) as { error: { type: string } }).error.type

test('durations are written as Go writes them', () => {
  for (const [ms, text] of [
    [0, '0s'],
    [-5, '0s'],
    [0.2, '1ms'],
    [1, '1ms'],
    [120, '120ms'],
    [999, '999ms'],
    [999.5, '1s'],
    [1000, '1s'],
    [1500, '1.5s'],
    [59_999, '59.999s'],
    [60_000, '1m0s'],
    [61_001, '1m1.001s'],
    [360_000, '6m0s'],
    [3_600_000, '1h0m0s'],
    [3_661_500, '1h1m1.5s'],
    [86_400_000, '24h0m0s'],
    [31 * 86_400_000, '744h0m0s'],
  ] as const) {
    assert.equal(goDuration(ms), text)
  }
})

test('a duration reads back as the milliseconds it was made of', () => {
  fc.assert(
    fc.property(fc.nat(400 * 86_400_000), (ms) => {
      const [, h = 0, m = 0, s = 0, rest = 0] =
        /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:(\d+)ms)?$/.exec(goDuration(ms)) ?? []
      assert.equal(Math.round(Number(h) * 3_600_000 + Number(m) * 60_000 + Number(s) * 1000 + Number(rest)), ms)
    }),
  )
})

test('an error body has the shape of OpenAI, our code and the request id', () => {
  assert.deepEqual(bodyOf({ param: 'n' }), {
    error: {
      message: 'Some message.',
      type: 'invalid_request_error',
      param: 'n',
      code: 'some_code',
      request_id: 'req_1',
    },
  })
})

test('the type of an error follows its status, and that of a full limit what it counts', () => {
  for (const status of [400, 401, 404, 405, 408, 413, 415]) assert.equal(typeOf({ status }), 'invalid_request_error')
  for (const status of [500, 502, 503, 504]) assert.equal(typeOf({ status }), 'server_error')
  assert.equal(typeOf({ status: 429 }), 'requests')
  assert.equal(typeOf({ status: 429, resource: 'requests' }), 'requests')
  assert.equal(typeOf({ status: 429, resource: 'concurrent' }), 'requests')
  for (const resource of ['tokens', 'input_tokens', 'output_tokens'])
    assert.equal(typeOf({ status: 429, resource }), 'tokens')
})

test('the error event is one whole event that holds the error body, whatever the message holds', () => {
  const message = 'line\nbreak\r\n\r\ndata: [DONE]\n\n'
  const event = Buffer.from(openai.errorEvent(wire({ message }), 'req_1')).toString()
  const [, data] = /^event: error\ndata: ([^\n\r]+)\n\n$/.exec(event) ?? assert.fail(event)
  const { error, ...flat } = JSON.parse(data!) as Record<string, unknown>
  assert.deepEqual({ error }, bodyOf({ message }), 'as chat completions tell it')
  assert.deepEqual(flat, { type: 'error', code: 'some_code', message, param: null }, 'as responses tell it')
})

test('rate headers name only what is limited', () => {
  const rate = { limit: 100, remaining: 7, resetMs: 1500 }
  const headers = (over: Partial<typeof noRates>): Record<string, string> =>
    openai.rateHeaders({ ...noRates, ...over }, 0)
  assert.deepEqual(headers({}), {})
  assert.deepEqual(headers({ requests: rate }), {
    'x-ratelimit-limit-requests': '100',
    'x-ratelimit-remaining-requests': '7',
    'x-ratelimit-reset-requests': '1.5s',
  })
  assert.deepEqual(Object.keys(headers({ tokens: rate })), [
    'x-ratelimit-limit-tokens',
    'x-ratelimit-remaining-tokens',
    'x-ratelimit-reset-tokens',
  ])
  assert.equal(Object.keys(headers({ requests: rate, tokens: rate })).length, 6)
})

test('of the limits on tokens of any kind the tightest is told', () => {
  const rate = (limit: number, remaining: number): { limit: number; remaining: number; resetMs: number } => ({
    limit,
    remaining,
    resetMs: 0,
  })
  const limitOf = (over: Partial<typeof noRates>): string | undefined =>
    openai.rateHeaders({ ...noRates, ...over }, 0)['x-ratelimit-limit-tokens']
  assert.equal(limitOf({ inputTokens: rate(10, 5) }), '10')
  assert.equal(limitOf({ tokens: rate(100, 60), inputTokens: rate(10, 5) }), '10')
  assert.equal(limitOf({ tokens: rate(100, 40), outputTokens: rate(10, 5) }), '100')
  assert.equal(limitOf({ tokens: rate(100, 40), outputTokens: rate(0, 0) }), '0', 'a limit of nothing is the tightest')
})
