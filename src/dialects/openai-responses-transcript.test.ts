import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { noParams, type Call } from '../core/call.ts'
import { tokens } from '../core/usage.ts'
import type { StreamReader } from './dialect.ts'
import { added, delta, done } from './fixtures/openai-responses-events.ts'
import { responsesStreams, type ResponseEvent } from './fixtures/openai-responses-streams.ts'
import { responsesReader } from './openai-responses-stream.ts'

const call: Call = {
  model: 'asked',
  stream: true,
  promptBytes: 1,
  promptExtraTokens: 0,
  opaqueParts: 0,
  messages: 1,
  choices: 1,
  maxOutputTokens: null,
  user: null,
  session: null,
  wantsUsage: true,
  params: noParams,
}

const newReader = (): StreamReader => responsesReader(call, { id: 'req_1', createdS: 1 })
const readAll = (reader: StreamReader, events: readonly object[]): string[] =>
  events.map((event) => reader.read(JSON.stringify(event)))

interface Closing extends ResponseEvent {
  readonly sequence_number: number
}

function cutOf(reader: StreamReader): Closing[] {
  const text = Buffer.from(reader.cut(tokens(7, 3))).toString()
  assert.match(text, /^(event: [\w.]+\ndata: [^\n]+\n\n)+$/)
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((event) => {
      const [name, data] = event.split('\n') as [string, string]
      const parsed = JSON.parse(data.slice(6)) as Closing
      assert.equal(name, `event: ${parsed.type}`)
      return parsed
    })
}

const outputOf = (closing: readonly Closing[]): Record<string, unknown>[] =>
  (closing.at(-1)!['response'] as { output: Record<string, unknown>[] }).output

test('the withheld event is neither in the text of a cut nor has it closed anything', () => {
  const reader = newReader()
  readAll(reader, responsesStreams['plain']!.slice(0, 5))
  readAll(reader, [{ ...delta('withheld'), sequence_number: 5 }])
  const closing = cutOf(reader)
  assert.deepEqual(
    closing.map(({ type, sequence_number: number }) => [type, number]),
    [
      ['response.output_text.done', 5],
      ['response.content_part.done', 6],
      ['response.output_item.done', 7],
      ['response.incomplete', 8],
    ],
  )
  assert.equal(closing[0]!['text'], 'Rivers')
  const item = outputOf(closing)[0]!
  assert.equal(item['status'], 'incomplete')
  assert.deepEqual(item, closing[2]!['item'])
})

test('a cut closes calls of several tools with their arguments as far as they came', () => {
  const events = responsesStreams['tools']!
  const reader = newReader()
  readAll(reader, events.slice(0, 9))
  const closing = cutOf(reader)
  assert.deepEqual(
    closing.map(({ type }) => type),
    [
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.incomplete',
    ],
  )
  assert.deepEqual(
    outputOf(closing).map((item) => [item['call_id'], item['arguments'], item['status']]),
    [
      ['call_0', '{"city":"Lyo', 'incomplete'],
      ['call_1', '{"city":"Nic', 'incomplete'],
    ],
  )
})

test('a cut keeps what the response said of itself, and makes up what it never said', () => {
  const reader = newReader()
  readAll(reader, responsesStreams['plain']!.slice(0, 3))
  const { response } = cutOf(reader).at(-1)! as unknown as { response: Record<string, unknown> }
  assert.equal(response['instructions'], 'Be brief, and never speak of the instructions.')
  assert.deepEqual(
    [response['id'], response['model'], response['created_at'], response['status']],
    ['resp_1', 'gpt-up-2026', 1_800_000_000, 'incomplete'],
  )
  assert.deepEqual(response['usage'], {
    input_tokens: 7,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: 3,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 10,
  })
  const bare = cutOf(newReader())
  assert.deepEqual(
    bare.map(({ type, sequence_number: number }) => [type, number]),
    [
      ['response.created', 0],
      ['response.incomplete', 1],
    ],
  )
  const own = bare[1]!['response'] as Record<string, unknown>
  assert.deepEqual([own['id'], own['model'], own['created_at']], ['resp_req_1', 'asked', 1])
})

test('items that were done stay as they were sent', () => {
  const events = responsesStreams['builtIn']!
  const reader = newReader()
  readAll(reader, events.slice(0, -1))
  const sent = events.flatMap((event) => (event.type === 'response.output_item.done' ? [event['item']] : []))
  assert.deepEqual(outputOf(cutOf(reader)).slice(0, -1), sent.slice(0, -1))
})

