import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLitellm } from './litellm.ts'
import { Notes } from './notes.ts'
import type { RecordedExchange } from '../core/recorded.ts'

const start = Date.UTC(2026, 5, 1, 9, 20, 46)

function read(line: Readonly<Record<string, unknown>>): RecordedExchange {
  const found = readLitellm(line, new Notes())
  assert.ok(found.ok, found.ok ? '' : found.error.why)
  return found.value
}

const response = {
  id: 'chatcmpl-1',
  created: 1_780_305_647,
  model: 'gpt-4o-2024-08-06',
  object: 'chat.completion',
  choices: [{ finish_reason: 'stop', index: 0, message: { content: 'hi', role: 'assistant', tool_calls: null } }],
  usage: {
    completion_tokens: 20,
    prompt_tokens: 10,
    total_tokens: 30,
    completion_tokens_details: { reasoning_tokens: 4 },
    prompt_tokens_details: { cached_tokens: 6 },
  },
}

/** As its loggers write it, for instance into a bucket. */
const payload = {
  id: 'chatcmpl-1',
  trace_id: 'trace-1',
  call_type: 'acompletion',
  cache_hit: null,
  stream: true,
  status: 'success',
  custom_llm_provider: 'openai',
  saved_cache_cost: 0,
  response_cost: 0.000225,
  startTime: start / 1000 + 0.847,
  endTime: start / 1000 + 1.5,
  response_time: 0.6,
  model: 'gpt-4o',
  model_group: 'fast',
  total_tokens: 30,
  prompt_tokens: 10,
  completion_tokens: 20,
  request_tags: [],
  end_user: 'end-1',
  requester_ip_address: '203.0.113.9',
  model_parameters: { temperature: 0.2 },
  metadata: {
    user_api_key_hash: 'hash-1',
    user_api_key_alias: 'alias',
    user_api_key_team_id: 'team-1',
    user_api_key_user_id: 'owner-1',
    user_agent: 'OpenAI/Python 1.99',
    user_api_key_request_route: '/v1/chat/completions',
  },
  messages: [{ role: 'user', content: 'Hello, world!' }],
  response,
}

test('a payload of its loggers', () => {
  assert.deepEqual(read(payload), {
    timeMs: start + 847,
    key: 'hash-1',
    tenant: 'team-1',
    user: 'end-1',
    ip: '203.0.113.9',
    asn: null,
    asnType: null,
    country: null,
    userAgent: 'OpenAI/Python 1.99',
    fingerprint: null,
    session: 'trace-1',
    profile: null,
    accountCreatedMs: null,
    endpoint: '/v1/chat/completions',
    model: 'fast',
    stream: true,
    turns: [{ role: 'user', text: 'Hello, world!' }],
    params: { temperature: 0.2 },
    answer: 'hi',
    inputTokens: 10,
    outputTokens: 20,
    cachedTokens: 6,
    reasoningTokens: 4,
    costNanoUsd: 225_000,
    status: 200,
    finishReason: 'stop',
    latencyMs: 653,
    clientAborted: false,
  })
})

/** A row of its database, whose JSON columns are texts, and whose prompt is in the request that the proxy keeps. */
const row = {
  request_id: 'chatcmpl-1',
  session_id: 'session-1',
  call_type: 'acompletion',
  api_key: 'hash-1',
  cache_hit: 'None',
  startTime: '2026-06-01 09:20:46.847371',
  endTime: '2026-06-01 09:20:47.500000',
  model: 'gpt-4o',
  user: '',
  team_id: '',
  organization_id: '',
  spend: 0.000225,
  total_tokens: 30,
  prompt_tokens: 10,
  completion_tokens: 20,
  end_user: '',
  model_group: '',
  requester_ip_address: null,
  status: 'success',
  request_tags: '[]',
  metadata: JSON.stringify({ user_agent: 'curl/8', usage_object: response.usage }),
  messages: '{}',
  response: JSON.stringify({ ...response, usage: undefined }),
  proxy_server_request: JSON.stringify({
    model: 'gpt-4o',
    temperature: 0.2,
    stream: false,
    user: 'u',
    messages: [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    ],
  }),
}

