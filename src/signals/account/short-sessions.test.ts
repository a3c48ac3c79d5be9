import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

const asking = (turns: (i: number) => number) =>
  Array.from({ length: 60 }, (_, i) =>
    observed({ timeMs: i * 60_000, observation: prompt({ text: i, turns: turns(i) }) }),
  )

test('prompts that stand alone are short sessions, conversations are not', () => {
  assert.equal(
    readingOf(
      'short_sessions',
      asking(() => 1),
    )!.value,
    1,
  )
  assert.equal(
    readingOf(
      'short_sessions',
      asking((i) => 1 + (i % 6) * 2),
    )!.value,
    0,
  )
})

test('it only explains: half of all conversations of people have one prompt', () => {
  assert.equal(
    readingOf(
      'short_sessions',
      asking(() => 1),
    )!.weight,
    'context',
  )
})
