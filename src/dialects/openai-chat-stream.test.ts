import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noParams, type Call } from '../core/call.ts'
import { noUsage, tokens } from '../core/usage.ts'
import type { StreamReader } from './dialect.ts'
import { chatReader } from './openai-chat-stream.ts'
import { readUsage } from './openai-usage.ts'

const fallback = { id: 'req_1', createdS: 1_700_000_000 }
const charged = tokens(7, 3)

function readerOf(over: Partial<Call> = {}): StreamReader {
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
    wantsUsage: false,
    params: noParams,
    ...over,
  }
  return chatReader(call, fallback)
}

const head = { id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 1_800_000_000, model: 'answered' }

const chunk = (choices: unknown, over: object = {}): string => JSON.stringify({ ...head, choices, ...over })

const text = (content: string, index = 0, finish: string | null = null): string =>
  chunk([{ index, delta: { content }, finish_reason: finish }])

const finish = (index: number, reason = 'stop'): string => chunk([{ index, delta: {}, finish_reason: reason }])

/** The events of a cut, each as its parsed data; `[DONE]` as it is. */
function cutOf(reader: StreamReader): { events: Record<string, unknown>[]; last: string } {
  const bytes = Buffer.from(reader.cut(charged)).toString()
  assert.match(bytes, /^(data: [^\n]+\n\n)+$/)
  const data = bytes
    .split('\n\n')
    .slice(0, -1)
    .map((line) => line.slice(6))
  return { events: data.slice(0, -1).map((event) => JSON.parse(event) as Record<string, unknown>), last: data.at(-1)! }
}

const closing = (index: number, over: object = head): object => ({
  ...over,
  choices: [{ index, delta: {}, logprobs: null, finish_reason: 'length' }],
})

test('text is counted in bytes, and events only when they carry text', () => {
  const reader = readerOf()
  assert.equal(reader.read(chunk([{ index: 0, delta: { role: 'assistant', content: '' } }])), 'pass')
  assert.deepEqual([reader.textBytes, reader.deltas], [0, 0])
  assert.equal(reader.read(text('hé')), 'pass')
  assert.equal(reader.read(text('漢字')), 'pass')
  assert.equal(reader.read(finish(0)), 'pass')
  assert.deepEqual([reader.textBytes, reader.deltas], [9, 2])
  assert.deepEqual(reader.finishReasons, ['stop'])
  assert.equal(reader.read('[DONE]'), 'done')
})

test('every kind of generated text counts', () => {
  for (const [delta, bytes] of [
    [{ refusal: 'abc' }, 3],
    [{ reasoning_content: 'abc' }, 3],
    [{ reasoning: 'abc' }, 3],
    [{ reasoning_details: [{ type: 'reasoning.text', text: 'abc' }] }, 3],
    [{ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'get', arguments: '' } }] }, 3],
    [{ tool_calls: [{ index: 0, function: { arguments: '{"a' } }] }, 3],
    [{ function_call: { name: 'f', arguments: '{}' } }, 3],
    [{ content: [{ type: 'text', text: 'abc' }] }, 3],
    [{ content: null, audio: { id: 'x', transcript: 'abc' } }, 3],
  ] as const) {
    const reader = readerOf()
    assert.equal(reader.read(chunk([{ index: 0, delta }])), 'pass')
    assert.deepEqual([reader.textBytes, reader.deltas], [bytes, 1], JSON.stringify(delta))
  }
})

test('a whole message in place of a delta counts, and one beside it only repeats', () => {
  const reader = readerOf()
  reader.read(chunk([{ index: 0, message: { role: 'assistant', content: 'abc' } }]))
  assert.equal(reader.textBytes, 3)
  reader.read(chunk([{ index: 0, delta: { content: 'd' }, message: { role: 'assistant', content: 'abcd' } }]))
  assert.equal(reader.textBytes, 4)
})

test('sound counts by its length, and not as the base64 that it is written in', () => {
  const reader = readerOf()
  const second = 'A'.repeat(64_000)
  reader.read(chunk([{ index: 0, delta: { audio: { id: 'audio_1', data: second } } }]))
  assert.deepEqual([reader.textBytes, reader.deltas], [80, 1], '20 tokens of 4 bytes')
  reader.read(chunk([{ index: 0, delta: { audio: { data: 'A', transcript: 'abc' } } }]))
  assert.deepEqual([reader.textBytes, reader.deltas], [84, 2])
})

test('all choices of an event count, and the event once', () => {
  const reader = readerOf({ choices: 3 })
  reader.read(chunk([0, 1, 2].map((index) => ({ index, delta: { content: 'abcd' } }))))
  reader.read(chunk([{ index: 1, text: 'legacy' }]))
  assert.deepEqual([reader.textBytes, reader.deltas], [18, 2])
})

