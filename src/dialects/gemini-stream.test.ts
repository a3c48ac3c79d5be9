import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noParams, type Call } from '../core/call.ts'
import { tokens } from '../core/usage.ts'
import type { StreamReader } from './dialect.ts'
import { geminiBlocked, geminiOverloaded, geminiStreams } from './fixtures/gemini-streams.ts'
import { generateReader } from './gemini-stream.ts'

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

function readerOf(choices: number, ...events: readonly object[]): StreamReader {
  const reader = generateReader({ ...call, choices }, { id: 'req_1', createdS: 1 })
  for (const event of events) reader.read(JSON.stringify(event))
  return reader
}

const said = (text: string, over: object = {}): object => ({ content: { parts: [{ text }], role: 'model' }, ...over })
const chunk = (...candidates: object[]): object => ({ candidates })

function cutOf(reader: StreamReader): Record<string, unknown> {
  const text = Buffer.from(reader.cut({ ...tokens(7, 3), reasoningTokens: 1 })).toString()
  assert.match(text, /^data: [^\r\n]+\r\n\r\n$/)
  return JSON.parse(text.slice(6)) as Record<string, unknown>
}

const closed = (index: number): object => ({
  content: { parts: [{ text: '' }], role: 'model' },
  finishReason: 'MAX_TOKENS',
  index,
})

test('every kind of generated text counts, in bytes, over all candidates', () => {
  for (const [event, bytes] of [
    [chunk(said('hé')), 3],
    [chunk(said('abc', { index: 1 }), said('def')), 6],
    [chunk({ content: { parts: [{ text: 'abc', thought: true }] } }), 3],
    [chunk({ content: { parts: [{ functionCall: { name: 'f', args: { a: ['bc'] } } }] } }), 4],
    [chunk({ content: { parts: [{ executableCode: { code: 'abc' } }] } }), 3],
    [chunk({ content: { parts: [{ unheardOf: { x: 'abc' } }] } }), 3],
    [chunk({ content: { parts: ['abc'] } }), 3],
    [chunk({ content: { parts: 'abc' } }), 3],
    [chunk({ content: 'abc' }), 3],
    [{ text: 'abc' }, 3],
    [{ candidates: 'abc' }, 3],
    [[{ text: 'abc' }], 3],
  ] as const) {
    const reader = readerOf(2)
    assert.equal(reader.read(JSON.stringify(event)), 'pass')
    assert.deepEqual([reader.textBytes, reader.deltas], [bytes, 1], JSON.stringify(event))
  }
})

test('the fixtures are read to their end, with the usage of their vendor', () => {
  for (const [name, choices, bytes, usage] of [
    ['plain', 1, 13, tokens(8, 5)],
    ['thinking', 1, 40, { ...tokens(20, 96), cachedTokens: 12, reasoningTokens: 90 }],
    ['tools', 1, 35, tokens(62, 18)],
    ['two', 2, 16, tokens(5, 10)],
  ] as const) {
    const events = geminiStreams[name]
    const reader = readerOf(choices, ...events.slice(0, -1))
    assert.equal(reader.finished, false)
    assert.equal(reader.read(JSON.stringify(events.at(-1))), 'pass')
    assert.equal(reader.finished, true)
    assert.deepEqual(reader.usage, usage, name)
    assert.equal(reader.textBytes, bytes, name)
    assert.deepEqual(
      reader.finishReasons,
      Array.from({ length: choices }, () => 'STOP'),
    )
  }
})

test('a blocked prompt ends the stream', () => {
  const reader = readerOf(3, geminiBlocked)
  assert.deepEqual([reader.finished, reader.finishReasons, reader.usage], [true, ['PROHIBITED_CONTENT'], tokens(7, 0)])
})

