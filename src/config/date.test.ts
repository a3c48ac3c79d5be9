import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatDate, parseDate } from './date.ts'

test('dates and date-times of RFC 3339 are read', () => {
  const known: Readonly<Record<string, number>> = {
    '2027-01-01': Date.UTC(2027, 0, 1),
    '2028-02-29': Date.UTC(2028, 1, 29),
    '2026-12-24T18:30:05Z': Date.UTC(2026, 11, 24, 18, 30, 5),
    '2026-12-24t18:30:05.25z': Date.UTC(2026, 11, 24, 18, 30, 5, 250),
    '2026-12-24T18:30:05.123456789+01:00': Date.UTC(2026, 11, 24, 17, 30, 5, 123),
    '2026-12-24T23:30:00-08:30': Date.UTC(2026, 11, 25, 8),
    '1970-01-01T00:00:00Z': 0,
  }
  for (const [text, timeMs] of Object.entries(known)) assert.equal(parseDate(text), timeMs, text)
})

test('what is no date is refused', () => {
  for (const text of [
    '2026-02-31',
    '2027-02-29',
    '2026-00-10',
    '2026-13-01',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '0026-01-01',
    '1969-12-31',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:60:00Z',
    '2026-01-01T23:59:60Z',
    '2026-01-01T10:00Z',
    '2026-01-01T10:00:00',
    '2026-01-01 10:00:00Z',
    '2026-01-01T10:00:00+24:00',
    '2026-01-01T10:00:00+01:60',
    '2026-01-01Z',
    ' 2026-01-01',
    '2026-01-01\n',
    'tomorrow',
    '',
  ]) {
    assert.equal(parseDate(text), null, text)
  }
})

test('what is shown is read as the same moment', () => {
  assert.equal(formatDate(Date.UTC(2027, 0, 1)), '2027-01-01')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (timeMs) => {
      assert.equal(parseDate(formatDate(timeMs)), timeMs)
    }),
  )
})
