import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordedExchange } from '../core/recorded.ts'
import { Notes } from './notes.ts'
import { readOpenai } from './openai.ts'

type Line = Readonly<Record<string, unknown>>

const time = Date.UTC(2026, 5, 1, 12)
const messages = [{ role: 'user', content: 'Say hello' }]
const request = { model: 'gpt-4.1-mini', messages, temperature: 0.5, stream: false, user: 'u1' }
const response = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: time / 1000,
  model: 'gpt-4.1-mini-2025',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello!' } }],
  usage: {
    prompt_tokens: 13,
    completion_tokens: 8,
    total_tokens: 21,
    prompt_tokens_details: { cached_tokens: 5 },
    completion_tokens_details: { reasoning_tokens: 2 },
  },
}

function read(line: Line): RecordedExchange {
  const found = readOpenai(line, new Notes())
  assert.ok(found.ok, found.ok ? '' : found.error.why)
  return found.value
}

const expected: RecordedExchange = {
  timeMs: time,
  key: 'k',
  tenant: null,
  user: 'u1',
  ip: null,
  asn: null,
  asnType: null,
  country: null,
  userAgent: null,
  fingerprint: null,
  session: null,
  profile: null,
  accountCreatedMs: null,
  endpoint: null,
  model: 'gpt-4.1-mini',
  stream: false,
  turns: [{ role: 'user', text: 'Say hello' }],
  params: { temperature: 0.5 },
  answer: 'Hello!',
  inputTokens: 13,
  outputTokens: 8,
  cachedTokens: 5,
  reasoningTokens: 2,
  costNanoUsd: null,
  status: null,
  finishReason: 'stop',
  latencyMs: null,
  clientAborted: false,
}

test('a pair of bodies beside a time and a key', () => {
  const line = { timestamp: '2026-06-01T12:00:00Z', key: 'k', request, response }
  assert.deepEqual(read(line), expected)
  const folded = {
    timestamp: time / 1000,
    key_id: 'k',
    request: JSON.stringify(request),
    response: JSON.stringify(response),
  }
  assert.deepEqual(read(folded), expected)
})

test('a pair of HTTP messages: address, status and program, and of the secret a hash', () => {
  const headers = { Authorization: 'Bearer sk-abc123', 'User-Agent': 'curl/8.5.0' }
  const line = {
    request: { method: 'POST', url: 'https://api.example/v1/chat/completions?a=1', headers, body: request },
    response: { status_code: 200, headers: {}, body: response, error: null },
    latency_ms: 420,
    client_ip: '203.0.113.9',
    metadata: { org_id: 'org', session_id: 's' },
    cost: 0.5,
  }
  const { key, ...rest } = read(line)
  assert.match(key, /^sha256:[0-9a-f]{16}$/)
  assert.deepEqual(rest, {
    ...Object.fromEntries(Object.entries(expected).filter(([name]) => name !== 'key')),
    endpoint: '/v1/chat/completions',
    userAgent: 'curl/8.5.0',
    status: 200,
    latencyMs: 420,
    tenant: 'org',
    session: 's',
    ip: '203.0.113.9',
    costNanoUsd: 500_000_000,
  })
  assert.equal(read({ ...line, api_key: 'sk-abc123' }).key, key)
  const folded = {
    ...line,
    request: { ...line.request, body: JSON.stringify(request) },
    response: { status: 200, body: JSON.stringify(response) },
  }
  assert.deepEqual(read(folded), { key, ...rest })
})

test('a secret never becomes a key as it stands, and a hidden one is none', () => {
  for (const secret of ['sk-proj-0123456789', 'Bearer abcdef', 'AIzaSy0123456789', 'gsk_012345', 'xai-012345']) {
    const { key } = read({ time, request, response, api_key: secret })
    assert.match(key, /^sha256:/)
    assert.ok(!key.includes(secret.slice(-5)))
  }
  for (const authorization of ['[REDACTED]', 'Bearer ***', 'Bearer sk-xxxxxxxxxxxxxxxxxxxx', '<hidden>', '']) {
    assert.equal(read({ time, request: { headers: { authorization }, body: request }, response }).key, 'u1')
  }
})