test('a count from before the end is none of the end, and one from after it is', () => {
  const some = { usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 1 } }
  const reader = readerOf(1, { ...chunk(said('a')), ...some })
  assert.deepEqual(reader.usage, tokens(5, 1))
  reader.read(JSON.stringify(chunk(said('b', { finishReason: 'STOP' }))))
  assert.equal(reader.usage, null)
  reader.read(JSON.stringify({ usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 9 } }))
  assert.deepEqual(reader.usage, tokens(5, 9))
  reader.read(JSON.stringify({ candidates: [{ groundingMetadata: { webSearchQueries: ['q'] } }] }))
  assert.deepEqual(reader.usage, { ...tokens(5, 9), toolCalls: 1 })
})

test('no finish reason is none', () => {
  for (const finishReason of ['', 'FINISH_REASON_UNSPECIFIED', null, 7])
    assert.equal(readerOf(1, chunk(said('a', { finishReason }))).finished, false)
})

test('an error is an error, and its text is no output', () => {
  for (const event of [geminiOverloaded, [geminiOverloaded], { error: 'x' }]) {
    const reader = readerOf(1, chunk(said('ab')))
    assert.equal(reader.read(JSON.stringify(event)), 'error')
    assert.equal(reader.textBytes, 2)
  }
})

test('what is no JSON object is unreadable, and nothing odd throws', () => {
  for (const data of ['', '{', 'null', '7', '"text"', '[DONE]'])
    assert.equal(readerOf(1).read(data), 'unreadable', data)
  for (const odd of [null, 7, 'x', [], [null], [[]], { x: null }]) {
    const reader = readerOf(1)
    const event = {
      candidates: [{ content: odd, index: odd, finishReason: odd }, odd],
      usageMetadata: odd,
      promptFeedback: odd,
    }
    assert.equal(reader.read(JSON.stringify(event)), 'pass')
    reader.cut(tokens(1, 1))
  }
  const deep = `${'['.repeat(300_000)}"x"${']'.repeat(300_000)}`
  const args = `{"candidates":[{"content":{"parts":[{"functionCall":{"args":{"a":${deep}}}}]}}]}`
  assert.equal(readerOf(1).read(args), 'pass')
})

test('a cut finishes every open candidate in one chunk, under the upstream’s names', () => {
  const [first] = geminiStreams.two
  assert.deepEqual(cutOf(readerOf(2, first!)), {
    candidates: [closed(0), closed(1)],
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 2, thoughtsTokenCount: 1, totalTokenCount: 10 },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'aGx5aLuXJ5yzvdIPw9ShoQE',
  })
  const own = cutOf(readerOf(1))
  assert.deepEqual([own['modelVersion'], own['responseId']], ['asked', 'req_1'])
})

test('what the withheld event finished is open for the client, what an earlier one did is not', () => {
  const [first, second, third] = geminiStreams.two as [object, object, object]
  assert.deepEqual(cutOf(readerOf(2, first, second))['candidates'], [closed(0), closed(1)])
  assert.deepEqual(cutOf(readerOf(2, first, second, third))['candidates'], [closed(1)])
  assert.equal('candidates' in cutOf(readerOf(2, first, second, third, chunk(said('more')))), false)
})

test('an upstream that invents candidates does not grow what is kept', () => {
  const reader = readerOf(1)
  const many = Array.from({ length: 5000 }, (_, index) => ({ index, finishReason: 'STOP' }))
  reader.read(JSON.stringify({ candidates: many }))
  assert.equal(reader.finishReasons.length, 1024)
})

test('a stream may end when every candidate that has begun is finished, also if fewer came than were asked for', () => {
  const stop = { finishReason: 'STOP' }
  assert.equal(readerOf(2).mayEnd, false, 'nothing came at all')
  assert.equal(readerOf(2, chunk(said('a'))).mayEnd, false)
  assert.equal(readerOf(2, chunk(said('a', stop))).mayEnd, true)
  assert.equal(readerOf(2, chunk(said('a', stop), said('b', { index: 1 }))).mayEnd, false)
  const both = readerOf(2, chunk(said('a', stop), said('b', { index: 1 })), chunk(said('', { index: 1, ...stop })))
  assert.deepEqual([both.mayEnd, both.finished], [true, true])
})
