import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { noParams } from '../core/call.ts'
import type { BadBody } from './dialect.ts'
import { openaiChat } from './openai-chat.ts'

const bounds = { maxMessages: 1000, maxDepth: 64 }
const target = { id: null, query: new URLSearchParams() }
const messages = [{ role: 'user', content: 'hi' }]

const read = (body: string | Uint8Array, over = {}): ReturnType<typeof openaiChat.read> =>
  openaiChat.read(typeof body === 'string' ? Buffer.from(body) : body, target, { ...bounds, ...over })

function refused(body: string | Uint8Array, over = {}): BadBody {
  const result = read(body, over)
  assert.ok(!result.ok, `accepted: ${String(body).slice(0, 200)}`)
  return result.error
}

const chat = (over: object): string => JSON.stringify({ model: 'm', messages, ...over })

const paramOf = (over: object): string | null => refused(chat(over)).param

test('the smallest valid body is read with the defaults of the vendor', () => {
  const result = read(chat({}))
  assert.ok(result.ok)
  assert.deepEqual(result.value.call, {
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
    wantsUsage: false,
    params: { ...noParams, fields: ['model', 'messages'] },
  })
  assert.equal(result.value.upstreamPath, '/chat/completions')
})

test('null stands for a field that was left out', () => {
  const nulls = {
    stream: null,
    n: null,
    max_tokens: null,
    max_completion_tokens: null,
    stream_options: null,
    user: null,
    safety_identifier: null,
    metadata: null,
    temperature: null,
    top_p: null,
    stop: null,
    tools: null,
    prediction: null,
  }
  const [plain, withNulls] = [read(chat({})), read(chat(nulls))]
  assert.ok(plain.ok && withNulls.ok)
  const { params, ...rest } = withNulls.value.call
  const { params: plainParams, ...plainRest } = plain.value.call
  assert.deepEqual(rest, plainRest)
  assert.deepEqual({ ...params, fields: [] }, { ...plainParams, fields: [] })
})

test('each field that decides what is counted is refused when it is of a wrong kind', () => {
  const wrong = {
    model: [undefined, null, '', 7, ['m'], {}, 'm'.repeat(257)],
    messages: [undefined, null, [], {}, 'hi', 7],
    stream: ['true', 1, 0, {}, []],
    n: [0, -1, 1.5, 129, '2', true, [], {}, 1e300],
    max_tokens: [-1, 1.5, '10', true, 1e10, [], {}],
    max_completion_tokens: [-1, 1.5, '10', true, 1e10, [], {}],
    stream_options: ['x', 1, true, []],
    user: [7, true, {}, [], 'u'.repeat(513)],
    safety_identifier: [7, true, {}, [], 'u'.repeat(513)],
    metadata: [{ session_id: 7 }, { session_id: {} }, { session_id: 's'.repeat(513) }],
    temperature: ['0', true, {}, []],
    top_p: ['1', true, {}, []],
    stop: [7, [7], ['a', null], {}],
    tools: ['x', {}, 7],
  }
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) assert.equal(paramOf({ [field]: value }), field, `${field}: ${JSON.stringify(value)}`)
  }
})

test('other names for a bound, and answers that are generated and not sent, are refused', () => {
  for (const field of ['max_output_tokens', 'max_new_tokens', 'n_predict', 'best_of']) {
    assert.equal(paramOf({ [field]: 5, max_tokens: 5 }), field)
    assert.ok(read(chat({ [field]: null })).ok)
  }
})

test('numbers that no counter could hold are refused', () => {
  for (const number of ['1e400', '-1e400', '9007199254740993', '1e-1']) {
    for (const field of ['n', 'max_tokens', 'max_completion_tokens']) {
      assert.equal(refused(`{"model":"m","messages":[{}],"${field}":${number}}`).param, field, `${field} ${number}`)
    }
  }
})

test('the bounds themselves are allowed', () => {
  for (const over of [{ n: 1 }, { n: 128 }, { max_tokens: 0 }, { model: 'm'.repeat(256) }, { user: 'u'.repeat(512) }]) {
    assert.ok(read(chat(over)).ok, JSON.stringify(over).slice(0, 40))
  }
  assert.ok(read('{"model":"m","messages":[{}],"n":2.0,"max_tokens":1e1}').ok, 'whole numbers in any notation')
})

test('a message that is no object is refused and named', () => {
  for (const stray of [null, 'hi', 7, [], true]) {
    assert.equal(paramOf({ messages: [...messages, {}, stray] }), 'messages[2]')
  }
})

test('more messages than the bound are refused and as many as the bound are not', () => {
  const many = (count: number): string => chat({ messages: Array.from({ length: count }, () => messages[0]) })
  assert.ok(read(many(1000)).ok)
  assert.equal(refused(many(1001)).param, 'messages')
  assert.equal(refused(many(100_000)).param, 'messages')
})

test('what is no JSON object in UTF-8 is refused, never thrown', () => {
  const good = chat({})
  const bad = [
    '',
    ' ',
    'null',
    '[]',
    '"text"',
    '7',
    'true',
    '{',
    '}',
    '{}x',
    good.slice(0, -1),
    `${good}{}`,
    `${good}\0`,
    `\uFEFF${good}`,
    good.replace('"m"', "'m'"),
    good.replace('"m"', '"m",'),
    good.replace('hi', 'h\ni'),
    good.replace('"m"', 'NaN'),
    `// comment\n${good}`,
  ]
  for (const body of bad) assert.match(refused(body).message, /JSON/, JSON.stringify(body))
})

