import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noParams, type Call } from '../core/call.ts'
import { tokens } from '../core/usage.ts'
import { messagesReader } from './anthropic-stream.ts'
import type { StreamReader } from './dialect.ts'
import { anthropicOverloaded, anthropicStreams } from './fixtures/anthropic-streams.ts'

const call: Call = {
  model: 'asked',
  stream: true,
  promptBytes: 1,
  promptExtraTokens: 0,
  opaqueParts: 0,
  messages: 1,
  choices: 1,
  maxOutputTokens: 100,
  user: null,
  session: null,
  wantsUsage: true,
  params: noParams,
}
const charged = tokens(7, 3)

function readerOf(...events: readonly (object | string)[]): StreamReader {
  const reader = messagesReader(call, { id: 'req_1', createdS: 1 })
  for (const event of events) reader.read(typeof event === 'string' ? event : JSON.stringify(event))
  return reader
}

const [start, open, , hello, , close, end, stop] = anthropicStreams.plain as [object, ...object[]]
const delta = (inner: unknown): object => ({ type: 'content_block_delta', index: 0, delta: inner })

/** The events of a cut, each as its parsed data, with the name of each checked. */
function cutOf(reader: StreamReader): Record<string, unknown>[] {
  const text = Buffer.from(reader.cut(charged)).toString()
  assert.match(text, /^(event: [a-z_]+\ndata: [^\n]+\n\n)+$/)
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((event) => {
      const [name, data] = event.split('\n') as [string, string]
      const parsed = JSON.parse(data.slice(6)) as Record<string, unknown>
      assert.equal(name, `event: ${String(parsed['type'])}`)
      return parsed
    })
}

const typesOf = (reader: StreamReader): string[] =>
  cutOf(reader).map(({ type, index }) =>
    index === undefined ? String(type) : `${String(type)} ${JSON.stringify(index)}`,
  )

test('every kind of generated text counts, in bytes', () => {
  for (const [event, bytes] of [
    [delta({ type: 'text_delta', text: 'hé' }), 3],
    [delta({ type: 'thinking_delta', thinking: 'abc' }), 3],
    [delta({ type: 'input_json_delta', partial_json: '{"a' }), 3],
    [delta({ type: 'signature_delta', signature: 'abc' }), 3],
    [delta({ type: 'compaction_delta', content: 'abc', encrypted_content: null }), 3],
    [delta({ type: 'unheard_of_delta', some: { thing: ['abc'] } }), 3],
    [delta('abc'), 3],
    [{ type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'abc' } }, 3],
    [
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'get', input: {} } },
      3,
    ],
    [{ type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'abc' } }, 3],
    [{ type: 'content_block_start', index: 0, content_block: { type: 'unheard_of', x: 'abc' } }, 3],
    [{ type: 'message_start', message: { content: [{ type: 'text', text: 'abc' }] } }, 3],
    [{ type: 'unheard_of', x: 'abc' }, 3],
    [{ completion: 'abc', stop: null }, 3],
    [['abc'], 3],
  ] as const) {
    const reader = readerOf()
    assert.equal(reader.read(JSON.stringify(event)), 'pass')
    assert.deepEqual([reader.textBytes, reader.deltas], [bytes, 1], JSON.stringify(event))
  }
})

test('what tools of the vendor found and what it quotes is not the model’s text', () => {
  const found = { type: 'web_search_tool_result', tool_use_id: 't', content: [{ encrypted_content: 'x' }] }
  for (const event of [
    { type: 'content_block_start', index: 1, content_block: found },
    delta({ type: 'citations_delta', citation: { cited_text: 'abc' } }),
    { type: 'ping' },
    { type: 'content_block_stop', index: 0 },
    end,
    start,
  ]) {
    const reader = readerOf()
    assert.equal(reader.read(JSON.stringify(event)), 'pass')
    assert.deepEqual([reader.textBytes, reader.deltas], [0, 0], JSON.stringify(event))
  }
})

test('the fixtures are read to their end, with the usage of their vendor', () => {
  for (const [name, bytes, usage] of [
    ['plain', 13, tokens(25, 15)],
    ['thinking', 125, { ...tokens(1025, 120), cachedTokens: 900, cacheWriteTokens: 100, reasoningTokens: 90 }],
    ['tools', 85, tokens(472, 89)],
    ['search', 47, { ...tokens(10682, 510), toolCalls: 1 }],
    ['refusal', 5, tokens(25, 3)],
  ] as const) {
    const events = anthropicStreams[name]
    const reader = readerOf(...events.slice(0, -1))
    assert.ok(reader.finished, name)
    assert.equal(reader.read(JSON.stringify(events.at(-1))), 'done')
    assert.deepEqual(reader.usage, usage, name)
    assert.equal(reader.textBytes, bytes, name)
    assert.equal(reader.finishReasons.length, 1)
  }
})

