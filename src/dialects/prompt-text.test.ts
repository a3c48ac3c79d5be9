import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { chatParts } from './openai-parts.ts'
import { addSchema, addText, generatedBytes, startAndEnd, startSize, textsOf, type PromptSize } from './prompt-text.ts'

function sizeOf(value: unknown): Omit<PromptSize, 'texts'> {
  const { texts: _texts, ...size } = measured(value)
  return size
}

function measured(value: unknown): PromptSize {
  const size = startSize()
  addText(size, value, chatParts)
  return size
}

function schemaBytes(value: unknown): number {
  const size = startSize()
  addSchema(size, value)
  return size.bytes
}

test('text counts in UTF-8 bytes, and what frames it does not', () => {
  assert.equal(sizeOf([{ role: 'user', content: 'héllo' }]).bytes, 6)
  assert.equal(sizeOf([{ role: 'user', content: [{ type: 'text', text: 'héllo' }] }]).bytes, 6)
  assert.equal(sizeOf([{ role: 'tool', tool_call_id: 'call_1', content: 'abc' }]).bytes, 3)
  assert.equal(sizeOf([{ role: 'user', content: null }, 7, true]).bytes, 0)
})

test('text hidden under a framing name counts once it is too long to be a frame', () => {
  for (const key of ['role', 'type', 'id', 'tool_call_id']) {
    assert.equal(sizeOf([{ [key]: 'x'.repeat(64) }]).bytes, 0, key)
    assert.equal(sizeOf([{ [key]: 'x'.repeat(65) }]).bytes, 65, key)
    assert.equal(sizeOf([{ [key]: ['x'] }]).bytes, 1, `${key} as a list`)
    assert.equal(generatedBytes({ [key]: 'x'.repeat(65) }), 65, key)
  }
})

test('images, sounds and files count as parts with a guess, whatever their bytes', () => {
  const url = `data:image/png;base64,${'A'.repeat(100_000)}`
  assert.deepEqual(sizeOf({ type: 'image_url', image_url: { url } }), { bytes: 0, opaqueParts: 1, opaqueTokens: 765 })
  assert.deepEqual(sizeOf({ image_url: { url, detail: 'low' } }), { bytes: 0, opaqueParts: 1, opaqueTokens: 85 })
  assert.deepEqual(sizeOf([{ input_audio: { data: '' } }, { file: { file_id: 'x' } }]), {
    bytes: 0,
    opaqueParts: 2,
    opaqueTokens: 1500,
  })
})

test('names that every object inherits are names like any other', () => {
  for (const key of ['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty']) {
    const message = JSON.parse(`{"role":"user","${key}":"abc"}`) as unknown
    assert.deepEqual(sizeOf([message]), { bytes: 3, opaqueParts: 0, opaqueTokens: 0 }, key)
    assert.equal(generatedBytes(message), 3, key)
  }
})

test('of tools and schemas the model reads the keys too, in bytes', () => {
  assert.equal(schemaBytes({ type: 'object' }), 4 + 2 + 6)
  assert.equal(schemaBytes({ größe: 1, x: null, y: [true] }), 7 + 2 + 4 + 3 + 3 + 4)
  assert.equal(schemaBytes({ image_url: 'ab' }), 9 + 2 + 2, 'a property of that name is no image')
})

test('the texts are what was counted, in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ unit: 'binary' }))), (list) => {
      const size = measured(
        list.map((parts) => ({ role: 'user', content: parts.map((text) => ({ type: 'text', text })) })),
      )
      assert.deepEqual(size.texts, list.flat())
      assert.equal(
        size.bytes,
        size.texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      )
    }),
  )
  const schema = startSize()
  addSchema(schema, { type: 'function', function: { name: 'f', strict: true, parameters: { enum: ['a', 'b'] } } })
  assert.deepEqual(schema.texts, ['function', 'f', 'a', 'b'])
})

test('an opaque part is judged by what holds it too', () => {
  const parts = new Map([['image_url', (_part: unknown, owner: object) => ('detail' in owner ? 1 : null)]])
  assert.deepEqual(textsOf([{ image_url: 'a' }, { image_url: 'b', detail: 'low' }], parts), ['a', 'low'])
})

test('of several texts the start of the first and the end of the last stand for all', () => {
  assert.equal(startAndEnd([]), '')
  assert.equal(startAndEnd(['x'.repeat(2000)]).length, 2000)
  assert.equal(startAndEnd(['ab', 'middle', 'yz']), 'ab\nyz')
  assert.equal(startAndEnd(['a'.repeat(600), 'b'.repeat(600)]), `${'a'.repeat(512)}\n${'b'.repeat(512)}`)
})

test('generated text is all text of a delta: content, refusals, reasoning, names and arguments of tools', () => {
  const delta = {
    role: 'assistant',
    content: 'ab',
    refusal: 'c',
    reasoning_content: 'dé',
    tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
  }
  assert.equal(generatedBytes(delta), 2 + 1 + 3 + 1 + 2)
  for (const nothing of [null, undefined, 1, true, {}, [], { role: 'assistant' }, { content: null }]) {
    assert.equal(generatedBytes(nothing), 0)
  }
})

test('generated text is counted at any depth and width an upstream comes up with', () => {
  const deep = JSON.parse(`${'[{"a":'.repeat(200_000)}"xyz"${'}]'.repeat(200_000)}`) as unknown
  assert.equal(generatedBytes({ content: deep }), 3)
  assert.equal(generatedBytes({ content: Array.from({ length: 300_000 }, () => 'x') }), 300_000)
})

test('the size of a message does not depend on how its JSON was written', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ role: fc.constant('user'), content: fc.string({ unit: 'binary' }) })), (list) => {
      const wide = JSON.parse(JSON.stringify(list, null, 4)) as unknown
      const ascii = JSON.stringify(list).replace(
        /[^\0-\x7f]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
      const parts = list.map(({ role, content }) => ({ role, content: [{ type: 'text', text: content }] }))
      assert.deepEqual(sizeOf(wide), sizeOf(list))
      assert.deepEqual(sizeOf(JSON.parse(ascii)), sizeOf(list))
      assert.deepEqual(sizeOf(parts), sizeOf(list))
    }),
  )
})