test('bytes that are not UTF-8 are refused wherever they stand', () => {
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
    for (const [before, after] of [
      ['{"model":"', '","messages":[{}]}'],
      ['{"model":"m","messages":[{"content":"', '"}]}'],
      ['{"model":"m","', '":1,"messages":[{}]}'],
      ['{"model":"m","messages":[{}]}', ''],
    ] as const) {
      const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])
      assert.match(refused(body).message, /UTF-8/)
    }
  }
  assert.match(refused(Buffer.from(chat({}), 'utf16le')).message, /JSON/)
})

test('a key that stands twice is refused at any depth and in any spelling', () => {
  for (const body of [
    '{"model":"m","messages":[{}],"model":"dear"}',
    '{"model":"m","messages":[{}],"\\u006dodel":"dear"}',
    '{"model":"m","messages":[{}],"stream":false,"s\\u0074ream":true}',
    '{"model":"m","messages":[{"content":"short","content":"long"}]}',
    '{"model":"m","messages":[{"content":[{"text":"a","t\\u0065xt":"b"}]}]}',
    '{"model":"m","messages":[{}],"tools":[{"a":{"b":{"c":1,"d":[],"c":2}}}]}',
    '{"model":"m","messages":[{}],"\\ud83d\\ude00":1,"😀":2}',
  ]) {
    assert.match(refused(body).message, /twice/, body)
  }
})

test('another case of a field that counts is refused, as parsers that fold case would take it', () => {
  for (const [key, meant] of [
    ['Model', 'model'],
    ['MESSAGES', 'messages'],
    ['Stream', 'stream'],
    ['ſtream', 'stream'],
    ['\\u017ftream', 'stream'],
    ['ſtream_optionſ', 'stream_options'],
    ['max_toKens', 'max_tokens'],
    ['max_to\u212aens', 'max_tokens'],
    ['MAX_COMPLETION_TO\\u212aENS', 'max_completion_tokens'],
    ['N', 'n'],
    ['User', 'user'],
    ['uſer', 'user'],
    ['Tools', 'tools'],
    ['Functions', 'functions'],
    ['responSe_format', 'response_format'],
    ['Metadata', 'metadata'],
    ['Temperature', 'temperature'],
    ['TOP_P', 'top_p'],
    ['Stop', 'stop'],
    ['Prediction', 'prediction'],
    ['safety_Identifier', 'safety_identifier'],
    ['Best_of', 'best_of'],
  ] as const) {
    const { param, message } = refused(`{"model":"m","messages":[{}],"${key}":null}`)
    assert.equal(param, meant, key)
    assert.match(message, new RegExp(`"${meant}"`))
  }
  assert.ok(read(chat({ Seed: 1, LOGPROBS: true, Größe: 1, İ: 1 })).ok, 'fields that do not count are free')
})

test('nesting beyond the bound is refused, however deep it goes', () => {
  const nested = (levels: number): string =>
    chat({ x: 0 }).replace('"x":0', `"x":${'['.repeat(levels)}${']'.repeat(levels)}`)
  assert.ok(read(nested(63)).ok)
  assert.match(refused(nested(64)).message, /deeper than 64/)
  assert.match(refused(nested(1_000_000)).message, /deeper than 64/)
  assert.match(refused('['.repeat(1_000_000)).message, /JSON/)
  assert.match(refused('{"a":'.repeat(1_000_000)).message, /JSON/)
})

test('a refusal is short, whatever the body holds', () => {
  const long = 'k'.repeat(1_000_000)
  for (const body of [
    `{"${long}":1,"${long}":2,"model":"m","messages":[{}]}`,
    chat({ user: long }),
    chat({ model: long }),
    long,
  ]) {
    const { message, param } = refused(body)
    assert.ok(message.length + (param ?? '').length < 200)
  }
})

test('any mutation of a body is read or refused, and what is read is bounded and typed', () => {
  const body = Buffer.from(
    JSON.stringify({
      model: 'm',
      messages,
      n: 2,
      max_tokens: 10,
      stream: true,
      stream_options: { include_usage: true },
    }),
  )
  const edit = fc.tuple(fc.nat(body.length), fc.nat(3), fc.uint8Array({ maxLength: 6 }))
  const tokens = fc
    .constantFrom('{', '}', '[', '"', ',', ':', '1e9', 'null', '-', '\\u0000', '"n":3,')
    .map((text) => Buffer.from(text))
  const edits = fc.array(fc.tuple(edit, fc.option(tokens)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(edits, (list) => {
      let bytes = body
      for (const [[at, drop, noise], token] of list) {
        bytes = Buffer.concat([bytes.subarray(0, at), token ?? noise, bytes.subarray(at + drop)])
      }
      const result = read(bytes)
      if (!result.ok) return
      const { call } = result.value
      for (const value of [call.promptBytes, call.promptExtraTokens, call.opaqueParts, call.messages, call.choices]) {
        assert.ok(Number.isSafeInteger(value) && value >= 0)
      }
      assert.ok(call.choices >= 1 && call.choices <= 128)
      assert.equal(typeof call.stream, 'boolean')
      assert.deepEqual(Buffer.from(openaiChat.encode(result.value, { askUsage: false, maxOutputTokens: null })!), bytes)
      JSON.parse(Buffer.from(openaiChat.encode(result.value, { askUsage: true, maxOutputTokens: 3 })!).toString())
    }),
    { numRuns: 2000 },
  )
})