test('a row of its spend logs', () => {
  assert.deepEqual(read(row), {
    timeMs: start + 847,
    key: 'hash-1',
    tenant: null,
    user: null,
    ip: null,
    asn: null,
    asnType: null,
    country: null,
    userAgent: 'curl/8',
    fingerprint: null,
    session: 'session-1',
    profile: null,
    accountCreatedMs: null,
    endpoint: 'acompletion',
    model: 'gpt-4o',
    stream: false,
    turns: [
      { role: 'system', text: 'Be short.' },
      { role: 'user', text: 'Hello' },
    ],
    params: { temperature: 0.2 },
    answer: 'hi',
    inputTokens: 10,
    outputTokens: 20,
    cachedTokens: 6,
    reasoningTokens: 4,
    costNanoUsd: 225_000,
    status: 200,
    finishReason: 'stop',
    latencyMs: 653,
    clientAborted: false,
  })
})

test('a log without prompts gives all the numbers, and no text', () => {
  const { turns, answer, inputTokens } = read({ ...row, response: '{}', proxy_server_request: '{}' })
  assert.deepEqual([turns, answer, inputTokens], [[], null, 10])
})

test('the key is the virtual key, and where there is none, whoever has called', () => {
  const { metadata: _, ...line } = payload
  const bare = { ...line, end_user: '' }
  for (const [more, key] of [
    [{ metadata: { user_api_key_hash: 'a', user_api_key_user_id: 'b' }, api_key: 'c' }, 'a'],
    [{ metadata: { user_api_key_hash: null, user_api_key_user_id: 'b' }, api_key: 'c' }, 'c'],
    [{ metadata: { user_api_key: 'd', user_api_key_user_id: 'b' }, api_key: '' }, 'd'],
    [{ metadata: { user_api_key_user_id: 'b' }, end_user: 'e' }, 'b'],
    [{ end_user: 'e' }, 'e'],
  ] as const) {
    assert.equal(read({ ...bare, ...more }).key, key)
  }
  assert.deepEqual(readLitellm(bare, new Notes()), {
    ok: false,
    error: { why: 'no key', timeMs: start + 847, key: null },
  })
})

test('failures have the status that they were answered with, or the server is taken to have failed', () => {
  for (const [more, status] of [
    [{ error_information: { error_code: '429' } }, 429],
    [{ error_information: { error_code: '' } }, 500],
    [{ error_information: { error_code: 'Timeout' } }, 500],
    [{}, 500],
  ] as const) {
    const { metadata } = payload
    assert.equal(read({ ...payload, status: 'failure', response: null, ...more }).status, status)
    assert.equal(
      read({ ...payload, status: undefined, metadata: { ...metadata, status: 'failure', ...more } }).status,
      status,
    )
  }
  assert.equal(read({ ...payload, status: undefined }).status, null)
})

test('times that make no sense make no latency', () => {
  assert.equal(read({ ...payload, endTime: payload.startTime - 5 }).latencyMs, null)
  assert.equal(read({ ...payload, endTime: 'later' }).latencyMs, null)
  assert.equal(read({ ...payload, endTime: undefined }).latencyMs, null)
  assert.equal(read({ ...payload, request_duration_ms: 77 }).latencyMs, 77)
})

test('columns of any type break nothing', () => {
  for (const name of Object.keys(payload)) {
    if (name === 'startTime') continue
    for (const value of [null, 7, 'x', '{', '[1]', [], {}, [null], { usage: 7, choices: [7, {}] }, true]) {
      const found = readLitellm({ ...payload, api_key: 'k', [name]: value }, new Notes())
      assert.ok(found.ok, name)
    }
  }
})
