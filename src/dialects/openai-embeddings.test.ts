import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokens } from '../core/usage.ts'
import { anyCall } from './testing.ts'
import type { BadBody, ReadCall } from './dialect.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'

const target = { id: null, query: new URLSearchParams() }
const tryRead = (over: object): ReturnType<typeof openaiEmbeddings.read> =>
  openaiEmbeddings.read(Buffer.from(JSON.stringify({ model: 'm', input: 'hi', ...over })), target, {
    maxMessages: 3000,
    maxDepth: 64,
  })

function read(over: object): ReadCall {
  const result = tryRead(over)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}

function refused(over: object): BadBody {
  const result = tryRead(over)
  assert.ok(!result.ok, `accepted: ${JSON.stringify(over).slice(0, 200)}`)
  return result.error
}

test('input is counted in each of its forms, and nothing is held for output', () => {
  for (const [input, bytes, extra, count] of [
    ['héy', 4, 0, 1],
    [['ab', 'cde'], 5, 0, 2],
    [[1, 2, 3], 0, 3, 1],
    [[[1, 2], [3]], 0, 3, 2],
  ] as const) {
    const { call, upstreamPath } = read({ input })
    assert.deepEqual([call.promptBytes, call.promptExtraTokens, call.messages], [bytes, extra, count])
    assert.deepEqual([call.maxOutputTokens, call.choices, call.stream], [0, 1, false])
    assert.equal(upstreamPath, '/embeddings')
  }
  const { texts, asked, call } = read({ input: ['first', 'middle', 'last'], user: 'alice', dimensions: 8 })
  assert.deepEqual([texts, asked, call.user], [['first', 'middle', 'last'], 'first\nlast', 'alice'])
})

test('a list is bounded as the vendor bounds it, and one input of tokens by the body alone', () => {
  const many = (length: number, value: unknown): unknown[] => Array.from({ length }, () => value)
  assert.ok(tryRead({ input: many(2048, 'a') }).ok)
  assert.equal(refused({ input: many(2049, 'a') }).param, 'input')
  assert.equal(refused({ input: many(2049, [1]) }).param, 'input')
  assert.equal(read({ input: many(8191, 7) }).call.promptExtraTokens, 8191)
})

test('what is wrong is refused and named', () => {
  for (const [field, values] of Object.entries({
    model: [undefined, null, '', 7],
    input: [undefined, null, 7, {}, [], [[]], ['a', 1], [['a']], [1.5], [null]],
    stream: [true, 'false', 1],
    user: [7],
  })) {
    for (const value of values)
      assert.equal(refused({ [field]: value }).param, field, `${field}: ${JSON.stringify(value)}`)
  }
  assert.equal(refused({ Input: 'x' }).param, 'input')
  assert.ok(tryRead({ stream: false }).ok && tryRead({ stream: null }).ok)
})

test('the body goes on as it came', () => {
  const body = Buffer.from('{ "model":"m", "input" : ["\\u00e9"], "x":1e2 }')
  const result = openaiEmbeddings.read(body, target, { maxMessages: 10, maxDepth: 64 })
  assert.ok(result.ok)
  const sent = openaiEmbeddings.encode(result.value, { askUsage: true, maxOutputTokens: 5 })!
  assert.deepEqual([sent.buffer, sent.byteOffset, sent.length], [body.buffer, body.byteOffset, body.length])
})

test('numbers are no text, in either of their encodings, and usage is whole without a count of output', () => {
  const usage = { prompt_tokens: 8, total_tokens: 8 }
  for (const embedding of [[0.1, -0.2, 1e-9], 'AAAAAAAAAAAA'.repeat(1000)]) {
    const answer = { object: 'list', data: [{ object: 'embedding', index: 0, embedding }], model: 'm', usage }
    assert.deepEqual(openaiEmbeddings.readAnswer(Buffer.from(JSON.stringify(answer)), anyCall), {
      usage: tokens(8, 0),
      textBytes: 0,
      choices: 1,
      finishReasons: [],
    })
  }
  const usageOf = (given: unknown): unknown =>
    openaiEmbeddings.readAnswer(Buffer.from(JSON.stringify({ data: [], usage: given })), anyCall)?.usage
  assert.equal(usageOf({ total_tokens: 8 }), null)
  assert.equal(usageOf(null), null)
  assert.equal(usageOf('8'), null)
  assert.deepEqual(usageOf({ prompt_tokens: 0 }), tokens(0, 0))
})

test('what is no list of embeddings is not read', () => {
  for (const text of ['', '{', '[]', '{}', '{"data":{}}', '{"choices":[]}']) {
    assert.equal(openaiEmbeddings.readAnswer(Buffer.from(text), anyCall), null, text)
  }
  const reader = openaiEmbeddings.reader(read({}).call, { id: 'r', createdS: 1 })
  assert.equal(reader.read('{"data":"text"}'), 'unreadable', 'a stream is no answer here')
})
