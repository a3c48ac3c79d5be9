import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { openaiChat } from './openai-chat.ts'

interface Size {
  readonly promptBytes: number
  readonly promptExtraTokens: number
  readonly opaqueParts: number
}

function sizeOf(body: string): Size {
  const result = openaiChat.read(
    Buffer.from(body),
    { id: null, query: new URLSearchParams() },
    { maxMessages: 1000, maxDepth: 64 },
  )
  assert.ok(result.ok, JSON.stringify(result))
  const { promptBytes, promptExtraTokens, opaqueParts } = result.value.call
  return { promptBytes, promptExtraTokens, opaqueParts }
}

const escapeAll = (json: string): string =>
  json.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

const texts = fc.array(fc.string({ unit: fc.oneof(fc.constantFrom('"', '\\', '\n', 'é', '漢', '😀'), fc.string()) }), {
  minLength: 1,
})

test('the estimate of one prompt is the same in every way to write it', () => {
  fc.assert(
    fc.property(texts, (contents) => {
      const of = (wrap: (text: string) => unknown): object => ({
        model: 'm',
        messages: contents.map((text) => ({ role: 'user', content: wrap(text) })),
      })
      const plain = of((text) => text)
      const compact = JSON.stringify(plain)
      const expected = sizeOf(compact)
      assert.equal(
        expected.promptBytes,
        contents.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      )
      const parts = of((text) => [{ type: 'text', text }])
      const split = of((text) => Array.from(text, (c) => ({ type: 'text', text: c })))
      for (const body of [
        JSON.stringify(plain, null, 4),
        JSON.stringify(plain, null, '\t').replaceAll('\n', '\r\n'),
        escapeAll(compact),
        compact.replaceAll('/', '\\/'),
        JSON.stringify(parts),
        JSON.stringify(split),
        JSON.stringify(Object.fromEntries(Object.entries(plain).toReversed())),
      ]) {
        assert.deepEqual(sizeOf(body), expected)
      }
    }),
  )
})

test('tools, functions and schemas are part of the prompt, and settings are not', () => {
  const base = { model: 'm', messages: [{ role: 'user', content: 'hi' }] }
  const withField = (over: object): number => sizeOf(JSON.stringify({ ...base, ...over })).promptBytes
  const schema = { type: 'object', properties: { city: { type: 'string' } } }
  for (const field of ['tools', 'functions', 'response_format']) {
    assert.ok(withField({ [field]: [schema] }) >= 2 + Buffer.byteLength('objectpropertiescitystring'), field)
  }
  assert.equal(withField({ tools: [schema] }), withField({ functions: [JSON.parse(JSON.stringify(schema))] }))
  assert.equal(withField({ temperature: 0.5, metadata: { a: 'b' }, stop: ['\n'], tools: null, prediction: null }), 2)
})

test('every message costs its frame, and an image its guess', () => {
  const body = (content: unknown): string =>
    JSON.stringify({
      model: 'm',
      messages: [
        { role: 'system', content: 'a' },
        { role: 'user', content },
      ],
    })
  assert.deepEqual(sizeOf(body('b')), { promptBytes: 2, promptExtraTokens: 8, opaqueParts: 0 })
  const image = { type: 'image_url', image_url: { url: `data:,${'A'.repeat(10_000)}` } }
  assert.deepEqual(sizeOf(body([{ type: 'text', text: 'b' }, image, image])), {
    promptBytes: 2,
    promptExtraTokens: 8 + 2 * 765,
    opaqueParts: 2,
  })
})

test('what only bears the name of an image or file is text', () => {
  const long = 'x'.repeat(1000)
  for (const part of [
    { image_url: long },
    { image_url: { url: long } },
    { image_url: { alt: long } },
    { input_audio: long },
    { audio: { text: long } },
    { file: long },
    { file: { content: long } },
  ]) {
    const size = sizeOf(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: [part] }] }))
    assert.deepEqual(size, { promptBytes: 1000, promptExtraTokens: 4, opaqueParts: 0 }, Object.keys(part).join())
  }
})

test('the guess at a file or a sound grows with it', () => {
  const extra = (part: object): number =>
    sizeOf(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: [part] }] })).promptExtraTokens - 4
  assert.equal(extra({ file: { file_data: 'A'.repeat(100) } }), 1000)
  assert.equal(extra({ file: { file_data: 'A'.repeat(6_400_000) } }), 100_000)
  assert.equal(extra({ file: { file_id: 'file-1' } }), 1000)
  assert.equal(extra({ input_audio: { data: 'A'.repeat(1_000_000), format: 'mp3' } }), 1000)
})

test('no name of a field makes its text free or its size anything but a number', () => {
  for (const key of ['constructor', '__proto__', 'toString', 'valueOf', 'name', 'x', 'Content']) {
    const body = `{"model":"m","messages":[{"role":"user","${key}":"abcde"}]}`
    assert.deepEqual(sizeOf(body), { promptBytes: 5, promptExtraTokens: 4, opaqueParts: 0 }, key)
  }
  for (const key of ['role', 'type', 'id', 'tool_call_id', 'cache_control']) {
    const text = 'x'.repeat(10_000)
    assert.equal(sizeOf(JSON.stringify({ model: 'm', messages: [{ [key]: text }] })).promptBytes, 10_000, key)
  }
})
