import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

const answered = (echoes: readonly (number | null)[]) =>
  [...Array.from({ length: 10 }, () => null), ...echoes].map((systemEcho, i) =>
    observed({ observation: prompt({ text: i, systemEcho }) }),
  )

test('an answer that repeats its system prompt gives it away, once or twice is enough', () => {
  assert.ok(readingOf('prompt_extraction', answered([90]))!.value > 0.3)
  assert.ok(readingOf('prompt_extraction', answered([0, 90, 5, 100]))!.value > 0.9)
})

test('an answer that quotes a sentence of its instructions does not, and without system prompts nothing is said', () => {
  assert.equal(readingOf('prompt_extraction', answered([10, 0, 25, 30]))!.value, 0)
  assert.equal(readingOf('prompt_extraction', answered([null])), null)
})
