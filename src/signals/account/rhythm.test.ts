import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

const asking = (gapMs: (i: number) => number, profile: 'human_seat' | 'app' = 'human_seat') => {
  let timeMs = 0
  return Array.from({ length: 200 }, (_, i) =>
    observed({ timeMs: (timeMs += gapMs(i)), profile, observation: prompt({ text: i }) }),
  )
}

/** Exponential gaps, by quantiles in a scrambled order. */
const waited = (i: number): number => -120_000 * Math.log(((i * 61) % 200) / 200 + 0.0025)

test('a timer has no human rhythm, with and without a little jitter; waiting people have', () => {
  assert.equal(
    readingOf(
      'no_human_rhythm',
      asking(() => 60_000),
    )!.value,
    1,
  )
  assert.ok(
    readingOf(
      'no_human_rhythm',
      asking((i) => 60_000 + ((i * 7919) % 12_000)),
    )!.value > 0.9,
  )
  const person = readingOf('no_human_rhythm', asking(waited))!
  assert.equal(person.value, 0, person.says)
})

test('it is evidence among people only', () => {
  assert.equal(readingOf('no_human_rhythm', asking(waited))!.weight, 'evidence')
  assert.equal(readingOf('no_human_rhythm', asking(waited, 'app'))!.weight, 'context')
})

test('pauses between sittings are not counted', () => {
  assert.equal(
    readingOf(
      'no_human_rhythm',
      asking(() => 3_600_000),
    ),
    null,
  )
})
