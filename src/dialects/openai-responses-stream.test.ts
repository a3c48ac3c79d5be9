import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { noParams, type Call } from '../core/call.ts'
import { noUsage, tokens } from '../core/usage.ts'
import type { StreamReader } from './dialect.ts'
import { added, delta, done, ended, message } from './fixtures/openai-responses-events.ts'
import { responseFailed, responsesStreams } from './fixtures/openai-responses-streams.ts'
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

test('the text of whole streams is counted once, though it is sent four times', () => {
  const bytes = (...texts: string[]): number => Buffer.byteLength(texts.join(''))
  for (const [name, expected] of [
    ['plain', bytes('Rivers run to the séa.')],
    ['parts', bytes('First part.', 'no: the second I will not write.')],
    ['reasoning', bytes('It thought.', 'Let me think of 漢字.', 'Done thinking.')],
    ['tools', bytes('lookup', '{"city":"Lyon"}', 'lookup', '{"city":"Nice"}')],
    ['builtIn', bytes('rivers', 'print(6 * 7)', 'find', '{"path":"/"}', 'shell', 'ls -la /home', 'The answer is 42.')],
  ] as const) {
    const reader = newReader()
    const verdicts = readAll(reader, responsesStreams[name]!)
    assert.equal(reader.textBytes, expected, name)
    assert.equal(verdicts.pop(), 'done')
    assert.ok(verdicts.every((verdict) => verdict === 'pass'))
    assert.equal(reader.finished, true)
    assert.deepEqual(reader.finishReasons, ['completed'])
  }
})

test('text counts in any of its forms where the others are missing', () => {
  for (const form of [
    [delta('héllo')],
    [{ type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'héllo' }],
    [
      {
        type: 'response.content_part.done',
        output_index: 0,
        content_index: 0,
        part: { type: 'output_text', text: 'héllo' },
      },
    ],
    [done(message('héllo'))],
    [ended({ output: [message('héllo')] })],
    [ended({ output: [], output_text: 'héllo' })],
    [added(message('hé')), delta('llo')],
    [delta('h'), done(message('héllo'))],
    [delta('hé'), ended({ output: [message('héllo')] })],
  ]) {
    const reader = newReader()
    readAll(reader, form)
    assert.equal(reader.textBytes, 6, JSON.stringify(form))
    assert.ok(reader.deltas >= 1)
  }
})

test('a part without deltas counts beside one with them', () => {
  const reader = newReader()
  readAll(reader, [
    delta('a long first part', 0, 0),
    { type: 'response.output_text.done', output_index: 0, content_index: 1, text: 'tiny' },
  ])
  assert.equal(reader.textBytes, 21)
  readAll(reader, [done(message('a long first part', 'tiny'))])
  assert.equal(reader.textBytes, 21)
})

test('however a text is cut into deltas and repeated, it is counted once', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }), { maxLength: 4 }), (parts) => {
      const reader = newReader()
      const texts = parts.map((pieces) => pieces.join(''))
      for (const [content, pieces] of parts.entries()) {
        readAll(
          reader,
          pieces.map((piece) => delta(piece, 0, content)),
        )
        readAll(reader, [
          { type: 'response.output_text.done', output_index: 0, content_index: content, text: texts[content] },
        ])
      }
      readAll(reader, [done(message(...texts)), ended({ output: [message(...texts)] })])
      assert.equal(reader.textBytes, Buffer.byteLength(texts.join('')))
    }),
  )
})

