import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anthropicCountTokens } from './anthropic-count-tokens.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import type { Endpoint, Turn } from './dialect.ts'
import { geminiGenerate } from './gemini-generate.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiCompletions } from './openai-completions.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'
import { openaiResponses } from './openai-responses.ts'

function turn(endpoint: Endpoint, body: object): Turn | null {
  const target = { id: 'm', query: new URLSearchParams() }
  const read = endpoint.read(Buffer.from(JSON.stringify(body)), target, { maxMessages: 10_000, maxDepth: 64 })
  assert.ok(read.ok, JSON.stringify(read))
  return read.value.turn
}

const human = (text: string, turns = 1, system: string | null = null): Turn => ({ role: 'human', text, turns, system })
const tool = (text: string, turns = 1, system: string | null = null): Turn => ({ role: 'tool', text, turns, system })
const image = `data:image/png;base64,${'A'.repeat(100)}`

const chat = (...messages: object[]): Turn | null => turn(openaiChat, { model: 'm', messages })
const user = { role: 'user', content: 'why?' }

test('OpenAI chat: the last that is neither the model’s nor the system’s', () => {
  assert.deepEqual(chat(user), human('why?'))
  assert.deepEqual(chat({ role: 'system', content: 'be brief' }, user), human('why?', 2, 'be brief'))
  const developer = { role: 'developer', content: [{ type: 'text', text: 'be brief' }] }
  assert.deepEqual(chat(developer, user), human('why?', 2, 'be brief'))
  const started = { role: 'assistant', content: 'Because' }
  assert.deepEqual(chat(user, started, { role: 'system', content: 'later' }), human('why?', 3))
  const result = { role: 'tool', tool_call_id: 'call_1', content: '42' }
  assert.deepEqual(chat(user, { role: 'assistant', tool_calls: [] }, result), tool('42', 3))
  assert.deepEqual(chat(user, { role: 'function', name: 'f', content: '42' }), tool('42', 2))
  assert.deepEqual(chat({ role: 'User', content: 'any role that nobody knows' }), human('any role that nobody knows'))
  assert.deepEqual(chat({ role: 'system', content: 'all there is' }), human('all there is'))
})

test('OpenAI chat: parts are one text, and an image has none', () => {
  const parts = [
    { type: 'text', text: 'what is' },
    { type: 'image_url', image_url: { url: image } },
    { type: 'text', text: 'this?' },
  ]
  assert.deepEqual(chat({ role: 'user', content: parts }), human('what is\nthis?'))
  assert.equal(chat({ role: 'user', content: [parts[1]] }), null)
  assert.equal(chat({ role: 'user', content: null }), null)
})

test('completions: several prompts are several questions and no conversation; embeddings are nobody’s turn', () => {
  assert.deepEqual(turn(openaiCompletions, { model: 'm', prompt: 'once' }), human('once'))
  assert.deepEqual(turn(openaiCompletions, { model: 'm', prompt: ['a', 'b', 'c'] }), human('a\nb\nc'))
  assert.equal(turn(openaiCompletions, { model: 'm', prompt: [1, 2] }), null)
  assert.equal(turn(openaiEmbeddings, { model: 'm', input: 'a text' }), null)
})

test('OpenAI responses: text, messages, results of functions, instructions, what only the vendor has', () => {
  const respond = (over: object): Turn | null => turn(openaiResponses, { model: 'm', ...over })
  assert.deepEqual(respond({ input: 'why?' }), human('why?'))
  assert.deepEqual(respond({ input: 'why?', instructions: 'be brief' }), human('why?', 2, 'be brief'))
  const asked = { role: 'user', content: [{ type: 'input_text', text: 'why?' }] }
  const shown = { type: 'input_image', image_url: image, detail: 'low' }
  assert.deepEqual(respond({ input: [{ role: 'developer', content: 'brief' }, asked] }), human('why?', 2, 'brief'))
  assert.deepEqual(respond({ input: [{ ...asked, content: [...asked.content, shown] }] }), human('why?'))
  const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }
  const result = { type: 'function_call_output', call_id: 'c', output: '42' }
  assert.deepEqual(respond({ input: [asked, call, result] }), tool('42', 3))
  assert.deepEqual(respond({ input: [asked, call, result, { role: 'assistant', content: 'so' }] }), tool('42', 4))
  assert.deepEqual(respond({ input: 'and?', previous_response_id: 'resp_1' }), human('and?', 3))
  assert.equal(respond({ previous_response_id: 'resp_1' }), null)
  assert.equal(respond({ input: [{ type: 'item_reference', id: 'msg_1' }] }), null)
})

test('Anthropic: what is said beside results of tools, else the results', () => {
  const ask = (messages: object[], over: object = {}): Turn | null =>
    turn(anthropicMessages, { model: 'm', max_tokens: 9, messages, ...over })
  assert.deepEqual(ask([user]), human('why?'))
  assert.deepEqual(ask([user], { system: 'be brief' }), human('why?', 2, 'be brief'))
  const system = [{ type: 'text', text: 'be brief', cache_control: { type: 'ephemeral' } }]
  assert.deepEqual(ask([user, { role: 'assistant', content: 'Because' }], { system }), human('why?', 3, 'be brief'))
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: '42' }] }
  const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }] }
  assert.deepEqual(ask([user, use, { role: 'user', content: [result] }]), tool('42', 3))
  const both = [result, { type: 'text', text: 'and now?' }]
  assert.deepEqual(ask([user, use, { role: 'user', content: both }]), human('and now?', 3))
  const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' }
  assert.equal(ask([{ role: 'user', content: [{ type: 'image', source }] }]), null)
  assert.equal(turn(anthropicCountTokens, { model: 'm', messages: [user] }), null)
})

test('Gemini: parts in either spelling, results of functions, the system’s instruction', () => {
  const ask = (contents: unknown, over: object = {}): Turn | null => turn(geminiGenerate, { contents, ...over })
  const asked = { role: 'user', parts: [{ text: 'why?' }] }
  assert.deepEqual(ask([asked]), human('why?'))
  assert.deepEqual(ask({ parts: { text: 'why?' } }), human('why?'))
  const systemInstruction = { parts: [{ text: 'be brief' }] }
  assert.deepEqual(ask([asked], { systemInstruction }), human('why?', 2, 'be brief'))
  assert.deepEqual(ask([asked], { system_instruction: systemInstruction }), human('why?', 2, 'be brief'))
  const called = { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] }
  for (const name of ['functionResponse', 'function_response']) {
    const result = { [name]: { name: 'f', response: { result: '42' } } }
    const got = ask([asked, called, { role: 'function', parts: [result] }])
    assert.equal(got?.role, 'tool')
    assert.match(got.text, /42/)
    assert.deepEqual(ask([asked, called, { role: 'user', parts: [result, { text: 'so?' }] }]), human('so?', 3))
  }
  assert.equal(ask([{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }]), null)
  const inline = { inlineData: { mimeType: 'text/plain', data: Buffer.from('why?').toString('base64') } }
  assert.deepEqual(ask([{ role: 'user', parts: [inline] }]), human('why?'))
})

test('one text is given as it is; of several long ones no more than a bounded start and end', () => {
  const long = 'start '.repeat(300_000)
  assert.equal(chat({ role: 'user', content: long })?.text, long)
  const parts = ['first', long, 'x'.repeat(100_000), 'the very end'].map((text) => ({ type: 'text', text }))
  const { text } = chat({ role: 'user', content: parts })!
  assert.ok(text.length < 17_000)
  assert.ok(text.startsWith('first\nstart start') && text.endsWith('x\nthe very end'))
})
