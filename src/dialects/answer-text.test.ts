import assert from 'node:assert/strict'
import { test } from 'node:test'
import { vendorEndpoints, word } from '../../test/support/vendor-shapes.ts'
import { hearAnswer } from './answer-text.ts'
import { emptied } from './emptied.ts'

const heard = (value: unknown): Record<number, string> => {
  const texts: Record<number, string> = {}
  hearAnswer(value, (choice, text) => void (texts[choice] = (texts[choice] ?? '') + text))
  return texts
}

const said = `${word(0)}${word(1)}${word(2)}`
const speaking = vendorEndpoints.filter(({ stream }) => stream !== null)

test('every vendor’s answer is heard word for word, whole and as the events of a stream', () => {
  assert.ok(speaking.length >= 5)
  for (const { path, whole, stream } of speaking) {
    assert.deepEqual(heard(whole(3, 5, true)), { 0: said }, path)
    let streamed = ''
    for (const event of stream!(3, 5, true)) {
      const data = event.split('data: ')[1]!.trim()
      if (data === '[DONE]') continue
      hearAnswer(JSON.parse(data), (choice, text) => {
        assert.equal(choice, 0)
        streamed += text
      })
    }
    assert.equal(streamed, said, path)
  }
})

test('answers that were asked for at once are told apart, and reasoning, refusals and tools are heard', () => {
  const call = { function: { name: 'f', arguments: '{"a":1}' } }
  const choices = [
    { index: 1, delta: { content: 'one', reasoning_content: 'why ' } },
    { index: 0, delta: { refusal: 'no ', tool_calls: [call] } },
  ]
  assert.deepEqual(heard({ choices }), { 0: 'no {"a":1}', 1: 'why one' })
  const content = [
    { type: 'thinking', thinking: 'hm ' },
    { type: 'text', text: 'yes ' },
    { type: 'tool_use', input: { a: 1 } },
  ]
  assert.deepEqual(heard({ type: 'message', content }), { 0: 'hm yes {"a":1}' })
  assert.deepEqual(heard({ type: 'content_block_delta', delta: { partial_json: '{"a"' } }), { 0: '{"a"' })
  const output = [
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
    { type: 'function_call', arguments: '{}' },
  ]
  assert.deepEqual(heard({ output }), { 0: 'hm', 1: '{}' })
  const parts = [{ functionCall: { name: 'f', args: { a: 1 } } }]
  assert.deepEqual(heard({ candidates: [{ index: 2, content: { parts } }] }), { 2: '{"a":1}' })
})

test('nothing is heard of what is no answer, and nothing breaks by it', () => {
  for (const value of [null, 1, 'text', [], {}, { choices: [null, 1] }, { candidates: [{}] }, { content: [null] }]) {
    assert.deepEqual(heard(value), {})
  }
})

test('an emptied answer keeps what is not text, says that it met its bound, and holds not one word', () => {
  const reasons: Readonly<Record<string, string>> = {
    '/v1/chat/completions': '"finish_reason":"length"',
    '/v1/completions': '"finish_reason":"length"',
    '/v1/responses': '"reason":"max_output_tokens"',
    '/v1/messages': '"stop_reason":"max_tokens"',
  }
  for (const { path, whole } of speaking) {
    const before = whole(3, 5, true) as Record<string, unknown>
    const text = emptied(Buffer.from(JSON.stringify(before)))!.toString()
    assert.doesNotMatch(text, /tok\d/)
    assert.ok(text.includes(reasons[path] ?? '"finishReason":"MAX_TOKENS"'), `${path}: ${text}`)
    const after = JSON.parse(text) as Record<string, unknown>
    assert.deepEqual(Object.keys(after).sort(), Object.keys(before).sort(), path)
    for (const name of ['id', 'model', 'usage', 'usageMetadata']) assert.deepEqual(after[name], before[name])
  }
  for (const body of ['', '[]', '{}', '{"data":[]}']) assert.equal(emptied(Buffer.from(body)), null)
})
