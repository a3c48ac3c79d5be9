import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Refusal } from '../core/refusal.ts'
import { openai } from '../dialects/openai.ts'
import { jittered, refusalAnswer, retryHeaders, wireAnswer } from './refuse.ts'

const overQuota = (retryAfterMs: number | null): Refusal => ({
  kind: 'over_quota',
  limit: 'l',
  resource: 'tokens',
  amount: 10,
  used: 10,
  requested: 1,
  retryAfterMs,
})

const answerTo = (
  refusal: Refusal,
): { status: number; headers: Readonly<Record<string, string>>; error: Record<string, unknown> } => {
  const { status, headers, body } = refusalAnswer(refusal, openai, 'req_1', 'caller')
  assert.equal(headers['content-length'], String(body.length))
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['x-request-id'], 'req_1')
  const { error } = JSON.parse(Buffer.from(body).toString()) as { error: Record<string, unknown> }
  assert.equal(error['request_id'], 'req_1')
  return { status, headers, error }
}

const refusals: Record<Refusal['kind'], [Refusal, number]> = {
  unauthenticated: [{ kind: 'unauthenticated', why: 'unknown' }, 401],
  too_many_failures: [{ kind: 'too_many_failures', retryAfterMs: 5000 }, 429],
  unknown_route: [{ kind: 'unknown_route' }, 404],
  wrong_method: [{ kind: 'wrong_method', allow: 'POST' }, 405],
  bad_request: [{ kind: 'bad_request', message: 'x', param: 'n' }, 400],
  unsupported_encoding: [{ kind: 'unsupported_encoding', encoding: 'gzip' }, 415],
  too_large: [{ kind: 'too_large', maxBytes: 10 }, 413],
  body_timeout: [{ kind: 'body_timeout', timeoutMs: 10 }, 408],
  unknown_model: [{ kind: 'unknown_model', model: 'm' }, 404],
  identity_unavailable: [{ kind: 'identity_unavailable' }, 503],
  not_allowed: [{ kind: 'not_allowed', what: 'field', name: 'logprobs' }, 403],
  screened: [{ kind: 'screened', screens: ['flood'] }, 400],
  terms_unaccepted: [{ kind: 'terms_unaccepted', version: '1', url: 'https://example.com' }, 403],
  unpriced: [{ kind: 'unpriced', model: 'm' }, 403],
  overloaded: [{ kind: 'overloaded' }, 503],
  over_quota: [overQuota(1000), 429],
  draining: [{ kind: 'draining' }, 503],
  record_unavailable: [{ kind: 'record_unavailable' }, 503],
  limits_unavailable: [{ kind: 'limits_unavailable', limit: 'l' }, 503],
  blocked: [{ kind: 'blocked' }, 403],
  quarantined: [{ kind: 'quarantined' }, 403],
  step_up: [{ kind: 'step_up', url: 'https://example.com/weir/step-up' }, 403],
  cooling_down: [{ kind: 'cooling_down', retryAfterMs: 1000 }, 429],
  throttled: [{ kind: 'throttled', retryAfterMs: 1000 }, 429],
  switched_off: [{ kind: 'switched_off' }, 503],
}

test('every refusal is an answer in the dialect, with its status and the request id', () => {
  for (const [refusal, status] of Object.values(refusals)) {
    const answer = answerTo(refusal)
    assert.equal(answer.status, status, refusal.kind)
    assert.equal(typeof answer.error['code'], 'string')
    assert.equal(typeof answer.error['message'], 'string')
  }
})

test('each status brings the headers that belong to it, and no others', () => {
  assert.equal(answerTo(refusals.wrong_method[0]).headers['allow'], 'POST')
  assert.equal(answerTo(refusals.unauthenticated[0]).headers['www-authenticate'], 'Bearer')
  for (const kind of ['bad_request', 'too_large', 'unknown_route', 'unknown_model'] as const) {
    const names = Object.keys(answerTo(refusals[kind][0]).headers)
    assert.deepEqual(names, ['content-type', 'content-length', 'x-request-id'], kind)
  }
})

