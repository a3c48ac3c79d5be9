import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LikeChunks } from './like-chunks.ts'

const chunk = (content: string, over: object = {}): string => JSON.stringify({ id: 'c', delta: { content }, ...over })
const textIn = (value: unknown): unknown => (value as { delta?: { content?: unknown } }).delta?.content

function after(data: string): LikeChunks {
  const like = new LikeChunks()
  like.take(data, textIn)
  return like
}

test('a chunk that differs in its text alone is known without being parsed', () => {
  const like = after(chunk('one', { usage: null }))
  for (const text of ['two', '', ' ', 'größer 🎉 \u2028', "it's {}[],:"]) {
    assert.equal(like.textOf(chunk(text, { usage: null })), text)
  }
})

test('a chunk that differs in anything else has to be parsed', () => {
  const like = after(chunk('one', { usage: null }))
  const others = [
    chunk('one', { usage: {} }),
    chunk('one', { usage: null, more: 1 }),
    chunk('one', { usage: null }).replace('"c"', '"d"'),
    `${chunk('one', { usage: null })} `,
    '{"id":"c","delta":{"content":"',
    '',
  ]
  for (const other of others) assert.equal(like.textOf(other), null, other)
})

test('a text that is written with escapes, or ends early and goes on as something else, has to be parsed', () => {
  const like = after(chunk('one'))
  const hostile = ['a"b', 'a\\b', 'a\nb', 'a\u0001b']
  for (const text of hostile) assert.equal(like.textOf(chunk(text)), null, text)
  assert.equal(like.textOf('{"id":"c","delta":{"content":"a","content":"bbbbbbbbbb"}}'), null)
  assert.equal(like.textOf('{"id":"c","delta":{"content":"a\n"}}'.replace('\\n', '\n')), null)
})

test('what only looks like the text is no model: of another object, or overruled by a second one', () => {
  for (const data of [
    '{"id":"c","other":{"content":"x"},"delta":{"content":"x"}}',
    '{"delta":{"content":"x","content":"x"}}',
    '{"delta":{"content":"x"},"delta":{"content":"x"}}',
    '{"delta":{"text":"x"}}',
    '{"delta":{"content":"x\\n"}}',
  ]) {
    assert.equal(after(data).textOf(data), null, data)
  }
})

test('a stream whose chunks differ in more is soon left alone', () => {
  const like = new LikeChunks()
  for (let i = 0; i < 4; i++) like.take(chunk('x', { i }), textIn)
  like.take(chunk('x', { i: 5 }), textIn)
  assert.equal(like.textOf(chunk('y', { i: 5 })), null)
  assert.equal(like.textOf(chunk('y', { i: 3 })), 'y')
  assert.equal(after(chunk('x', { long: 'x'.repeat(5000) })).textOf(chunk('y', { long: 'x'.repeat(5000) })), null)
})
