import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Call } from '../core/call.ts'
import { tokens } from '../core/usage.ts'
import { anyCall } from './testing.ts'
import type { BodyChange, ReadCall } from './dialect.ts'
import { openaiChat } from './openai-chat.ts'

const bounds = { maxMessages: 100_000, maxDepth: 64 }
const messages = [{ role: 'user', content: 'hi' }]
const target = { id: null, query: new URLSearchParams() }
const unchanged: BodyChange = { askUsage: false, maxOutputTokens: null }
const asking: BodyChange = { askUsage: true, maxOutputTokens: null }

function read(body: string | Uint8Array): ReadCall {
  const result = openaiChat.read(typeof body === 'string' ? Buffer.from(body) : body, target, bounds)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}

const chat = (over: object): string => JSON.stringify({ model: 'm', messages, ...over })
const callOf = (over: object): Call => read(chat(over)).call
const encode = (body: string | Uint8Array, change: BodyChange): Uint8Array | null =>
  openaiChat.encode(read(body), change)
const encoded = (body: string, change: BodyChange): string => Buffer.from(encode(body, change)!).toString()
const changed = (over: object, change: BodyChange): Record<string, unknown> =>
  JSON.parse(encoded(chat(over), change)) as Record<string, unknown>

/** The same bytes in the same place: nothing was copied. */
function assertSame(sent: Uint8Array | null, came: Buffer): void {
  assert.ok(sent !== null)
  assert.equal(sent.buffer, came.buffer)
  assert.deepEqual([sent.byteOffset, sent.length], [came.byteOffset, came.length])
}

test('without a reason to change it the body that goes on is the very one that came', () => {
  const body = Buffer.from(` {\r\n"messages":[{"content":"\\ud800 \\u00e9 é"}] , "x":1e+2,"model"\t:"m"}\n`)
  assertSame(encode(body, unchanged), body)
  // Not a stream, so there is no usage chunk to ask for.
  assertSame(encode(body, asking), body)
})

test('unknown fields, odd numbers and lone surrogates pass as they were written', () => {
  const extra = '"seed":1e2,"big":123456789012345678901234567890,"s":"\\ud800","\\udc00":"\\u0000","t":1.50'
  const body = `{"model":"m","stream":true,${extra},"messages":[{"role":"user","content":"\\ud83d x"}]}`
  assert.equal(encoded(body, unchanged), body)
  assert.equal(encoded(body, asking), `{"stream_options":{"include_usage":true},${body.slice(1)}`)
})

test('usage is asked for by changing stream_options alone', () => {
  for (const [given, expected] of [
    ['null', '{"include_usage":true}'],
    ['{}', '{"include_usage":true}'],
    ['{ "include_usage" : false }', '{"include_usage":true}'],
    ['{"include_usage":1}', '{"include_usage":true}'],
    ['{"include_obfuscation":false}', '{"include_obfuscation":false,"include_usage":true}'],
    ['{"include_usage":null,"x":["é"]}', '{"include_usage":true,"x":["é"]}'],
  ] as const) {
    const body = (options: string): string =>
      `{"a":0, "stream_options" : ${options} ,"model":"m","stream":true,"messages":[{"content":"}\\""}]}`
    assert.equal(encoded(body(given), asking), body(expected))
  }
})

test('a client that asked for usage itself has its own bytes sent on', () => {
  const body = `{"stream":true,"stream_options":{ "include_usage" : true },${chat({}).slice(1)}`
  assert.equal(read(body).call.wantsUsage, true)
  assert.equal(encoded(body, asking), body)
  for (const options of [
    undefined,
    null,
    {},
    { include_usage: false },
    { include_usage: 'true' },
    { include_usage: 1 },
  ]) {
    assert.equal(callOf({ stream: true, stream_options: options }).wantsUsage, false)
  }
})

test('the bound on output covers all choices, by the larger of its two names', () => {
  assert.equal(callOf({ max_tokens: 10 }).maxOutputTokens, 10)
  assert.equal(callOf({ max_completion_tokens: 10, n: 3 }).maxOutputTokens, 30)
  assert.equal(callOf({ max_tokens: 5, max_completion_tokens: 10 }).maxOutputTokens, 10)
  assert.equal(callOf({ max_tokens: 10, max_completion_tokens: null }).maxOutputTokens, 10)
  assert.equal(callOf({ max_tokens: 0 }).maxOutputTokens, 0)
  assert.equal(callOf({ n: 3 }).maxOutputTokens, null)
})

