import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatBytes, formatDuration, parseBytes, parseDuration } from './units.ts'

test('durations have one whole number and one unit', () => {
  const known = { '250ms': 250, '30s': 30_000, '1m': 60_000, '6h': 21_600_000, '1d': 86_400_000, '0s': 0 }
  for (const [text, ms] of Object.entries(known)) assert.equal(parseDuration(text), ms, text)
  for (const text of ['', '30', 's', '1.5h', '1h30m', '-1s', '1 s', '1S', '1w', '1e3s', '30s\n', '9999999999999s']) {
    assert.equal(parseDuration(text), null, JSON.stringify(text))
  }
})

test('sizes are bytes or have a binary unit', () => {
  assert.equal(parseBytes('8MiB'), 8_388_608)
  assert.equal(parseBytes('512KiB'), 524_288)
  assert.equal(parseBytes('1048576'), 1_048_576)
  for (const text of ['', '8MB', '8 MiB', '1.5MiB', '-1', '1e6', 'MiB']) assert.equal(parseBytes(text), null, text)
})

test('what is formatted reads back as the same number', () => {
  const amounts = fc.oneof(
    fc.nat(),
    fc.nat(1000).map((n) => n * 1000),
    fc.nat(1000).map((n) => n * 86_400_000),
  )
  fc.assert(fc.property(amounts, (n) => parseDuration(formatDuration(n)) === n))
  fc.assert(
    fc.property(fc.nat(64), fc.nat(3), (n, power) => parseBytes(formatBytes(n * 1024 ** power)) === n * 1024 ** power),
  )
})
