import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anthropicCountTokens } from './anthropic-count-tokens.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import type { BadBody, BodyChange, ReadCall } from './dialect.ts'

const bounds = { maxMessages: 1000, maxDepth: 64 }
const target = { id: null, query: new URLSearchParams() }
const messages = [{ role: 'user', content: 'hi' }]
const body = (over: object = {}): string => JSON.stringify({ model: 'm', max_tokens: 100, messages, ...over })
const unchanged: BodyChange = { askUsage: true, maxOutputTokens: null }

function read(text: string, endpoint = anthropicMessages): ReadCall {
  const result = endpoint.read(Buffer.from(text), target, bounds)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}

function refused(over: object | string, endpoint = anthropicMessages): BadBody {
  const result = endpoint.read(Buffer.from(typeof over === 'string' ? over : body(over)), target, bounds)
  assert.ok(!result.ok, JSON.stringify(over).slice(0, 200))
  return result.error
}

const lowered = (over: object, maxOutputTokens: number): Record<string, unknown> => {
  const call = read(body(over))
  return JSON.parse(
    Buffer.from(anthropicMessages.encode(call, { askUsage: true, maxOutputTokens })!).toString(),
  ) as Record<string, unknown>
}

const user = (...blocks: unknown[]): object => ({ messages: [{ role: 'user', content: blocks }] })

test('a call is read with its bound, its end user and its settings', () => {
  const { call, upstreamPath, asked, texts } = read(
    body({
      stream: true,
      system: 'Be brief.',
      metadata: { user_id: 'u1' },
      temperature: 0.5,
      top_p: 0.9,
      stop_sequences: ['a', 'bcd'],
    }),
  )
  assert.equal(upstreamPath, '/messages')
  assert.deepEqual(
    [call.model, call.stream, call.maxOutputTokens, call.user, call.session],
    ['m', true, 100, 'u1', null],
  )
  assert.deepEqual([call.choices, call.wantsUsage, call.messages, call.promptBytes], [1, true, 1, 11])
  assert.deepEqual(
    [call.params.temperature, call.params.topP, call.params.stops, call.params.longestStopChars],
    [0.5, 0.9, 2, 3],
  )
  assert.deepEqual([asked, texts], ['hi', ['Be brief.', 'hi']])
})

test('what decides is read strictly', () => {
  for (const [over, param] of [
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: null }, 'max_tokens'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ max_tokens: '100' }, 'max_tokens'],
    [{ max_tokens: 1e12 }, 'max_tokens'],
    [{ model: '' }, 'model'],
    [{ model: 7 }, 'model'],
    [{ messages: [] }, 'messages'],
    [{ messages: {} }, 'messages'],
    [{ messages: ['hi'] }, 'messages.0'],
    [{ messages: Array.from({ length: 1001 }, () => messages[0]) }, 'messages'],
    [{ stream: 'true' }, 'stream'],
    [{ stream: 1 }, 'stream'],
    [{ temperature: '1' }, 'temperature'],
    [{ stop_sequences: [1] }, 'stop_sequences'],
    [{ tools: {} }, 'tools'],
    [{ metadata: { user_id: 'x'.repeat(513) } }, 'metadata.user_id'],
    [{ metadata: { user_id: 7 } }, 'metadata.user_id'],
    [{ Max_Tokens: 5 }, 'max_tokens'],
    [{ ſtream: true }, 'stream'],
  ] as const) {
    assert.equal(refused(over).param, param, JSON.stringify(over).slice(0, 100))
  }
  refused(`{"max_tokens":1,${body().slice(1)}`)
  refused('[]')
  refused('')
})

test('no other model than the one asked for is let in by a side door', () => {
  const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'dear' }
  assert.equal(refused({ fallbacks: [{ model: 'dear' }] }).param, 'fallbacks')
  assert.equal(refused({ fallbacks: 'default' }).param, 'fallbacks')
  assert.equal(refused({ tools: [{ name: 'f' }, advisor] }).param, 'tools.1.model')
  const addition = { type: 'tool_addition', tool: { type: 'tool_definition', definition: advisor } }
  assert.equal(refused(user({ type: 'text', text: 'x' }, addition)).param, 'messages.0.content')
  assert.equal(refused({ fallbacks: [{ model: 'dear' }] }, anthropicCountTokens).param, 'fallbacks')
  read(body({ fallbacks: null, tools: [{ ...advisor, model: 'm' }] }))
})