test('what no model wrote is no output: results of tools, padding, sources, images, echoes of the request', () => {
  const reader = newReader()
  readAll(reader, [
    {
      type: 'response.created',
      response: { id: 'r', instructions: 'x'.repeat(500), tools: [{ name: 'x' }], output: [] },
    },
    { type: 'response.image_generation_call.partial_image', output_index: 0, partial_image_b64: 'A'.repeat(500) },
    { type: 'response.shell_call_output_content.delta', output_index: 0, delta: { stdout: 'x'.repeat(500) } },
    { type: 'response.output_text.annotation.added', output_index: 0, annotation: { title: 'x', url: 'y' } },
    { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' },
    done({ id: 'm', type: 'mcp_list_tools', tools: [{ name: 'x'.repeat(500) }] }, 1),
    done({ id: 'f', type: 'file_search_call', queries: ['abc'], results: [{ text: 'x'.repeat(500) }] }, 2),
    done({ id: 'c', type: 'code_interpreter_call', code: 'abc', outputs: [{ logs: 'x'.repeat(500) }] }, 3),
    done({ id: 'i', type: 'image_generation_call', result: 'A'.repeat(500) }, 4),
    { ...delta('abc', 5), obfuscation: 'x'.repeat(16), logprobs: [{ token: 'abc', logprob: 0 }] },
  ])
  assert.equal(reader.textBytes, 9)
})

test('reasoning that comes encrypted counts as the text that is hidden in it', () => {
  const reader = newReader()
  readAll(reader, [
    added({ id: 'rs', type: 'reasoning', summary: [], encrypted_content: 'A'.repeat(40) }),
    done({ id: 'rs', type: 'reasoning', summary: [], encrypted_content: 'A'.repeat(400) }),
  ])
  assert.equal(reader.textBytes, 300)
})

test('sound counts by its length and its transcript as text', () => {
  const reader = newReader()
  readAll(reader, [
    { type: 'response.audio.delta', delta: 'A'.repeat(64_000) },
    { type: 'response.audio.transcript.delta', delta: 'abc' },
  ])
  assert.equal(reader.textBytes, 83)
})

test('an event or item in another format is not free: all text in it counts, each time', () => {
  for (const event of [
    { type: 'response.novelty.delta', delta: 'twelve bytes' },
    { type: 'response.novelty', anything: { deep: ['twelve bytes'] } },
    { type: 'response.output_item.done', item: { type: 'novelty', text: 'twelve bytes' } },
    { choices: [{ delta: { content: 'twelve bytes' } }] },
    ['twelve bytes'],
    { type: 'response.novelty', response: { text: 'twelve bytes' } },
  ]) {
    const reader = newReader()
    assert.deepEqual(readAll(reader, [event, event]), ['pass', 'pass'])
    assert.ok(reader.textBytes >= 24, `${JSON.stringify(event)}: ${reader.textBytes}`)
    assert.equal(reader.deltas, 2)
  }
})

test('usage is taken from the end with all of its parts', () => {
  const reader = newReader()
  readAll(reader, responsesStreams['builtIn']!)
  assert.deepEqual(reader.usage, {
    ...tokens(40, 25),
    cachedTokens: 16,
    cacheWriteTokens: 4,
    reasoningTokens: 10,
    toolCalls: 3,
  })
  const usage = { input_tokens: 5, output_tokens: 6 }
  for (const [response, expected] of [
    [{ usage: { input_tokens: 0, output_tokens: 0 } }, noUsage],
    [{ usage: { input_tokens: 5 } }, null],
    [{ usage: { input_tokens: 5, output_tokens: -1 } }, null],
    [{ usage: null }, null],
    [
      { usage, tool_usage: { image_gen: { input_tokens: 10, output_tokens: 20 } } },
      { ...tokens(15, 26), imageTokens: 20 },
    ],
    [{ usage, tool_usage: 'none' }, tokens(5, 6)],
  ] as const) {
    const one = newReader()
    readAll(one, [ended(response)])
    assert.deepEqual(one.usage, expected, JSON.stringify(response))
  }
})

test('runs of tools count as the vendor bills them, and as they were seen where it does not repeat them', () => {
  const search = { id: 'ws', type: 'web_search_call', action: {} }
  const usage = { input_tokens: 5, output_tokens: 6 }
  const callsOf = (response: object): number | undefined => {
    const reader = newReader()
    readAll(reader, [done(search, 0), done({ ...search, id: 'ws2' }, 1), ended({ usage, ...response })])
    return reader.usage?.toolCalls
  }
  assert.equal(callsOf({ output: [search, search] }), 2)
  assert.equal(callsOf({ output: [search, search], tool_usage: { web_search: { num_requests: 1 } } }), 1)
  assert.equal(callsOf({ output: [] }), 2)
  assert.equal(callsOf({ output: [{ type: 'computer_call' }, { type: 'function_call' }] }), 0, 'the client runs these')
})

test('failures are errors, and what is no object is unreadable', () => {
  assert.deepEqual(readAll(newReader(), responseFailed), ['pass', 'error'])
  for (const event of [
    { type: 'error', code: 'server_error', message: 'x', param: null },
    { error: { message: 'x' } },
    { type: 'response.cancelled', response: { status: 'cancelled' } },
  ]) {
    const reader = newReader()
    assert.deepEqual(readAll(reader, [event]), ['error'])
    assert.equal(reader.textBytes, 0, 'the words of an error are no output')
  }
  for (const data of ['', '{', 'null', '7', '"text"', 'DONE']) assert.equal(newReader().read(data), 'unreadable', data)
  assert.equal(newReader().read('[DONE]'), 'done')
})

test('how a response ended is told in the words of the vendor', () => {
  const reasonOf = (response: object, type = 'response.incomplete'): readonly string[] => {
    const reader = newReader()
    assert.deepEqual(readAll(reader, [{ type, response }]), ['done'])
    return reader.finishReasons
  }
  assert.deepEqual(reasonOf({ incomplete_details: { reason: 'content_filter' } }), ['content_filter'])
  assert.deepEqual(reasonOf({ status: 'completed', incomplete_details: null }, 'response.completed'), ['completed'])
  assert.deepEqual(reasonOf({}), ['incomplete'])
})

test('text that is told only at the end must find room before it is passed on', () => {
  const reader = newReader()
  assert.deepEqual(readAll(reader, [ended({ output: [message('all of it')] })]), ['pass'])
  assert.deepEqual([reader.textBytes, reader.deltas, reader.finished], [9, 1, true])
  const cut = Buffer.from(reader.cut(tokens(1, 1))).toString()
  assert.ok(!cut.includes('all of it'), 'and is not in what a cut says was sent')
})
