import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, prompt, readingOf } from '../testing.ts'

const asking = (everyMs: number, role: 'human' | 'tool' = 'human') =>
  Array.from({ length: 800 }, (_, i) =>
    observed({ timeMs: i * everyMs, profile: 'human_seat', observation: prompt({ text: i, role }) }),
  )

test('a prompt a second is more than a hand can do, one every half minute is not', () => {
  assert.ok(readingOf('velocity', asking(1000))!.value > 0.7)
  assert.equal(readingOf('velocity', asking(30_000))!.value, 0)
})

test('tool results of an agent are not counted', () => {
  assert.equal(readingOf('velocity', asking(100, 'tool')), null)
})