test('an event in another format is not free: all text in it counts', () => {
  for (const data of [
    '{"type":"response.output_text.delta","delta":"twelve bytes"}',
    '[{"choices":[{"delta":{"content":"twelve bytes"}}]}]',
    '{"choices":{"0":{"delta":{"content":"twelve bytes"}}}}',
    '{"choices":null,"output":"twelve bytes"}',
  ]) {
    const reader = readerOf()
    assert.equal(reader.read(data), 'pass')
    assert.ok(reader.textBytes >= 12, data)
    assert.equal(reader.deltas, 1)
  }
})

test('chunks that are known without being parsed count and read like those that are', () => {
  const texts = ['a', 'bc', 'ü', '', 'say "so"', 'x'.repeat(70), 'line\n', '🎉', 'end']
  const known = readerOf()
  // Every other one has another name in it, so that none is like the one before.
  const parsed = readerOf()
  for (const [i, content] of texts.entries()) {
    const choices = [{ index: 0, delta: { content, role: 'assistant' }, finish_reason: null }]
    const plain = chunk(choices, { usage: null })
    assert.equal(known.read(plain), 'pass')
    assert.equal(parsed.read(chunk(choices, { usage: null, [`n${i}`]: 1 })), 'pass')
    assert.deepEqual([known.textBytes, known.deltas], [parsed.textBytes, parsed.deltas], content)
    assert.deepEqual(known.parsed, JSON.parse(plain))
    assert.equal(known.parsed, known.parsed)
  }
  assert.equal(known.read(text('', 0, 'stop')), 'pass')
  assert.deepEqual([known.finished, known.finishReasons], [true, ['stop']])
  assert.equal(known.read('{"choices":'), 'unreadable')
  assert.equal(known.parsed, undefined)
})

test('usage is taken as reported, where an explicit zero is zero and half a report is none', () => {
  const usage = { prompt_tokens: 5, completion_tokens: 9, total_tokens: 14 }
  assert.deepEqual(readUsage(usage), tokens(5, 9))
  assert.deepEqual(readUsage({ prompt_tokens: 0, completion_tokens: 0 }), noUsage)
  assert.deepEqual(
    readUsage({
      ...usage,
      prompt_tokens_details: { cached_tokens: 4, audio_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 6, audio_tokens: 2 },
    }),
    { ...tokens(5, 9), cachedTokens: 4, audioInputTokens: 1, reasoningTokens: 6, audioOutputTokens: 2 },
  )
  assert.equal(readUsage({ ...usage, prompt_tokens_details: null, completion_tokens_details: 7 })?.cachedTokens, 0)
  for (const half of [{ prompt_tokens: 5, total_tokens: 14 }, { completion_tokens: 9 }, { total_tokens: 14 }, {}]) {
    assert.equal(readUsage(half), null, JSON.stringify(half))
  }
  for (const nonsense of [-1, 1.5, '5', null, NaN, 1e300, [5]]) {
    assert.equal(readUsage({ prompt_tokens: nonsense, completion_tokens: 9 }), null)
    assert.equal(readUsage({ prompt_tokens: 5, completion_tokens: nonsense }), null)
  }
  for (const value of [null, undefined, 'x', 5, []]) assert.equal(readUsage(value), null)
})

test('the last usage that was reported stays', () => {
  const reader = readerOf()
  reader.read(chunk([{ index: 0, delta: { content: 'a' } }], { usage: null }))
  assert.deepEqual([reader.usage], [null])
  reader.read(chunk([{ index: 0, delta: { content: 'b' } }], { usage: { prompt_tokens: 5, completion_tokens: 1 } }))
  reader.read(chunk([], { usage: { prompt_tokens: 5, completion_tokens: 2 } }))
  reader.read(chunk([], { usage: null }))
  assert.equal(reader.usage?.outputTokens, 2)
})

test('the usage chunk is hidden from a client that did not ask for it, and only that chunk', () => {
  const usage = { prompt_tokens: 5, completion_tokens: 2 }
  const [asked, not] = [readerOf({ wantsUsage: true }), readerOf()]
  for (const [data, verdict] of [
    [chunk([], { usage }), 'hide'],
    [chunk(null, { usage }), 'hide'],
    [JSON.stringify({ ...head, usage }), 'hide'],
    [chunk([], { usage: { prompt_tokens: 'many' } }), 'hide'],
    [chunk([{ index: 0, delta: { content: 'a' } }], { usage }), 'pass'],
    [chunk([], { usage: null }), 'pass'],
    [chunk([], { prompt_filter_results: [] }), 'pass'],
  ] as const) {
    assert.equal(not.read(data), verdict, data)
    assert.equal(asked.read(data), 'pass', data)
  }
  assert.equal(not.usage?.outputTokens, 2, 'hidden, and counted')
  assert.equal(not.textBytes, 1)
})

