import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, readingOf } from '../testing.ts'

const HOUR_MS = 3_600_000
const calling = (count: number, createdMs: number | null, everyMs: number) =>
  Array.from({ length: count }, (_, i) => observed({ createdMs, timeMs: HOUR_MS * 1000 + i * everyMs }))

test('a hundred calls in the first hour are brand new, in the second month they are not', () => {
  assert.ok(readingOf('brand_new', calling(100, HOUR_MS * 1000, 10_000))!.value > 0.9)
  assert.equal(readingOf('brand_new', calling(100, 0, 10_000))!.value, 0)
})

test('before the hundredth call, or where nobody knows when it was created, nothing is said', () => {
  assert.equal(readingOf('brand_new', calling(99, 0, 10_000)), null)
  assert.equal(readingOf('brand_new', calling(200, null, 10_000)), null)
})
