import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

const asking = (tokensPerChar: number, given: Parameters<typeof prompt>[0] = {}) =>
  Array.from({ length: 40 }, (_, i) =>
    observed({ inputTokens: Math.round(400 * tokensPerChar), observation: prompt({ text: i, chars: 400, ...given }) }),
  )

test('payloads are dense, prose is not', () => {
  assert.ok(readingOf('dense_text', asking(0.75))!.value > 0.8)
  assert.equal(readingOf('dense_text', asking(0.25))!.value, 0)
})

test('where a system prompt or a conversation is counted in, nothing is said', () => {
  assert.equal(readingOf('dense_text', asking(0.75, { turns: 5 })), null)
  assert.equal(readingOf('dense_text', asking(0.75, { system: 7 })), null)
})

test('it only explains', () => assert.equal(readingOf('dense_text', asking(0.75))!.weight, 'context'))