test('lowering the bound on output shares it between the choices', () => {
  const lower = (over: object, maxOutputTokens: number): Record<string, unknown> =>
    changed(over, { askUsage: false, maxOutputTokens })
  assert.equal(lower({ max_tokens: 100 }, 40)['max_tokens'], 40)
  assert.equal(lower({ max_tokens: 100, n: 3 }, 100)['max_tokens'], 33)
  assert.equal(lower({ max_completion_tokens: 100, n: 2 }, 41)['max_completion_tokens'], 20)
  assert.equal(lower({ max_tokens: 100, n: 8 }, 3)['max_tokens'], 1, 'an answer of no token does not exist')
  assert.equal(lower({ max_tokens: 10 }, 40)['max_tokens'], 10, 'never raised')
  assert.equal(lower({ max_tokens: 10, n: 2 }, 40)['max_tokens'], 10)
})

test('a bound on output is added under the newer name where the client gave none', () => {
  const lower = { askUsage: false, maxOutputTokens: 30 }
  assert.equal(encoded(chat({}), lower), `{"max_completion_tokens":30,${chat({}).slice(1)}`)
  assert.equal(changed({ n: 4 }, lower)['max_completion_tokens'], 7)
  assert.deepEqual(changed({ max_tokens: null }, lower), {
    model: 'm',
    messages,
    max_tokens: null,
    max_completion_tokens: 30,
  })
  const nulls = '{"model":"m","max_completion_tokens" : null ,"messages":[{}]}'
  assert.equal(encoded(nulls, lower), nulls.replace('null', '30'))
})

test('of two bounds on output each is lowered on its own', () => {
  const body = chat({ max_tokens: 100, max_completion_tokens: 20 })
  assert.equal(encoded(body, { askUsage: false, maxOutputTokens: 50 }), body.replace('100', '50'))
})

test('all changes at once leave every other byte as it was', () => {
  const body = '{ "max_tokens": 9e2,"model":"m", "stream":true , "messages":[{"content":"\\u00fc {"}],"n":2}'
  const expected = `{"stream_options":{"include_usage":true},${body.slice(1).replace('9e2', '50')}`
  assert.equal(encoded(body, { askUsage: true, maxOutputTokens: 100 }), expected)
})

