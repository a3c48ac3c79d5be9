import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { noParams, type Call } from '../core/call.ts'
import { tokens } from '../core/usage.ts'
import { anyCall } from './testing.ts'
import type { BadBody, BodyChange, ReadCall } from './dialect.ts'
import { responsesStreams } from './fixtures/openai-responses-streams.ts'
import { openaiResponses } from './openai-responses.ts'

const bounds = { maxMessages: 100, maxDepth: 64 }
const target = { id: null, query: new URLSearchParams() }
const lower = (maxOutputTokens: number): BodyChange => ({ askUsage: true, maxOutputTokens })

const bodyOf = (over: object): string => JSON.stringify({ model: 'm', input: 'hi', ...over })
const tryRead = (over: object): ReturnType<typeof openaiResponses.read> =>
  openaiResponses.read(Buffer.from(bodyOf(over)), target, bounds)

function read(over: object): ReadCall {
  const result = tryRead(over)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}

function refused(over: object): BadBody {
  const result = tryRead(over)
  assert.ok(!result.ok, `accepted: ${JSON.stringify(over)}`)
  return result.error
}

const callOf = (over: object): Call => read(over).call
const encoded = (over: object, change: BodyChange): string =>
  Buffer.from(openaiResponses.encode(read(over), change)!).toString()

test('the smallest body is one message of the user', () => {
  const { call, asked, texts, upstreamPath } = read({})
  assert.deepEqual(call, {
    model: 'm',
    stream: false,
    promptBytes: 2,
    promptExtraTokens: 4,
    opaqueParts: 0,
    messages: 1,
    choices: 1,
    maxOutputTokens: null,
    user: null,
    session: null,
    wantsUsage: true,
    params: { ...noParams, fields: ['model', 'input'] },
  })
  assert.deepEqual([asked, texts, upstreamPath], ['hi', ['hi'], '/responses'])
  assert.deepEqual(callOf({ input: [{ role: 'user', content: 'hi' }] }), call, 'in either form')
})

test('everything that the model reads counts: instructions, items, tools, schemas, variables', () => {
  const { call, texts, asked } = read({
    instructions: 'rules',
    input: [
      { role: 'developer', content: 'more' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'look' },
          { type: 'input_image', image_url: 'data:,x', detail: 'low' },
        ],
      },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'result' },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'thought' }] },
    ],
    prompt: { id: 'pmpt_1', variables: { city: 'Lyon', photo: { type: 'input_image', file_id: 'file-1' } } },
    tools: [{ type: 'function', name: 'f' }],
    text: { format: { type: 'json_schema', schema: { a: 'b' } } },
  })
  for (const text of ['rules', 'more', 'look', '{}', 'result', 'thought', 'Lyon', 'b'])
    assert.ok(texts.includes(text), text)
  assert.ok(call.promptBytes >= texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0))
  assert.equal(call.opaqueParts, 3, 'two images and the template')
  assert.equal(call.promptExtraTokens, 5 * 4 + 85 + 765 + 2000)
  assert.equal(call.messages, 5)
  assert.equal(asked, 'look')
})

test('images, sounds, files and encrypted reasoning are guessed at, and what only looks like them is text', () => {
  const size = (part: object): number[] => {
    const { promptBytes, promptExtraTokens, opaqueParts } = callOf({ input: [{ role: 'user', content: [part] }] })
    return [promptBytes, promptExtraTokens - 4, opaqueParts]
  }
  const long = 'x'.repeat(1000)
  assert.deepEqual(size({ type: 'input_image', image_url: 'https://example.test/a.png' }), [0, 765, 1])
  assert.deepEqual(size({ type: 'input_image', file_id: 'file-1' }), [0, 765, 1])
  assert.deepEqual(size({ type: 'input_file', file_id: 'file-1' }), [0, 1000, 1])
  assert.deepEqual(size({ type: 'input_file', file_url: 'https://example.test/a.pdf' }), [0, 1000, 1])
  assert.deepEqual(size({ type: 'input_file', file_data: 'A'.repeat(640_000), filename: 'a.pdf' }), [5, 10_000, 1])
  assert.deepEqual(size({ type: 'input_audio', input_audio: { data: 'A', format: 'mp3' } }), [0, 500, 1])
  assert.deepEqual(size({ type: 'reasoning', encrypted_content: 'A'.repeat(1600) }), [0, 300, 1])
  for (const part of [
    { image_url: long },
    { file_id: long },
    { file_url: long },
    { input_audio: long },
    { anything: long },
  ]) {
    assert.deepEqual(size(part), [1000, 0, 0], Object.keys(part).join())
  }
})