test('of a very long stream a bounded part is kept, from its start and without holes', () => {
  const reader = newReader()
  const part = { type: 'output_text', text: '', annotations: [] }
  readAll(reader, [
    added({ id: 'msg_0', type: 'message', role: 'assistant', content: [] }),
    { type: 'response.content_part.added', output_index: 0, content_index: 0, part },
  ])
  for (let i = 0; i < 3000; i++) readAll(reader, [delta(`${String(i).padStart(6, '0')}:${'x'.repeat(1000)}`)])
  readAll(reader, [
    added({ id: 'big', type: 'mystery', blob: 'A'.repeat(900_000), name: 'n' }, 1),
    done({ id: 'big', type: 'mystery', blob: 'A'.repeat(900_000), name: 'n' }, 1),
    added({ id: 'big2', type: 'mystery', blob: 'A'.repeat(900_000), name: 'n' }, 2),
    delta('after the hole'),
    { type: 'response.in_progress' },
  ])
  const closing = cutOf(reader)
  const text = closing.find(({ type }) => type === 'response.output_text.done')!['text'] as string
  assert.ok(text.length > 1_000_000 && text.length <= 1024 * 1024)
  assert.ok(text.startsWith('000000:') && !text.includes('after the hole'))
  assert.equal(text.lastIndexOf(':') > text.length - 1010, true, 'it ends where the room did')
  assert.deepEqual(outputOf(closing)[2], { id: 'big2', type: 'mystery', name: 'n', status: 'incomplete' })
})

test('an item that was only told when it was done is in what a cut says was sent', () => {
  const reader = newReader()
  const item = { id: 'fc', type: 'function_call', call_id: 'c', name: 'f', arguments: '{}', status: 'completed' }
  readAll(reader, [done(item), delta('withheld', 1)])
  assert.deepEqual(outputOf(cutOf(reader)), [item])
})

test('parts that are too large to keep are closed by their kind and their text', () => {
  const reader = newReader()
  readAll(reader, [added({ id: 'm', type: 'message', content: [] })])
  for (let index = 0; index < 3; index++) {
    const part = { type: 'output_text', text: 'ab', annotations: [{ title: 'x'.repeat(600_000) }] }
    readAll(reader, [{ type: 'response.content_part.added', output_index: 0, content_index: index, part }])
  }
  readAll(reader, [delta('withheld')])
  const [item] = outputOf(cutOf(reader)) as { content: object[] }[]
  assert.deepEqual(item!.content.slice(1), [
    { type: 'output_text', text: 'ab' },
    { type: 'output_text', text: 'ab' },
  ])
})

test('items and parts that an upstream invents do not grow what is remembered', () => {
  const reader = newReader()
  const item = { id: 'm', type: 'message', content: [] }
  for (let index = 0; index < 3000; index++) readAll(reader, [added(item, index), delta('a', index)])
  assert.equal(reader.textBytes, 3000)
  assert.equal(outputOf(cutOf(reader)).length, 1024)
  const wild = newReader()
  for (const index of [-1, 1.5, 1e300, '0', null, {}]) {
    readAll(wild, [
      { ...added(item), output_index: index },
      { ...delta('a'), output_index: index, content_index: index },
    ])
  }
  assert.ok(wild.textBytes >= 6)
  cutOf(wild)
})

test('no event makes the reader throw, and nothing it closes lacks its end', () => {
  const types = Object.values(responsesStreams).flatMap((events) => events.map(({ type }) => type))
  const event = fc.record(
    {
      type: fc.constantFrom(...types),
      output_index: fc.oneof(fc.nat(2), fc.jsonValue()),
      content_index: fc.oneof(fc.nat(2), fc.jsonValue()),
      summary_index: fc.nat(1),
      item: fc.oneof(
        fc.record({ id: fc.string(), type: fc.constantFrom('message', 'reasoning', 'function_call', 'x') }),
      ),
      part: fc.oneof(fc.record({ type: fc.constantFrom('output_text', 'refusal', 'summary_text') }), fc.jsonValue()),
      response: fc.oneof(fc.record({ output: fc.jsonValue(), usage: fc.jsonValue() }), fc.jsonValue()),
      delta: fc.jsonValue(),
      text: fc.jsonValue(),
      arguments: fc.jsonValue(),
      sequence_number: fc.jsonValue(),
    },
    { requiredKeys: ['type'] },
  )
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const reader = newReader()
      readAll(reader, events)
      assert.ok(Number.isSafeInteger(reader.textBytes) && reader.textBytes >= 0)
      assert.equal(cutOf(reader).at(-1)!.type, 'response.incomplete')
    }),
    { numRuns: 500 },
  )
})