test('everything that the model reads counts, wherever it stands', () => {
  const long = 'x'.repeat(1000)
  for (const over of [
    { system: long },
    { system: [{ type: 'text', text: long, cache_control: { type: 'ephemeral' } }] },
    user({ type: 'text', text: long }),
    user(long),
    user({ type: 'tool_result', tool_use_id: 't', content: long }),
    user({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: long }] }),
    user({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: long } }),
    user({ type: 'document', source: { type: 'content', content: [{ type: 'text', text: long }] } }),
    user({ type: 'document', title: long, source: { type: 'url', url: 'https://x' } }),
    user({ type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: long }] }),
    user({ type: 'tool_use', id: 't', name: 'f', input: { deep: [{ a: long }] } }),
    user({ type: 'tool_use', id: 't', name: 'f', input: { [long]: 1 } }),
    user({ type: 'thinking', thinking: long, signature: 's' }),
    // Names that mean something else elsewhere hide nothing here.
    user({
      type: 'tool_use',
      id: 't',
      name: 'f',
      input: { source: { type: 'base64', media_type: 'image/png', data: long } },
    }),
    user({ type: 'tool_use', id: 't', name: 'f', input: { signature: long } }),
    user({ type: 'text', text: '', signature: long }),
    user({ type: 'text', text: '', cache_control: long }),
    user({ type: 'text', text: '', cache_control: { type: long } }),
    user({ type: 'text', text: '', media_type: long }),
    user({ type: 'text', text: '', id: long }),
    user({ type: long }),
    user({ type: 'text', source: { type: 'base64', media_type: 'image/png', data: long } }),
    user({ type: 'text', source: { type: 'base64', media_type: 'application/pdf', data: long } }),
    user({ type: 'text', source: { type: 'url', url: long } }),
    user({ type: 'image', source: { type: 'base64', media_type: 'text/plain', data: long } }),
    user({ type: 'document', source: { type: 'base64', media_type: 'text/plain', data: long } }),
    user({ type: 'document', source: { type: 'other', data: long } }),
    { tools: [{ name: 'f', description: long }] },
    { tools: [{ name: 'f', input_schema: { properties: { [long]: {} } } }] },
    { output_config: { format: { type: 'json_schema', schema: { description: long } } } },
    { compaction: { type: 'summarize', instructions: long } },
    { context_management: { edits: [{ type: 'compact_20260112', instructions: long }] } },
  ]) {
    const { call, texts } = read(body(over))
    assert.ok(call.promptBytes >= 1000 && call.promptBytes < 1200, JSON.stringify(over).slice(0, 120))
    assert.ok(texts.includes(long) || JSON.stringify(over).includes(`"${long}":`))
  }
})

test('what only the vendor can read is no text, and costs a guess', () => {
  const data = 'A'.repeat(100_000)
  for (const [block, opaque, atLeast] of [
    [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }, 1, 1600],
    [{ type: 'image', source: { type: 'url', url: 'https://example.org/x.png' } }, 1, 1600],
    [{ type: 'image', source: { type: 'file', file_id: 'file_1' } }, 1, 1600],
    [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }, 1, 7000],
    [
      { type: 'tool_result', tool_use_id: 't', content: [{ type: 'image', source: { type: 'url', url: 'x' } }] },
      1,
      1600,
    ],
    [{ type: 'redacted_thinking', data }, 1, 16_000],
    [{ type: 'thinking', thinking: '', signature: data }, 0, 0],
    [{ type: 'container_upload', file_id: 'file_1' }, 1, 1000],
    [
      {
        type: 'web_search_tool_result',
        tool_use_id: 't',
        content: [{ type: 'web_search_result', encrypted_content: data }],
      },
      1,
      16_000,
    ],
  ] as const) {
    const { call, texts } = read(body(user(block)))
    assert.equal(call.opaqueParts, opaque, block.type)
    assert.ok(call.promptExtraTokens >= atLeast, block.type)
    assert.ok(call.promptBytes < 50 && !texts.includes(data), block.type)
  }
})