test('the input that message_start tells is kept for a stream that does not reach its end', () => {
  const reader = readerOf(start, open!, hello!)
  assert.equal(reader.finished, false)
  assert.deepEqual(reader.usage, tokens(25, 1))
  const searching = readerOf(...anthropicStreams.search.slice(0, 4))
  assert.deepEqual(searching.usage, { ...tokens(2679, 1), toolCalls: 1 })
})

test('the one token of message_start is never taken for the count of the end', () => {
  const bare = { type: 'message_delta', delta: { stop_reason: 'end_turn' } }
  for (const last of [bare, { ...bare, usage: {} }, { ...bare, usage: { output_tokens: 'many' } }]) {
    const reader = readerOf(start, hello!, last)
    assert.equal(reader.usage, null)
    reader.read(JSON.stringify(stop))
    assert.equal(reader.usage, null)
  }
  assert.equal(readerOf(start, hello!, stop!).usage, null)
  const zero = readerOf(start, { ...bare, usage: { input_tokens: 0, output_tokens: 0 } })
  assert.deepEqual(zero.usage, tokens(0, 0))
  assert.equal(readerOf({ ...bare, usage: { output_tokens: 5 } }).usage, null, 'half a report')
})

test('counts are cumulative: the later one stands, and what it leaves out stays', () => {
  const later = {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn' },
    usage: { input_tokens: 30, output_tokens: 9, cache_read_input_tokens: null },
  }
  const first = {
    type: 'message_start',
    message: { usage: { input_tokens: 25, cache_read_input_tokens: 4, output_tokens: 1 } },
  }
  assert.deepEqual(readerOf(first, later).usage, { ...tokens(34, 9), cachedTokens: 4 })
})

test('an error is an error, and its text is no output', () => {
  const reader = readerOf(start, hello!)
  const bytes = reader.textBytes
  assert.equal(reader.read(JSON.stringify(anthropicOverloaded)), 'error')
  assert.equal(reader.textBytes, bytes)
  assert.equal(readerOf().read('{"type":"error"}'), 'error')
  assert.equal(readerOf().read('{"error":{"message":"x"}}'), 'error')
})

test('what is no JSON object is unreadable, and nothing odd throws', () => {
  for (const data of ['', '{', 'null', '7', '"text"', 'true', '\0', '[DONE]']) {
    assert.equal(readerOf().read(data), 'unreadable', data)
  }
  for (const type of [
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
  ])
    for (const odd of [null, 7, 'x', [], [null], { x: null }]) {
      const event = { type, message: odd, index: odd, delta: odd, content_block: odd, usage: odd }
      const reader = readerOf()
      assert.equal(reader.read(JSON.stringify(event)), 'pass')
      reader.cut(charged)
    }
  const deep = `${'['.repeat(300_000)}"x"${']'.repeat(300_000)}`
  assert.equal(readerOf().read(`{"type":"content_block_start","content_block":{"input":${deep}}}`), 'pass')
})

test('a cut closes what the client saw open, says max_tokens and stops', () => {
  assert.deepEqual(cutOf(readerOf(start, open!, hello!)), [
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'max_tokens', stop_sequence: null },
      usage: { input_tokens: 7, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 3 },
    },
    { type: 'message_stop' },
  ])
  assert.deepEqual(typesOf(readerOf(start, open!, hello!, close!, hello!)), ['message_delta', 'message_stop'])
})

test('the event that a cut withholds has opened, closed and started nothing for the client', () => {
  assert.deepEqual(typesOf(readerOf(start, open!)), ['message_delta', 'message_stop'])
  assert.deepEqual(typesOf(readerOf(start, open!, close!)), ['content_block_stop 0', 'message_delta', 'message_stop'])
  assert.deepEqual(typesOf(readerOf(start)), ['message_start', 'message_delta', 'message_stop'])
  assert.deepEqual(typesOf(readerOf(start, end!)), ['message_delta', 'message_stop'])
  assert.deepEqual(typesOf(readerOf(start, end!, hello!)), ['message_stop'])
})

test('before anything has passed a cut is a whole message of its own', () => {
  const [first, ...rest] = cutOf(readerOf())
  assert.deepEqual(first?.['message'], {
    id: 'msg_req_1',
    type: 'message',
    role: 'assistant',
    model: 'asked',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 7, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
  })
  assert.deepEqual(
    rest.map(({ type }) => type),
    ['message_delta', 'message_stop'],
  )
  assert.equal((cutOf(readerOf(start))[0]!['message'] as { id: string }).id, 'msg_014p7gG3wDgGV9EUtLvnow3U')
})

test('an upstream that invents blocks grows neither memory nor the cut', () => {
  const reader = readerOf(start)
  for (let index = 0; index < 5000; index++)
    reader.read(JSON.stringify({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } }))
  assert.ok(cutOf(reader).length <= 1027)
})
