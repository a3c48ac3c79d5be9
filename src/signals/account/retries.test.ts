import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

/** A failure and its retry after `waitMs(i)`, again and again. */
const retrying = (waitMs: (i: number) => number, text: (i: number) => number) =>
  Array.from({ length: 40 }, (_, i) => [
    observed({ timeMs: i * 120_000, outcome: 'failed', status: 503, observation: prompt({ text: i * 2 }) }),
    observed({ timeMs: i * 120_000 + waitMs(i), observation: prompt({ text: text(i) }) }),
  ]).flat()

test('retries without jitter are a loop somebody wrote, those of a client with jitter are not', () => {
  assert.ok(
    readingOf(
      'retries',
      retrying(
        () => 5000,
        (i) => i * 2,
      ),
    )!.value > 0.9,
  )
  const jittered = readingOf(
    'retries',
    retrying(
      (i) => 500 * 2 ** (i % 3) * (0.75 + ((i * 7) % 10) / 20),
      (i) => i * 2,
    ),
  )!
  assert.ok(jittered.value < 0.8, jittered.says)
  assert.equal(jittered.weight, 'context')
})

test('another text after a failure is no retry, and without failures nothing is said', () => {
  assert.equal(
    readingOf(
      'retries',
      retrying(
        () => 5000,
        (i) => i * 2 + 1,
      ),
    )!.value,
    0,
  )
  assert.equal(
    readingOf(
      'retries',
      Array.from({ length: 20 }, () => observed({ observation: prompt({}) })),
    ),
    null,
  )
})
