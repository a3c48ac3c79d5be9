import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

/** Prompts in pairs: the first is refused, the second comes `gapMs` later. */
const pairs = (second: (i: number) => Parameters<typeof prompt>[0], gapMs: number, count = 12) =>
  Array.from({ length: count }, (_, i) => [
    observed({ timeMs: 1_760_000_000_000 + i * 3_600_000, observation: prompt({ text: i * 100, refused: true }) }),
    observed({ timeMs: 1_760_000_000_000 + i * 3_600_000 + gapMs, observation: prompt(second(i)) }),
  ]).flat()

test('nearly the same prompt again after a refusal, time after time, is a bypass', () => {
  const found = readingOf(
    'systematic_bypass',
    pairs((i) => ({ text: i * 100 + 1, content: i * 100 }), 20_000),
  )!
  assert.ok(found.value > 0.9, found.says)
})

test('another topic, the very same prompt, or an hour of thought are not', () => {
  for (const [what, all] of Object.entries({
    'another topic': pairs((i) => ({ text: i * 100 + 1 }), 20_000),
    'the same prompt': pairs((i) => ({ text: i * 100, content: i * 100 }), 20_000),
    'an hour later': pairs((i) => ({ text: i * 100 + 1, content: i * 100 }), 3_000_000),
  })) {
    assert.equal(readingOf('systematic_bypass', all)!.value, 0, what)
  }
})

test('a person who was misunderstood once is left alone, and without a refusal nothing is said', () => {
  const once = [...pairs((i) => ({ text: i * 100 + 1, content: i * 100 }), 20_000, 5)].slice(0, 10)
  assert.ok(readingOf('systematic_bypass', once)!.value < 0.3)
  const none = Array.from({ length: 20 }, (_, i) => observed({ observation: prompt({ text: i }) }))
  assert.equal(readingOf('systematic_bypass', none), null)
})
