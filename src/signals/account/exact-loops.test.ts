import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

const sending = (text: (i: number) => number) =>
  Array.from({ length: 80 }, (_, i) =>
    observed({ timeMs: i * 1000, observation: prompt({ role: 'tool', text: text(i) }) }),
  )

test('an agent that is stuck in one call, or in three, is seen', () => {
  assert.equal(
    readingOf(
      'exact_loops',
      sending(() => 1),
    )!.value,
    1,
  )
  assert.equal(
    readingOf(
      'exact_loops',
      sending((i) => i % 3),
    )!.value,
    1,
  )
  assert.ok(
    readingOf(
      'exact_loops',
      sending((i) => Math.min(i, 50)),
    )!.value > 0.9,
    'stuck at last',
  )
})

test('new texts, and a yes now and then, are no loop', () => {
  assert.equal(
    readingOf(
      'exact_loops',
      sending((i) => i),
    )!.value,
    0,
  )
  assert.equal(
    readingOf(
      'exact_loops',
      sending((i) => (i % 3 === 0 ? 0 : i)),
    )!.value < 0.1,
    true,
  )
})
