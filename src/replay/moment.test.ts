import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looseTime, type ReadTime, strictTime } from './moment.ts'

const at = Date.UTC(2026, 5, 1, 12, 30, 15)
const read = (readTime: ReadTime, value: unknown): number | string => {
  const result = readTime(value)
  return result.ok ? result.value : result.error
}

test("the contract's times are epoch milliseconds and RFC 3339", () => {
  for (const [value, ms] of [
    [at, at],
    [at + 0.9, at],
    ['2026-06-01T12:30:15Z', at],
    ['2026-06-01t12:30:15z', at],
    ['2026-06-01 12:30:15Z', at],
    ['2026-06-01T14:30:15.250+02:00', at + 250],
    ['2026-06-01T14:30:15.250999999+02:00', at + 250],
    ['2026-06-01T12:30:60Z', at + 44_000],
  ] as const) {
    assert.equal(read(strictTime, value), ms, String(value))
  }
})

test('what is no such time is refused, and says why', () => {
  for (const value of [
    '2026-06-01T12:30:15',
    '2026-06-01',
    'yesterday',
    '1780317015000',
    '',
    [],
    {},
    true,
    Number.NaN,
  ]) {
    assert.equal(read(strictTime, value), 'a time that cannot be read', JSON.stringify(value))
  }
  for (const value of [
    0,
    -1,
    1_780_317_015,
    1e300,
    Infinity,
    -Infinity,
    Date.UTC(1999, 11, 31),
    Date.UTC(2100, 0, 1),
  ]) {
    assert.equal(read(strictTime, value), 'a time before 2000 or after 2100', String(value))
  }
  assert.equal(read(strictTime, '9999-01-01T00:00:00Z'), 'a time before 2000 or after 2100')
  assert.equal(read(strictTime, '2026-13-01T00:00:00Z'), 'a time that cannot be read')
  for (const value of [undefined, null]) assert.equal(read(strictTime, value), 'no time')
})

test("vendors' times may be in seconds, in a text, or without a zone, which is UTC", () => {
  for (const [value, ms] of [
    [at, at],
    [at / 1000, at],
    [at / 1000 + 0.25, at + 250],
    [`${at / 1000}`, at],
    [`${at}`, at],
    ['2026-06-01 12:30:15.847371', at + 847],
    ['2026-06-01T12:30:15', at],
    ['2026-06-01T12:30:15+00:00', at],
    ['2026-06-01 14:30:15+0200', at],
    [5, 'a time before 2000 or after 2100'],
    [at * 1000, 'a time before 2000 or after 2100'],
    ['1 June 2026', 'a time that cannot be read'],
    ['x'.repeat(1_000_000), 'a time that cannot be read'],
  ] as const) {
    assert.equal(read(looseTime, value), ms, String(value).slice(0, 40))
  }
})