test('an error of the upstream is an error, and its text is no output', () => {
  for (const error of [{ message: 'overloaded' }, 'overloaded', {}, 1]) {
    const reader = readerOf()
    reader.read(text('ab'))
    assert.equal(reader.read(JSON.stringify({ error, choices: [] })), 'error')
    assert.deepEqual([reader.textBytes, reader.deltas], [2, 1])
  }
  for (const error of [null, '', false, 0]) assert.equal(readerOf().read(chunk([], { error })), 'pass')
})

test('what is no JSON object is unreadable, and never thrown', () => {
  for (const data of ['', ' ', '{', 'null', '7', '"text"', 'true', 'DONE', '{"choices":[}', '\0']) {
    assert.equal(readerOf().read(data), 'unreadable', data)
  }
  for (const choices of [[null], ['x'], [7], [[]], [{}], [{ delta: null }], [{ delta: 'x', index: 'y' }]]) {
    assert.equal(readerOf().read(chunk(choices)), 'pass', JSON.stringify(choices))
  }
  const deep = `${'['.repeat(300_000)}"x"${']'.repeat(300_000)}`
  const reader = readerOf()
  assert.equal(reader.read(`{"choices":[{"delta":{"content":${deep}}}]}`), 'pass')
  assert.equal(reader.textBytes, 1)
})

test('the closing event is known as client libraries know it', () => {
  for (const data of ['[DONE]', '[DONE] ', '[DONE]x']) assert.equal(readerOf().read(data), 'done', data)
})

test('a stream is finished once every choice that was asked for is', () => {
  const reader = readerOf({ choices: 2 })
  reader.read(finish(1))
  assert.equal(reader.finished, false)
  reader.read(finish(1))
  assert.equal(reader.finished, false)
  reader.read(finish(0, 'tool_calls'))
  assert.equal(reader.finished, true)
})

test('choices that an upstream invents do not grow what is remembered', () => {
  const reader = readerOf()
  for (let index = 0; index < 5000; index++) reader.read(finish(index))
  assert.equal(reader.finishReasons.length, 1024)
})

test('a cut closes each open choice with the same id, time and model, and then the stream', () => {
  const reader = readerOf({ choices: 3 })
  reader.read(text('a', 0))
  reader.read(finish(1))
  reader.read(chunk([{ index: 2, delta: { content: 'b' } }], { id: 'another', created: 1, model: 'another' }))
  const { events, last } = cutOf(reader)
  assert.deepEqual(events, [closing(0), closing(2)])
  assert.equal(last, '[DONE]')
})

test('a cut reports usage only to a client that asked, after the choices and before the end', () => {
  const reader = readerOf({ wantsUsage: true })
  reader.read(text('a'))
  const { events } = cutOf(reader)
  const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
  assert.deepEqual(events, [closing(0), { ...head, choices: [], usage }])
})

test('a cut at the very first event still makes whole chunks', () => {
  const own = { id: `chatcmpl-${fallback.id}`, object: head.object, created: fallback.createdS, model: 'asked' }
  assert.deepEqual(cutOf(readerOf({ choices: 2 })).events, [closing(0, own), closing(1, own)])
  const bare = readerOf()
  bare.read('{"choices":[{"index":0,"delta":{"content":"a"}}]}')
  assert.deepEqual(cutOf(bare).events, [closing(0, own)])
})

test('a cut takes its head from a chunk with choices: others may have none', () => {
  const reader = readerOf()
  reader.read(JSON.stringify({ choices: [], created: 0, id: '', model: '', prompt_filter_results: [{}] }))
  reader.read(text('a'))
  assert.deepEqual(cutOf(reader).events, [closing(0)])
})

test('a choice whose finish came in the withheld event is still open for the client, and is closed', () => {
  const reader = readerOf({ choices: 2 })
  reader.read(finish(1))
  reader.read(text('the end', 0, 'stop'))
  assert.deepEqual(cutOf(reader).events, [closing(0)])
  const both = readerOf({ choices: 2 })
  both.read(chunk([0, 1].map((index) => ({ index, delta: { content: 'x' }, finish_reason: 'stop' }))))
  assert.deepEqual(cutOf(both).events, [closing(0), closing(1)])
})
