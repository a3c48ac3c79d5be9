import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { answerLength, readDemoRequest, tokenize, type DemoProblem, type DemoRequest } from './demo-request.ts'

const read = (body: unknown): DemoRequest | DemoProblem => readDemoRequest(Buffer.from(JSON.stringify(body)))
const good = (over: object = {}): DemoRequest => {
  const result = read({ model: 'weir-demo-small', messages: [{ role: 'user', content: 'hello there' }], ...over })
  assert.ok('prompt' in result, JSON.stringify(result))
  return result
}
const says = (content: string): DemoRequest => good({ messages: [{ role: 'user', content }] })

test('tokens put together again are the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(tokenize(text).join(''), text)
    }),
  )
  assert.deepEqual(tokenize('Hello you'), ['Hell', 'o', ' you'])
})

test('the prompt is the last user message without its directive, and every message is counted', () => {
  const request = good({
    messages: [
      { role: 'system', content: 'abcd' },
      { role: 'user', content: 'first' },
      { role: 'assistant', content: null },
      { role: 'user', content: [{ type: 'text', text: 'Two [[demo: tokens=3]]' }, { type: 'image_url' }] },
    ],
  })
  assert.equal(request.prompt, 'Two')
  assert.equal(answerLength(request), 3)
  const last = tokenize('Two [[demo: tokens=3]] ').length
  assert.equal(request.promptTokens, 1 + 2 + 0 + last + 4 * 4)
})

test('tools count into the prompt and the one that is named is called', () => {
  const tools = ['lookup', 'weather'].map((name) => ({ type: 'function', function: { name, parameters: {} } }))
  const request = good({ messages: [{ role: 'user', content: 'the weather' }], tools })
  assert.equal(request.tool?.name, 'weather')
  const plain = good({ messages: [{ role: 'user', content: 'the weather' }] })
  assert.equal(request.promptTokens - plain.promptTokens, tokenize(JSON.stringify(tools)).length)
  assert.equal(good({ tools }).tool, null)
})

test('only the large model thinks, and only when asked', () => {
  assert.equal(good({ model: 'weir-demo-large', reasoning_effort: 'low' }).reasoningTokens, 64)
  assert.equal(good({ model: 'weir-demo-large' }).reasoningTokens, 0)
  assert.equal(good({ reasoning_effort: 'low' }).reasoningTokens, 0)
})

test('directives are read, and what is no sensible number is no directive', () => {
  const { directive } = says(
    '[[demo: status=429 delay_ms=5 pace_tps=7 drop_after=1 stall_after=2 tokens=9 crlf no_done]]',
  )
  assert.deepEqual(
    { ...directive, flags: [...directive.flags] },
    {
      status: 429,
      delayMs: 5,
      tokensPerSecond: 7,
      dropAfter: 1,
      stallAfter: 2,
      tokens: 9,
      flags: ['crlf', 'no_done'],
    },
  )
  for (const value of ['x', '-1', '1e99', '', 'Infinity', 'NaN', '12345678901']) {
    const odd = says(
      ['status', 'delay_ms', 'pace_tps', 'tokens']
        .map((key) => `${key}=${value}`)
        .join(' ')
        .replace(/.*/, '[[demo: $&]]'),
    ).directive
    assert.deepEqual([odd.status, odd.delayMs, odd.tokensPerSecond, odd.tokens], [null, null, null, null], value)
  }
  for (const status of ['0', '99', '200', '302', '600', '1000']) {
    assert.equal(says(`[[demo: status=${status}]]`).directive.status, null, `${status} is no error status`)
  }
})

test('no prompt makes an answer of more than 200,000 tokens, over all choices', () => {
  for (const n of [1, 2, 128]) {
    const request = good({ n, messages: [{ role: 'user', content: '[[demo: tokens=999999999]]' }] })
    assert.ok(answerLength(request) * request.choices <= 200_000)
    assert.ok(answerLength(request) > 1000)
  }
})

test('an unknown model is 404, a name that starts with demo- is known', () => {
  const unknown = read({ model: 'gpt-9', messages: [] })
  assert.ok('status' in unknown)
  assert.deepEqual([unknown.status, unknown.code], [404, 'model_not_found'])
  assert.equal(good({ model: 'demo-model' }).model, 'demo-model')
})

test('a malformed body is answered with 400 and never with an exception', () => {
  const messages = [{ role: 'user', content: 'x' }]
  const bodies: unknown[] = [
    null,
    1,
    'text',
    [],
    {},
    { model: 'demo-a' },
    { model: 1, messages },
    { model: 'demo-a', messages: {} },
    { model: 'demo-a', messages: [null] },
    { model: 'demo-a', messages: ['x'] },
    { model: 'demo-a', messages: [{ role: 'user', content: [null] }] },
    { model: 'demo-a', messages, tools: [null] },
    { model: 'demo-a', messages, tools: 'x' },
    ...[-1, 0, 129, 1.5, 'x'].map((n) => ({ model: 'demo-a', messages, n })),
    ...[-1, 0, 0.5, {}].map((max) => ({ model: 'demo-a', messages, max_tokens: max })),
    { model: 'demo-a', messages, max_completion_tokens: -5 },
    { model: 'demo-a', messages, top_logprobs: 1e9 },
    { model: 'demo-a', messages, top_logprobs: -1 },
  ]
  for (const body of bodies) {
    const result = read(body)
    assert.ok('message' in result, JSON.stringify(body))
    assert.equal(result.status, 400, JSON.stringify(body))
  }
  for (const text of ['', '{', '\u0000']) {
    const result = readDemoRequest(Buffer.from(text))
    assert.ok('message' in result && result.status === 400)
  }
  assert.ok('message' in readDemoRequest(null))
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  assert.doesNotThrow(() => readDemoRequest(Buffer.from(`{"model":"demo-a","messages":[],"tools":${deep}}`)))
})

test('any JSON at all is read or refused', () => {
  const field = fc.constantFrom('model', 'messages', 'tools', 'n', 'stop', 'stream_options', 'top_logprobs')
  fc.assert(
    fc.property(fc.dictionary(field, fc.jsonValue({ maxDepth: 3 })), (over) => {
      const result = read({ model: 'demo-a', messages: [{ role: 'user', content: 'x' }], ...over })
      assert.ok('prompt' in result || result.status === 400 || result.status === 404)
    }),
    { numRuns: 300 },
  )
})
