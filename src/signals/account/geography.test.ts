import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, readingOf } from '../testing.ts'

type Seen = Parameters<typeof observed>[0]
const calling = (of: (i: number) => Seen) =>
  Array.from({ length: 60 }, (_, i) => observed({ timeMs: i * 60_000, ...of(i) }))

test('a country that changes within minutes, again and again, is no traveller', () => {
  const found = readingOf(
    'geography',
    calling((i) => ({ country: ['DE', 'BR', 'SG'][i % 3]! })),
  )!
  assert.ok(found.value > 0.9, found.says)
  assert.equal(
    readingOf(
      'geography',
      calling((i) => ({ country: i < 30 ? 'DE' : 'BR' })),
    )!.value,
    0,
  )
  assert.equal(
    readingOf(
      'geography',
      calling((i) => ({ country: i % 2 === 0 ? 'DE' : 'BR', timeMs: i * 7_200_000 })),
    )!.value,
    0,
  )
})

test('calls from outside declared regions are seen where regions are declared', () => {
  const all = calling(() => ({ country: 'BR' }))
  assert.equal(readingOf('geography', all, ['BR', 'AR'])!.value, 0)
  assert.equal(readingOf('geography', all, ['DE'])!.value, 1)
  assert.equal(readingOf('geography', all)!.value, 0)
})

test('proxies alone are half of it at most: they are worn by honest people too', () => {
  const found = readingOf(
    'geography',
    calling(() => ({ networkType: 'proxy', country: 'DE' })),
  )!
  assert.equal(found.value, 0.5)
  assert.equal(found.weight, 'context')
})