test('what only the vendor has of a conversation counts as a part with a guess', () => {
  for (const over of [
    { previous_response_id: 'resp_0' },
    { conversation: 'conv_1' },
    { conversation: { id: 'conv_1' } },
    { prompt: { id: 'pmpt_1', version: '2' } },
    {
      input: [
        { role: 'user', content: 'hi' },
        { type: 'item_reference', id: 'msg_0' },
      ],
    },
    { input: [{ role: 'user', content: 'hi' }, { id: 'msg_0' }] },
  ]) {
    const { opaqueParts, promptExtraTokens, messages } = callOf(over)
    assert.deepEqual([opaqueParts, promptExtraTokens - messages * 4], [1, 2000], JSON.stringify(over))
  }
  assert.equal(callOf({ previous_response_id: null, conversation: null, prompt: null }).opaqueParts, 0)
})

test('input may be missing only where something stands for it', () => {
  assert.equal(refused({ input: undefined }).param, 'input')
  assert.equal(refused({ input: null }).param, 'input')
  assert.deepEqual(callOf({ input: undefined, prompt: { id: 'pmpt_1' } }).messages, 0)
  assert.equal(read({ input: undefined, previous_response_id: 'resp_0' }).asked, '')
})

test('what is asked is the latest text of the user, without names of files and details of images', () => {
  const content = [
    { type: 'input_file', filename: 'a.pdf', file_id: 'file-1' },
    { type: 'input_image', image_url: 'data:,x', detail: 'high' },
    { type: 'input_text', text: 'what is this' },
  ]
  const first = { role: 'user', content: 'first' }
  assert.equal(read({ input: [first, { role: 'user', content }] }).asked, 'what is this')
  assert.equal(read({ input: [first, { role: 'assistant', content: 'x' }] }).asked, 'first')
  assert.equal(read({ input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] }).asked, '')
})

test('a response in the background is refused: it would run on unmetered', () => {
  const { param, message } = refused({ background: true })
  assert.equal(param, 'background')
  assert.match(message, /background/)
  for (const background of ['true', 1, {}]) assert.equal(refused({ background }).param, 'background')
  for (const background of [false, null, undefined]) assert.ok(tryRead({ background }).ok)
})

test('each field that decides what is counted is refused when it is of a wrong kind', () => {
  const wrong = {
    model: [undefined, null, '', 7, {}, 'm'.repeat(257)],
    input: [7, true, {}],
    stream: ['true', 1, {}],
    max_output_tokens: [-1, 1.5, '10', true, 1e10],
    user: [7, {}, 'u'.repeat(513)],
    safety_identifier: [7, {}, 'u'.repeat(513)],
    metadata: [{ session_id: 7 }],
    temperature: ['0'],
    top_p: ['1'],
    tools: ['x', {}],
    max_tokens: [5],
    max_completion_tokens: [5],
    n_predict: [5],
  }
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values)
      assert.equal(refused({ [field]: value }).param, field, `${field}: ${JSON.stringify(value)}`)
  }
  assert.equal(refused({ input: [{ role: 'user' }, 'text'] }).param, 'input[1]')
  assert.equal(refused({ input: Array.from({ length: 101 }, () => ({})) }).param, 'input')
  for (const field of ['Input', 'MAX_output_tokens', 'Background', 'Previous_Response_id', 'ſtream', 'Prompt']) {
    assert.equal(refused({ [field]: null }).param, field.toUpperCase().toLowerCase(), field)
  }
})

