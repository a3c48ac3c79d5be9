import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness } from '../../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../../test/support/scripted-upstream.ts'
import { finishDraft, startDraft } from '../core/draft.ts'
import { outcomes, type RequestEvent } from '../core/event.ts'
import { tokens } from '../core/usage.ts'
import { createMetrics } from './metrics.ts'

const event = (over: Partial<RequestEvent>): RequestEvent => ({
  ...finishDraft(startDraft('id', 1000, 'hash', '/v1/chat/completions', 'agent'), 3000),
  endpoint: 'openai.chat',
  status: 200,
  outcome: 'ok',
  ...over,
})

/** The sample of a series whose labels include these; undefined when there is none. */
function sample(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const line = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .find((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
}

async function rendered(...events: readonly RequestEvent[]): Promise<string> {
  const metrics = createMetrics()
  for (const one of events) metrics.sink(one, null)
  return metrics.render()
}

test('every outcome is a series of its own, by class of status', async () => {
  const statuses: Readonly<Record<string, number>> = { ok: 200, refused: 429, upstream_lost: 502, client_left: 0 }
  const text = await rendered(
    ...outcomes.flatMap((outcome) => {
      const one = event({ outcome, status: statuses[outcome] ?? 200 })
      return [one, one]
    }),
  )
  for (const outcome of outcomes) assert.equal(sample(text, 'weir_requests_total', { outcome }), 2, outcome)
  for (const [outcome, status] of [
    ['ok', '2xx'],
    ['refused', '4xx'],
    ['upstream_lost', '5xx'],
    ['client_left', 'none'],
  ] as const) {
    assert.equal(sample(text, 'weir_requests_total', { outcome, status, endpoint: 'openai.chat' }), 2)
  }
})

test('refusals count by reason, and those of a quota by limit', async () => {
  const quota = { kind: 'over_quota', resource: 'tokens', amount: 1, used: 1, requested: 1, retryAfterMs: 1 } as const
  const text = await rendered(
    event({ refusal: { ...quota, limit: 'tpm' } }),
    event({ refusal: { ...quota, limit: 'tpm' } }),
    event({ refusal: { kind: 'unknown_model', model: 'made-up' } }),
    event({ refusal: { kind: 'bad_request', message: 'made-up', param: 'made-up' } }),
  )
  assert.equal(sample(text, 'weir_refusals_total', { reason: 'over_quota', limit: 'tpm' }), 2)
  assert.equal(sample(text, 'weir_refusals_total', { reason: 'unknown_model', limit: '' }), 1)
  assert.doesNotMatch(text, /made-up/)
})

test('tokens count by who counted them, and not at all where nobody did', async () => {
  const usage = tokens(7, 5)
  const text = await rendered(
    event({ usage, usageSource: 'provider' }),
    event({ usage, usageSource: 'provider' }),
    event({ usage, usageSource: 'estimate' }),
    event({ usage, usageSource: 'none' }),
  )
  assert.equal(sample(text, 'weir_tokens_total', { kind: 'input', source: 'provider' }), 14)
  assert.equal(sample(text, 'weir_tokens_total', { kind: 'output', source: 'estimate' }), 5)
  assert.equal(sample(text, 'weir_tokens_total', { source: 'none' }), undefined)
})

test('what limits charged, left as debt, would have refused and cut is counted by limit', async () => {
  const charge = { limit: 'tpm', resource: 'tokens', units: 30, debt: 4 }
  const text = await rendered(
    event({ charges: [charge, { ...charge, limit: 'rpm', resource: 'requests', units: 1, debt: 0 }] }),
    event({ charges: [charge], shadow: ['trial'], cutBy: 'tpm', fault: 'dropped' }),
  )
  assert.equal(sample(text, 'weir_limit_charged_total', { limit: 'tpm', resource: 'tokens' }), 60)
  assert.equal(sample(text, 'weir_limit_charged_total', { limit: 'rpm' }), 1)
  assert.equal(sample(text, 'weir_limit_debt_total', { limit: 'tpm' }), 8)
  assert.equal(sample(text, 'weir_limit_debt_total', { limit: 'rpm' }), undefined)
  assert.equal(sample(text, 'weir_limit_shadow_total', { limit: 'trial' }), 1)
  assert.equal(sample(text, 'weir_streams_cut_total', { limit: 'tpm' }), 1)
  assert.equal(sample(text, 'weir_faults_total', { fault: 'dropped' }), 1)
})

test('times are in seconds, and a first byte counts only where there was one', async () => {
  const answer = { bytes: 1, textBytes: 1, chunks: 1, finishReasons: [], firstByteMs: 400 }
  const text = await rendered(event({ answer }), event({ answer: { ...answer, firstByteMs: null } }), event({}))
  assert.equal(sample(text, 'weir_request_seconds_count'), 3)
  assert.equal(sample(text, 'weir_request_seconds_sum'), 6)
  assert.equal(sample(text, 'weir_request_seconds_bucket', { le: '1' }), 0)
  assert.equal(sample(text, 'weir_request_seconds_bucket', { le: '2.5' }), 3)
  assert.equal(sample(text, 'weir_request_seconds_bucket', { le: '+Inf' }), 3)
  assert.equal(sample(text, 'weir_first_byte_seconds_count'), 1)
  assert.equal(sample(text, 'weir_first_byte_seconds_bucket', { le: '0.25' }), 0)
  assert.equal(sample(text, 'weir_first_byte_seconds_bucket', { le: '0.5' }), 1)
})

test('nothing that a client makes up becomes a series, and no flood of it grows the page', async () => {
  const metrics = createMetrics()
  const { weir, clock, chat, send } = harness(
    configOf('  - { name: per-user, per: [user, model, ip], requests: 1000, window: 1m }'),
    (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)),
    { sinks: [metrics.sink] },
  )
  metrics.watch(weir)
  const flood = async (from: number, to: number): Promise<number> => {
    for (let i = from; i < to; i++) {
      const name = `madeup${i}`
      chat({ model: name, user: name, [name]: name }, { headers: { 'user-agent': name, 'x-forwarded-for': name } })
      send({ target: `/v1/${name}?${name}`, method: i % 2 === 0 ? 'POST' : 'GET' })
      chat({}, { headers: { authorization: `Bearer ${name}` } })
      send({ body: name })
    }
    await clock.run()
    return (await metrics.render()).split('\n').filter((line) => line.startsWith('weir_')).length
  }
  const early = await flood(0, 10)
  const late = await flood(10, 60)
  const text = await metrics.render()
  assert.doesNotMatch(text, /madeup/)
  assert.equal(late, early)
  assert.ok((sample(text, 'weir_refusals_total', { reason: 'unknown_route' }) ?? 0) >= 60)
})

test('gauges read the running Weir at the time of asking', async () => {
  const metrics = createMetrics()
  const { weir, clock, chat } = harness(
    configOf('  - { name: rpm, per: [key], requests: 1000, window: 1m }'),
    (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10_000)),
    { sinks: [metrics.sink] },
  )
  metrics.watch(weir)
  chat({})
  await clock.advance(1)
  assert.equal(sample(await metrics.render(), 'weir_in_flight'), 1)
  await clock.run()
  const text = await metrics.render()
  assert.equal(sample(text, 'weir_in_flight'), 0)
  assert.equal(sample(text, 'weir_counters'), 1)
  assert.equal(sample(text, 'weir_events_lost'), 0)
  assert.equal(sample(text, 'weir_limits_degraded'), 0)
})

test('each made metrics are their own', async () => {
  const metrics = createMetrics()
  createMetrics().sink(event({}), null)
  assert.equal(sample(await metrics.render(), 'weir_requests_total', { outcome: 'ok' }), undefined)
})
