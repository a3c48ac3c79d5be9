import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokens } from '../core/usage.ts'
import { anyCall } from './testing.ts'
import { anthropicMessages } from './anthropic-messages.ts'

const answer = (over: object): Uint8Array => Buffer.from(JSON.stringify({ type: 'message', content: [], ...over }))

test('an answer counts what the model wrote, and usage is the vendor’s', () => {
  const content = [
    { type: 'thinking', thinking: 'abc', signature: 'de' },
    { type: 'text', text: 'é', citations: [{ cited_text: 'x'.repeat(500) }] },
    { type: 'tool_use', id: 'toolu_1', name: 'get', input: { city: 'Rome', n: 12 } },
    { type: 'web_search_tool_result', tool_use_id: 't', content: [{ encrypted_content: 'x'.repeat(500) }] },
  ]
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 100,
    output_tokens: 50,
    output_tokens_details: { thinking_tokens: 30 },
    server_tool_use: { web_search_requests: 2, web_fetch_requests: 4 },
  }
  assert.deepEqual(anthropicMessages.readAnswer(answer({ content, usage, stop_reason: 'tool_use' }), anyCall), {
    usage: { ...tokens(115, 50), cachedTokens: 100, cacheWriteTokens: 5, reasoningTokens: 30, toolCalls: 2 },
    textBytes: 3 + 2 + 2 + 3 + 8 + 3,
    choices: 1,
    finishReasons: ['tool_use'],
  })
})

test('work of summaries and advisors is billed beside the sums, and counts', () => {
  const step = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 1, cache_creation_input_tokens: 2 }
  const types = ['message', 'compaction', 'advisor_message', 'fallback_message', 'unheard_of']
  const iterations = [null, ...types.map((type) => Object.assign({ type }, step))]
  const usage = { input_tokens: 1, output_tokens: 1, iterations }
  assert.deepEqual(anthropicMessages.readAnswer(answer({ usage }), anyCall)?.usage, {
    ...tokens(1 + 39, 1 + 15),
    cachedTokens: 3,
    cacheWriteTokens: 6,
  })
})

test('an explicit zero is zero, and half a report is none', () => {
  const usageOf = (usage: unknown): unknown => anthropicMessages.readAnswer(answer({ usage }), anyCall)?.usage
  assert.deepEqual(usageOf({ input_tokens: 0, output_tokens: 0 }), tokens(0, 0))
  assert.deepEqual(usageOf({ input_tokens: 1, output_tokens: 2, cache_read_input_tokens: null }), tokens(1, 2))
  for (const half of [
    undefined,
    null,
    7,
    [],
    {},
    { input_tokens: 5 },
    { output_tokens: 5 },
    { input_tokens: -1, output_tokens: 5 },
    { input_tokens: '1', output_tokens: 1 },
    { input_tokens: 1.5, output_tokens: 1 },
  ])
    assert.equal(usageOf(half), null, JSON.stringify(half))
})

test('what is no message is no answer', () => {
  for (const bytes of ['', '[]', '{}', '{"content":"x"}', '{"content":null}', 'null'])
    assert.equal(anthropicMessages.readAnswer(Buffer.from(bytes), anyCall), null, bytes)
})