test('who is served and what is set is read with the names of the vendor', () => {
  const call = callOf({
    safety_identifier: 'bob',
    metadata: { session_id: 's-1' },
    temperature: 0.5,
    top_p: 0.9,
    tools: [{ type: 'web_search' }],
    max_output_tokens: 50,
    stream: true,
  })
  assert.deepEqual([call.user, call.session, call.maxOutputTokens, call.stream], ['bob', 's-1', 50, true])
  assert.deepEqual([call.params.temperature, call.params.topP, call.params.tools], [0.5, 0.9, 1])
  assert.equal(callOf({ previous_response_id: 'resp_0', conversation: 'conv_1' }).session, null)
})

test('only a bound on output is ever changed, and never below what the vendor takes', () => {
  const bytes = Buffer.from(bodyOf({ stream: true }))
  const result = openaiResponses.read(bytes, target, bounds)
  assert.ok(result.ok)
  const same = openaiResponses.encode(result.value, { askUsage: true, maxOutputTokens: null })!
  assert.deepEqual([same.buffer, same.byteOffset, same.length], [bytes.buffer, bytes.byteOffset, bytes.length])
  assert.equal(encoded({}, lower(100)), `{"max_output_tokens":100,${bodyOf({}).slice(1)}`)
  assert.equal(encoded({ max_output_tokens: 500 }, lower(100)), bodyOf({ max_output_tokens: 100 }))
  assert.equal(encoded({ max_output_tokens: 50 }, lower(100)), bodyOf({ max_output_tokens: 50 }))
  assert.equal(encoded({ max_output_tokens: null }, lower(100)), bodyOf({ max_output_tokens: 100 }))
  assert.equal(encoded({ max_output_tokens: 500 }, lower(3)), bodyOf({ max_output_tokens: 16 }))
})

test('any body of JSON is read or refused, and what is read is bounded and typed', () => {
  fc.assert(
    fc.property(
      fc.record(
        {
          input: fc.jsonValue(),
          tools: fc.array(fc.jsonValue()),
          prompt: fc.jsonValue(),
          text: fc.jsonValue(),
          conversation: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
      (over) => {
        const result = tryRead(over)
        if (!result.ok) return
        const { promptBytes, promptExtraTokens, opaqueParts, messages } = result.value.call
        for (const value of [promptBytes, promptExtraTokens, opaqueParts, messages]) {
          assert.ok(Number.isSafeInteger(value) && value >= 0)
        }
        assert.equal(typeof result.value.asked, 'string')
      },
    ),
  )
})

test('a whole answer is read for its usage, its text and how it ended', () => {
  const { response } = responsesStreams['builtIn']!.at(-1)! as unknown as { response: object }
  assert.deepEqual(openaiResponses.readAnswer(Buffer.from(JSON.stringify(response)), anyCall), {
    usage: { ...tokens(40, 25), cachedTokens: 16, cacheWriteTokens: 4, reasoningTokens: 10, toolCalls: 3 },
    textBytes: Buffer.byteLength('riversprint(6 * 7)find{"path":"/"}shellls -la /homeThe answer is 42.'),
    choices: 1,
    finishReasons: ['completed'],
  })
  const cut = { output: [], status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
  assert.deepEqual(openaiResponses.readAnswer(Buffer.from(JSON.stringify(cut)), anyCall), {
    usage: null,
    textBytes: 0,
    choices: 1,
    finishReasons: ['max_output_tokens'],
  })
})

test('what is no response is not read, and never thrown', () => {
  for (const text of ['', '{', 'null', '[]', '"x"', '{}', '{"output":{}}', '{"output":"x"}']) {
    assert.equal(openaiResponses.readAnswer(Buffer.from(text), anyCall), null, text)
  }
  for (const output of [[null], ['x'], [7], [[]], [{ type: 'message', content: null }], [{ type: 7 }]]) {
    assert.ok(openaiResponses.readAnswer(Buffer.from(JSON.stringify({ output })), anyCall) !== null)
  }
  const deep = `${'['.repeat(500_000)}"x"${']'.repeat(500_000)}`
  assert.equal(openaiResponses.readAnswer(Buffer.from(`{"output":[${deep}]}`), anyCall)?.textBytes, 1)
})
