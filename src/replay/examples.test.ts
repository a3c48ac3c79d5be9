import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Examples } from './examples.ts'

test('a key that comes again is kept with examples, one of an account and spread over the log', () => {
  const examples = new Examples()
  for (let i = 0; i < 1000; i++) examples.add([42], `text ${i}`, `account ${i >> 1}`)
  const found = examples.of(42)!
  assert.equal(found.exchanges, 997)
  assert.equal(found.examples.length, 8)
  assert.equal(new Set(found.examples.map(({ account }) => account)).size, 8)
  const places = found.examples.map(({ text }) => Number(text.slice(5)))
  assert.ok(Math.max(...places) > 800, 'late ones')
  assert.equal(examples.of(43), null)
})

test('one account alone gives one example', () => {
  const examples = new Examples()
  for (let i = 0; i < 1000; i++) examples.add([1], `text ${i}`, 'a')
  assert.equal(examples.of(1)!.examples.length, 1)
})

test('keys of one exchange each cost no memory, and do not drive out a common one', () => {
  const examples = new Examples(100)
  let kept = 0
  for (let i = 0; i < 300_000; i++) {
    examples.add([i * 7919, -i, i % 3 === 0 ? 77 : i * 31 + 2 ** 33], 'x', `a${i % 50}`)
  }
  for (let i = 0; i < 300_000; i++) if (examples.of(i * 7919) !== null || examples.of(-i) !== null) kept++
  assert.ok(kept <= 100, String(kept))
  assert.ok(examples.of(77)!.exchanges > 90_000)
})

test('an example is a short copy of a long text', () => {
  const examples = new Examples()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 400; i++) examples.add([i % 20], `${i}`.padEnd(1_000_000, 'x'), `a${i}`)
  assert.equal(examples.of(1)!.examples[0]!.text.length, 300)
  globalThis.gc?.()
  assert.ok(process.memoryUsage().heapUsed - before < 120_000_000)
})