test('lines of the batch API: the request beside the answer, dated by it', () => {
  const line = {
    id: 'batch_req_1',
    custom_id: 'request-1',
    method: 'POST',
    url: '/v1/chat/completions',
    body: request,
    key: 'k',
    response: { status_code: 200, request_id: 'r', body: response },
    error: null,
  }
  assert.deepEqual(read(line), { ...expected, endpoint: '/v1/chat/completions', status: 200 })
  const { body: _, ...output } = line
  const { turns, answer, model } = read(output)
  assert.deepEqual([turns, answer, model], [[], 'Hello!', 'gpt-4.1-mini-2025'])
})

test('a bare answer, with what was asked beside it', () => {
  const line = { ...response, key: 'k', messages, temperature: 0.5, time }
  assert.deepEqual(read(line), { ...expected, model: 'gpt-4.1-mini-2025', user: null, stream: null })
  assert.equal(read({ ...response, key: 'k' }).timeMs, time)
})

test('answers in the words of each API, streamed ones as the list of their chunks', () => {
  const chunk = (delta: object, finish_reason: string | null = null): object => ({
    choices: [{ delta, finish_reason }],
  })
  for (const [answer, text, finish, output] of [
    [
      { choices: [{ text: 'a', finish_reason: 'length' }, { text: 'b' }], usage: { completion_tokens: 3 } },
      'a\nb',
      'length',
      3,
    ],
    [
      {
        object: 'response',
        created_at: time / 1000,
        status: 'completed',
        output: [{ type: 'reasoning' }, { type: 'message', content: [{ type: 'output_text', text: 'a' }] }],
        usage: { input_tokens: 1, output_tokens: 4 },
      },
      ...(['a', 'completed', 4] as const),
    ],
    [
      {
        content: [{ type: 'thinking' }, { type: 'text', text: 'a' }],
        stop_reason: 'end_turn',
        usage: { output_tokens: 5 },
      },
      ...(['a', 'end_turn', 5] as const),
    ],
    [
      {
        candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }],
        usageMetadata: { candidatesTokenCount: 4, thoughtsTokenCount: 2 },
      },
      ...(['a', 'STOP', 6] as const),
    ],
    [[chunk({ role: 'assistant' }), chunk({ content: 'a' }), chunk({ content: 'b' }, 'stop')], 'ab', 'stop', null],
    ['plain', 'plain', null, null],
    [{}, null, null, null],
    [[], null, null, null],
  ] as const) {
    const { answer: found, finishReason, outputTokens } = read({ time, key: 'k', request, response: answer })
    assert.deepEqual([found, finishReason, outputTokens], [text, finish, output], JSON.stringify(answer))
  }
})

test("Anthropic's input is made whole with what its cache gave and took", () => {
  const usage = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 1000, output_tokens: 1 }
  const { inputTokens, cachedTokens } = read({ time, key: 'k', request, response: { content: [], usage } })
  assert.deepEqual([inputTokens, cachedTokens], [1110, 100])
})

test('errors have a status: the one that is logged, else that of a failed server', () => {
  const error = { error: { message: 'no' } }
  for (const [line, status] of [
    [{ response: { status_code: 429, body: error } }, 429],
    [{ response: error, status: 400 }, 400],
    [{ response: error }, 500],
    [{ response: { ...response, status: 'completed' }, status_code: 200 }, 200],
    [{ response: { status_code: '200', body: response } }, null],
  ] as const) {
    assert.equal(read({ time, key: 'k', request, ...line }).status, status)
  }
})

test('a line without a time or a key is skipped, and ids that are numbers are keys', () => {
  assert.deepEqual(readOpenai({ key: 'k', request }, new Notes()), {
    ok: false,
    error: { why: 'no time', timeMs: null, key: 'k' },
  })
  const { user: _, ...anonymous } = request
  assert.deepEqual(readOpenai({ time, request: anonymous }, new Notes()), {
    ok: false,
    error: { why: 'no key', timeMs: time, key: null },
  })
  assert.equal(read({ time, key_id: 12, request }).key, '12')
})

test('fields of any type break nothing', () => {
  const line: Line = { time, key: 'k', request, response, metadata: {}, status: 200, latency_ms: 1, url: '/v1' }
  for (const name of Object.keys(line).filter((name) => name !== 'time' && name !== 'key')) {
    for (const value of [
      null,
      7,
      'x',
      '{',
      [],
      {},
      [null],
      true,
      { body: 7, headers: 7, usage: 7, choices: [7], output: {} },
    ]) {
      assert.ok(readOpenai({ ...line, [name]: value }, new Notes()).ok, name)
    }
  }
})
