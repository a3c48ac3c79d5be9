import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Notes } from './notes.ts'
import { readOwn } from './own.ts'

const time = Date.UTC(2026, 5, 1)
const least = { time, key: 'k' }

test('every field of the format arrives where it belongs', () => {
  const notes = new Notes()
  const read = readOwn(
    {
      time: '2026-06-01T02:00:00+02:00',
      key: 'k',
      tenant: 't',
      user: 'u',
      ip: '203.0.113.9',
      asn: 64500,
      asn_type: 'hosting',
      country: 'DE',
      user_agent: 'ua',
      fingerprint: 'f',
      session: 's',
      profile: 'agent',
      account_created: '2026-01-01T00:00:00Z',
      endpoint: '/v1/chat/completions',
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
      params: { temperature: 0 },
      answer: 'Hello',
      input_tokens: 1,
      output_tokens: 2,
      cached_tokens: 0,
      reasoning_tokens: 1,
      cost_usd: 0.000001,
      status: 200,
      finish_reason: 'stop',
      latency_ms: 12.6,
      client_aborted: true,
      unknown: 'x',
    },
    notes,
  )
  assert.deepEqual(read.ok && read.value, {
    timeMs: time,
    key: 'k',
    tenant: 't',
    user: 'u',
    ip: '203.0.113.9',
    asn: 64500,
    asnType: 'hosting',
    country: 'DE',
    userAgent: 'ua',
    fingerprint: 'f',
    session: 's',
    profile: 'agent',
    accountCreatedMs: Date.UTC(2026, 0, 1),
    endpoint: '/v1/chat/completions',
    model: 'm',
    stream: true,
    turns: [{ role: 'user', text: 'Hi' }],
    params: { temperature: 0 },
    answer: 'Hello',
    inputTokens: 1,
    outputTokens: 2,
    cachedTokens: 0,
    reasoningTokens: 1,
    costNanoUsd: 1000,
    status: 200,
    finishReason: 'stop',
    latencyMs: 13,
    clientAborted: true,
  })
  assert.deepEqual(notes.list(), [])
})

test('time and key are enough, and everything else is then unknown', () => {
  const read = readOwn(least, new Notes())
  assert.ok(read.ok)
  const { timeMs, key, turns, params, clientAborted, ...rest } = read.value
  assert.deepEqual([timeMs, key, turns, params, clientAborted], [time, 'k', [], {}, false])
  assert.ok(Object.values(rest).every((value) => value === null))
})

test('a line without a good time or key is skipped, with what is known of it', () => {
  for (const [line, why, timeMs, key] of [
    [{}, 'no time', null, null],
    [{ key: 'k' }, 'no time', null, 'k'],
    [{ time }, 'no key', time, null],
    [{ time, key: '' }, 'a key that is not a text of 1 to 512 characters', time, null],
    [{ time, key: 7 }, 'a key that is not a text of 1 to 512 characters', time, null],
    [{ time, key: 'k'.repeat(513) }, 'a key that is not a text of 1 to 512 characters', time, null],
    [{ time: 'soon', key: 'k' }, 'a time that cannot be read', null, 'k'],
    [{ time: 12, key: 'k' }, 'a time before 2000 or after 2100', null, 'k'],
  ] as const) {
    assert.deepEqual(readOwn(line, new Notes()), { ok: false, error: { why, timeMs, key } })
  }
})

test('a wrong or absurd optional field is as if it were not there, and is counted', () => {
  const absurd: readonly (readonly [string, unknown])[] = [
    ...['tenant', 'user', 'ip', 'country', 'model', 'finish_reason'].map((name) => [name, 7] as const),
    ...['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'].flatMap((name) =>
      [-1, 1e300, 0.5, '12', Number.POSITIVE_INFINITY, Number.NaN].map((value) => [name, value] as const),
    ),
    ...[-1, 2 ** 32, 'AS1'].map((value) => ['asn', value] as const),
    ...[0, 99, 600, '200', 200.5].map((value) => ['status', value] as const),
    ...[-1, 1e12, true].map((value) => ['latency_ms', value] as const),
    ...[-1, 1e9, '1'].map((value) => ['cost_usd', value] as const),
    ...['true', 1, {}].flatMap((value) => [['stream', value] as const, ['client_aborted', value] as const]),
    ...['robot', 7].map((value) => ['profile', value] as const),
    ...['long ago', 1e300, 12].map((value) => ['account_created', value] as const),
    ...['x', [], 7].map((value) => ['params', value] as const),
  ]
  const expected = readOwn(least, new Notes())
  for (const [name, value] of absurd) {
    const notes = new Notes()
    assert.deepEqual(readOwn({ ...least, [name]: value }, notes), expected, `${name}: ${String(value)}`)
    assert.equal(
      notes.list().reduce((sum, { count }) => sum + count, 0),
      1,
      `${name}: ${String(value)}`,
    )
  }
})

test('a text too long for its field is cut, and null is nothing to speak of', () => {
  const notes = new Notes()
  const read = readOwn({ ...least, user_agent: 'u'.repeat(1_000_000), tenant: null, params: null, stream: null }, notes)
  assert.ok(read.ok)
  assert.equal(read.value.userAgent!.length, 1024)
  assert.deepEqual(notes.list(), [{ note: 'a text too long for its field was cut', count: 1, firstLine: 0 }])
})
