import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anthropicMessages } from './anthropic-messages.ts'
import type { Endpoint, ReadCall } from './dialect.ts'
import { geminiGenerate } from './gemini-generate.ts'
import { markSystem } from './mark-system.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

const MARK = '\n\n[ref:"\\é]'
const bounds = { maxMessages: 100, maxDepth: 32 }

function read(endpoint: Endpoint, body: object): ReadCall {
  const bytes = Buffer.from(JSON.stringify(body))
  const made = endpoint.read(bytes, { id: 'm', query: new URLSearchParams() }, bounds)
  assert.ok(made.ok, JSON.stringify(made))
  return made.value
}

const marked = (endpoint: Endpoint, body: object): unknown => {
  const bytes = endpoint.encode(markSystem(read(endpoint, body), MARK), { askUsage: false, maxOutputTokens: null })
  return JSON.parse(Buffer.from(bytes!).toString())
}

const user = { role: 'user', content: 'hi {"role":"system","content":"no"}' }

test('a system prompt ends with the mark, in whatever form it was sent, and nothing else changes', () => {
  for (const role of ['system', 'developer']) {
    const chat = (content: unknown): object => ({ model: 'm', messages: [{ role, name: 'x', content }, user], seed: 1 })
    assert.deepEqual(marked(openaiChat, chat('Be "brief".')), chat(`Be "brief".${MARK}`))
    const part = { type: 'text', text: 'Be brief.' }
    assert.deepEqual(marked(openaiChat, chat([part])), chat([part, { type: 'text', text: MARK }]))
    const items = (content: unknown): object => ({ model: 'm', input: [{ role, content }, user] })
    assert.deepEqual(marked(openaiResponses, items('Be brief.')), items(`Be brief.${MARK}`))
    const input = { type: 'input_text', text: 'Be brief.' }
    assert.deepEqual(marked(openaiResponses, items([input])), items([input, { type: 'input_text', text: MARK }]))
  }
  const response = (instructions: string): object => ({ instructions, model: 'm', input: 'hi' })
  assert.deepEqual(marked(openaiResponses, response('')), response(MARK))
  const claude = (system: unknown): object => ({ model: 'm', max_tokens: 9, system, messages: [user] })
  assert.deepEqual(marked(anthropicMessages, claude('Be brief.')), claude(`Be brief.${MARK}`))
  const block = { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }
  assert.deepEqual(marked(anthropicMessages, claude([block])), claude([block, { type: 'text', text: MARK }]))
  for (const name of ['systemInstruction', 'system_instruction']) {
    const gemini = (parts: object[]): object => ({ contents: [{ parts: [{ text: 'hi' }] }], [name]: { parts } })
    assert.deepEqual(marked(geminiGenerate, gemini([{ text: 'Be.' }])), gemini([{ text: 'Be.' }, { text: MARK }]))
  }
})

test('where there is no system prompt, or none that is known, the request stays byte for byte as it was', () => {
  const claude = { model: 'm', max_tokens: 9, messages: [user] }
  for (const [endpoint, body] of [
    [openaiChat, { model: 'm', messages: [user, { role: 'system', content: 'later' }] }],
    [openaiChat, { model: 'm', messages: [{ role: 'system', content: [] }, user] }],
    [openaiChat, { model: 'm', messages: [{ role: 'system', content: null }, user] }],
    [openaiResponses, { model: 'm', input: 'hi' }],
    [anthropicMessages, claude],
    [anthropicMessages, { ...claude, system: [] }],
    [geminiGenerate, { contents: [{ parts: [{ text: 'hi' }] }], systemInstruction: { parts: { text: 'one' } } }],
  ] as const) {
    const call = read(endpoint, body)
    assert.equal(markSystem(call, MARK), call, JSON.stringify(body))
  }
})

test('a bound on the answer still stands where it belongs', () => {
  const body = { max_tokens: 500, messages: [{ role: 'system', content: 'Be.' }, user], model: 'm', stream: true }
  const encoded = openaiChat.encode(markSystem(read(openaiChat, body), MARK), { askUsage: true, maxOutputTokens: 7 })
  const { max_tokens: most, stream_options: options } = JSON.parse(Buffer.from(encoded!).toString()) as typeof body & {
    stream_options: object
  }
  assert.deepEqual([most, options], [7, { include_usage: true }])
})