test('credentials of the client’s servers are no text', () => {
  const server = { type: 'url', url: 'https://mcp.test', name: 's', authorization_token: 'sEcReT' }
  const { call, texts } = read(body({ mcp_servers: [server], container: { id: 'c', skills: [{ skill_id: 'x' }] } }))
  assert.ok(!texts.join().includes('sEcReT'))
  assert.deepEqual([call.opaqueParts, call.promptBytes], [2, 2])
})

test('asked is the latest turn in which the user says something', () => {
  const asked = (turns: object[]): string => read(body({ messages: turns })).asked
  const result = { type: 'tool_result', tool_use_id: 't', content: 'result' }
  assert.equal(
    asked([
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'no' },
    ]),
    'first',
  )
  assert.equal(
    asked([
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'no' },
      { role: 'user', content: [result] },
    ]),
    'first',
  )
  assert.equal(
    asked([
      { role: 'user', content: 'first' },
      { role: 'user', content: [result, { type: 'text', text: 'and?' }] },
    ]),
    'and?',
  )
  assert.equal(asked([{ role: 'assistant', content: 'x' }]), '')
  assert.equal(asked([{ role: 'user', content: 7 }]), '')
})

test('without a reason to change it the very bytes go on', () => {
  const bytes = Buffer.from(` {"x" : 1e2, "max_tokens":100,"model":"m","messages":[{"content":"\\u00e9"}]}\n`)
  const result = anthropicMessages.read(bytes, target, bounds)
  assert.ok(result.ok)
  for (const change of [
    unchanged,
    { askUsage: false, maxOutputTokens: 100 },
    { askUsage: false, maxOutputTokens: 5000 },
  ]) {
    const sent = anthropicMessages.encode(result.value, change)
    assert.equal(sent?.buffer, bytes.buffer)
    assert.equal(sent?.length, bytes.length)
  }
})

test('the bound on output is lowered in its place, and a thinking budget stays below it', () => {
  const text = '{ "max_tokens" : 9e3 ,"model":"m", "messages":[{"content":"\\u00e9"}]}'
  const sent = anthropicMessages.encode(read(text), { askUsage: false, maxOutputTokens: 40.5 })
  assert.equal(Buffer.from(sent!).toString(), text.replace('9e3', '40'))
  assert.equal(lowered({}, 0)['max_tokens'], 1)
  const thinking = (budget: number): object => ({
    max_tokens: 9000,
    thinking: { type: 'enabled', budget_tokens: budget, x: 1 },
  })
  assert.deepEqual(lowered(thinking(4000), 5000)['thinking'], { type: 'enabled', budget_tokens: 4000, x: 1 })
  assert.deepEqual(lowered(thinking(4000), 2000)['thinking'], { type: 'enabled', budget_tokens: 1999, x: 1 })
  assert.deepEqual(lowered(thinking(4000), 1024)['thinking'], { type: 'disabled' })
  assert.deepEqual(lowered({ thinking: { type: 'adaptive' } }, 10)['thinking'], { type: 'adaptive' })
})

test('counting tokens reads the same prompt, needs no bound and generates nothing', () => {
  const text = JSON.stringify({ model: 'm', messages, system: 'abc' })
  const call = read(text, anthropicCountTokens)
  assert.equal(call.upstreamPath, '/messages/count_tokens')
  assert.deepEqual([call.call.promptBytes, call.call.maxOutputTokens, call.call.stream], [5, 0, false])
  assert.equal(Buffer.from(anthropicCountTokens.encode(call, { askUsage: true, maxOutputTokens: 5 })!).toString(), text)
  assert.equal(anthropicCountTokens.generates, false)
})
