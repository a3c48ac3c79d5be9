import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anthropicMessages } from './anthropic-messages.ts'
import type { Endpoint, ReadCall } from './dialect.ts'
import { withModel } from './edit-read.ts'
import { geminiStream } from './gemini-generate.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiCompletions } from './openai-completions.ts'
import { openaiModel } from './openai-models.ts'
import { openaiResponses } from './openai-responses.ts'

const bounds = { maxMessages: 100, maxDepth: 32 }

function read(endpoint: Endpoint, text: string, id: string | null = null, query = ''): ReadCall {
  const made = endpoint.read(Buffer.from(text), { id, query: new URLSearchParams(query) }, bounds)
  assert.ok(made.ok, JSON.stringify(made))
  return made.value
}

const unchanged = { askUsage: false, maxOutputTokens: null }
const sent = (endpoint: Endpoint, call: ReadCall): string => Buffer.from(endpoint.encode(call, unchanged)!).toString()

const messages = '[{"role":"user","content":"hé, \\"model\\": x"}]'

test('the model is another one and every other byte as it was sent, wherever the field stands', () => {
  const cases: readonly (readonly [Endpoint, string])[] = [
    [openaiChat, `{ "model" : "alias-1" ,"messages":${messages},"temperature":1.0}`],
    [openaiChat, `{"messages":${messages},"seed":12345678901234567890,"model":"alias-1"}`],
    [openaiCompletions, '{"prompt":"alias-1","model":"alias-1"}'],
    [openaiResponses, '{"input":"alias-1","model":"alias-1"}'],
    [anthropicMessages, `{"model":"alias-1","max_tokens":5,"messages":${messages}}`],
  ]
  for (const [endpoint, text] of cases) {
    const renamed = withModel(read(endpoint, text), 'a-longer-real-model')
    const at = text.lastIndexOf(
      '"alias-1"',
      text.includes('"prompt"') || text.includes('"input"') ? undefined : Infinity,
    )
    assert.equal(sent(endpoint, renamed), `${text.slice(0, at)}"a-longer-real-model"${text.slice(at + 9)}`)
    assert.equal(renamed.call.model, 'a-longer-real-model')
    assert.equal(renamed.body['model'], 'a-longer-real-model')
  }
})

test('what is changed afterwards is changed in the right place', () => {
  const text = `{"stream":true,"model":"alias-1","messages":${messages},"max_tokens":500,"stream_options":{"x":1}}`
  for (const model of ['m', 'a-much-longer-name-than-before', 'ünïcode "quoted"']) {
    const renamed = withModel(read(openaiChat, text), model)
    const body = openaiChat.encode(renamed, { askUsage: true, maxOutputTokens: 64 })!
    const asked = JSON.parse(Buffer.from(body).toString()) as object
    const whole = JSON.parse(text) as object
    assert.deepEqual(asked, { ...whole, model, max_tokens: 64, stream_options: { x: 1, include_usage: true } })
  }
})

test('a model in the path is another one there, and where the body repeats it', () => {
  const text = '{"contents":[{"parts":[{"text":"hi"}]}],"model":"models/alias-1"}'
  const renamed = withModel(read(geminiStream, text, 'alias-1', 'alt=sse'), 'gemini-real')
  assert.equal(renamed.upstreamPath, '/models/gemini-real:streamGenerateContent?alt=sse')
  assert.equal(sent(geminiStream, renamed), text.replace('alias-1', 'gemini-real'))
  const plain = read(geminiStream, '{"contents":[{"parts":[{"text":"hi"}]}]}', 'alias-1', 'alt=sse')
  assert.equal(withModel(plain, 'g').upstreamPath, '/models/g:streamGenerateContent?alt=sse')
  assert.equal(withModel(read(openaiModel, '', 'alias-1'), 'org/real').upstreamPath, '/models/org%2Freal')
})