test('any change reads back as the body with that change', () => {
  const body = fc.record(
    {
      stream: fc.boolean(),
      n: fc.integer({ min: 1, max: 4 }),
      max_tokens: fc.option(fc.nat(1000)),
      max_completion_tokens: fc.option(fc.nat(1000)),
      stream_options: fc.option(fc.record({ include_usage: fc.boolean(), x: fc.jsonValue() }, { requiredKeys: [] })),
      extra: fc.jsonValue({ maxDepth: 3 }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(body, fc.boolean(), fc.option(fc.nat(2000)), fc.nat(4), (over, askUsage, most, indent) => {
      const before = JSON.parse(chat(over)) as Record<string, unknown>
      const text = encoded(JSON.stringify(before, null, indent), { askUsage, maxOutputTokens: most })
      const after = read(text)
      const {
        max_tokens: a,
        max_completion_tokens: b,
        stream_options: options,
        ...rest
      } = JSON.parse(text) as typeof before
      const { max_tokens: a0, max_completion_tokens: b0, stream_options: options0, ...rest0 } = before
      assert.deepEqual(rest, rest0)
      if (askUsage && over.stream === true) assert.equal(after.call.wantsUsage, true)
      else assert.deepEqual(options, options0)
      if (most === null) assert.deepEqual([a, b], [a0, b0])
      else assert.ok(after.call.maxOutputTokens! <= Math.max(after.call.choices, most))
    }),
  )
})

test('the end user is whom the client names, by the newer name where both stand', () => {
  assert.equal(callOf({ user: 'alice' }).user, 'alice')
  assert.equal(callOf({ user: '' }).user, null)
  assert.equal(callOf({ safety_identifier: 'bob' }).user, 'bob')
  assert.equal(callOf({ safety_identifier: 'bob', user: 'alice' }).user, 'bob')
  assert.equal(callOf({ safety_identifier: null, user: 'alice' }).user, 'alice')
})

test('the session is what the metadata names so', () => {
  assert.equal(callOf({}).session, null)
  assert.equal(callOf({ metadata: { session_id: 's-1' } }).session, 's-1')
  assert.equal(callOf({ metadata: { session_id: '' } }).session, null)
  for (const metadata of [null, 'session_id', [], { session: 's-1' }, { user_id: 's-1' }]) {
    assert.equal(callOf({ metadata }).session, null, JSON.stringify(metadata))
  }
})

test('settings that can be bounded are read with what the vendor calls them', () => {
  assert.deepEqual(
    callOf({ temperature: 0.2, top_p: 1, stop: ['a', 'long'], tools: [{}, {}], functions: [{}] }).params,
    {
      fields: ['model', 'messages', 'temperature', 'top_p', 'stop', 'tools', 'functions'],
      temperature: 0.2,
      topP: 1,
      stops: 2,
      longestStopChars: 4,
      tools: 3,
    },
  )
  const { stops, longestStopChars, temperature } = callOf({ stop: 'END', temperature: null }).params
  assert.deepEqual([stops, longestStopChars, temperature], [1, 3, null])
})

test('what is asked is the latest turn of the user, and every text is there to be looked at', () => {
  const turns = [
    { role: 'system', content: 'rules' },
    { role: 'user', content: 'first' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'latest' },
        { type: 'image_url', image_url: { url: 'data:,x' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c', content: 'result' },
  ]
  const { asked, texts } = read(chat({ messages: turns, tools: [{ type: 'function' }] }))
  assert.equal(asked, 'latest')
  assert.deepEqual(texts, ['rules', 'first', 'latest', 'f', '{}', 'result', 'function'])
  assert.equal(read(chat({ messages: [{ role: 'system', content: 'x' }] })).asked, '')
})

test('of a turn in many parts its start and its end are asked', () => {
  const content = ['a'.repeat(1000), 'middle', 'z'.repeat(1000)].map((text) => ({ type: 'text', text }))
  const { asked } = read(chat({ messages: [{ role: 'user', content }] }))
  assert.equal(asked, `${'a'.repeat(512)}\n${'z'.repeat(512)}`)
})

test('a predicted answer is read by the model like the prompt', () => {
  const prediction = { type: 'content', content: [{ type: 'text', text: 'predicted' }] }
  assert.equal(callOf({ prediction }).promptBytes, 2 + 9)
  assert.equal(callOf({ prediction: { type: 'content', content: 'predicted' } }).promptBytes, 2 + 9)
  assert.equal(callOf({ prediction: null }).promptBytes, 2)
})

test('100,000 messages, 10 MB of text and half a million keys are read in linear time', () => {
  const many = chat({ messages: Array.from({ length: 100_000 }, (_, i) => ({ role: 'user', content: `m${i % 10}` })) })
  const long = chat({ messages: [{ role: 'user', content: '\\"é\n'.repeat(1_700_000) }] })
  const keys = chat({ metadata: Object.fromEntries(Array.from({ length: 500_000 }, (_, i) => [`key-${i}`, i])) })
  assert.ok(Buffer.byteLength(long) > 10_000_000)
  for (const [body, promptBytes, count] of [
    [many, 200_000, 100_000],
    [long, 5 * 1_700_000, 1],
    [keys, 2, 1],
  ] as const) {
    const bytes = Buffer.from(body)
    const startMs = performance.now()
    const made = read(bytes)
    const tookMs = performance.now() - startMs
    const { call } = made
    assertSame(openaiChat.encode(made, unchanged), bytes)
    assert.equal(call.promptBytes, promptBytes)
    assert.equal(call.messages, count)
    assert.equal(call.promptExtraTokens, 4 * count)
    assert.ok(tookMs < 5000, `${tookMs} ms`)
  }
})

test('a whole answer is read for its usage, its text and how its choices ended', () => {
  const answer = openaiChat.readAnswer(
    Buffer.from(
      JSON.stringify({
        choices: [
          { index: 0, message: { role: 'assistant', content: 'héy' }, finish_reason: 'stop' },
          { index: 1, message: { content: null, tool_calls: [{ function: { name: 'f', arguments: '{}' } }] } },
        ],
        usage: { prompt_tokens: 3, completion_tokens: 0 },
      }),
    ),
    anyCall,
  )
  assert.deepEqual(answer, {
    usage: tokens(3, 0),
    textBytes: 4 + 3,
    choices: 2,
    finishReasons: ['stop'],
  })
})

test('what is no chat answer is not read, and never thrown', () => {
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{}',
    '{"choices":{}}',
    '{"choices":[null]}',
    '{"choices":["x"]}',
    '\xff',
  ]) {
    assert.equal(openaiChat.readAnswer(Buffer.from(text, 'latin1'), anyCall), null, text)
  }
  const deep = `${'['.repeat(500_000)}"x"${']'.repeat(500_000)}`
  const answer = openaiChat.readAnswer(Buffer.from(`{"choices":[{"message":{"content":${deep}}}]}`), anyCall)
  assert.equal(answer?.textBytes, 1, 'however deep an upstream nests its answer')
  assert.equal(answer?.usage, null)
})