test('whatever is about time says when to come back', () => {
  for (const kind of ['over_quota', 'too_many_failures', 'draining', 'limits_unavailable'] as const) {
    const { headers } = answerTo(refusals[kind][0])
    assert.ok(Number(headers['retry-after']) >= 1, kind)
    assert.ok(Number(headers['retry-after-ms']) >= 1, kind)
  }
})

test('a wait of up to a minute is told in both units and may be retried', () => {
  fc.assert(
    fc.property(fc.nat(60_000), fc.string(), (ms, caller) => {
      const headers = retryHeaders(ms, caller)
      assert.deepEqual(Object.keys(headers), ['retry-after', 'retry-after-ms'])
      const waitMs = Number(headers['retry-after-ms'])
      assert.ok(waitMs >= ms && waitMs <= 60_000)
      assert.ok(Number(headers['retry-after']) <= 60)
    }),
  )
})

test('a wait of more than a minute says not to retry, and still how long it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60_001, max: 40 * 86_400_000 }), fc.string(), (ms, caller) => {
      const headers = retryHeaders(ms, caller)
      assert.equal(headers['x-should-retry'], 'false')
      assert.ok(Number(headers['retry-after-ms']) >= ms)
    }),
  )
})

test('the two units agree, in whole numbers, and seconds are never too few', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.string(), (ms, caller) => {
      const headers = retryHeaders(ms, caller)
      assert.match(headers['retry-after-ms']!, /^\d+$/)
      assert.match(headers['retry-after']!, /^\d+$/)
      assert.equal(Number(headers['retry-after']), Math.ceil(Number(headers['retry-after-ms']) / 1000))
      assert.ok(Number(headers['retry-after-ms']) >= ms)
    }),
  )
})

test('where no wait helps there is none, and where time is not the point nothing is said', () => {
  assert.deepEqual(retryHeaders(null, 'caller'), { 'x-should-retry': 'false' })
  assert.deepEqual(retryHeaders(undefined, 'caller'), {})
  assert.equal(answerTo(overQuota(null)).headers['x-should-retry'], 'false')
  assert.equal(answerTo(overQuota(null)).headers['retry-after'], undefined)
})

test('as a wait runs down, the moment that a caller is told stays nearly where it was', () => {
  // A millisecond that passes must move the told wait by a millisecond and a tenth, not by a new draw.
  for (const caller of ['acme', 'key-1', 'k1'])
    for (let ms = 40_000; ms > 0; ms -= 1) {
      const step = jittered(ms, caller) - jittered(ms - 1, caller)
      assert.ok(step >= 1 && step <= 2, `${caller}: ${step} ms at ${ms}`)
    }
})

test('the jitter is the same for the same caller, so that asking again gains nothing', () => {
  for (const ms of [0, 1, 999, 30_000, 59_999, 60_000, 60_001, 86_400_000]) {
    assert.equal(jittered(ms, 'acme'), jittered(ms, 'acme'))
  }
})

test('callers that are refused together come back apart', () => {
  // Drawn at random into that many milliseconds, 1,000 callers would hold 110, 657 and 906 different ones.
  for (const [ms, apart] of [
    [100, 50],
    [10_000, 600],
    [3_600_000, 850],
  ] as const) {
    const waits = Array.from({ length: 1000 }, (_, i) => jittered(ms, `key-${i}`))
    assert.ok(new Set(waits).size >= apart, `${new Set(waits).size} different waits of ${ms} ms`)
    assert.ok(Math.max(...waits) <= ms + 5000)
  }
})

test('a code of the status line is taken as it is', () => {
  const wire = { status: 502, code: 'upstream_error', message: 'x', param: null }
  const { status, headers } = wireAnswer(wire, openai, 'req_1', '')
  assert.equal(status, 502)
  assert.deepEqual(Object.keys(headers), ['content-type', 'content-length', 'x-request-id'])
})

test('a refusal never names the screen that found something', () => {
  const { error } = answerTo({ kind: 'screened', screens: ['invisible_unicode'] })
  assert.ok(!JSON.stringify(error).includes('invisible'))
})
