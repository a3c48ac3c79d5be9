import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Calibration } from '../core/calibration.ts'
import { readCalibration, writeCalibration } from './calibration-file.ts'

const plain = { noNullPrototype: true } as const
const cell = fc.integer({ min: 1, max: 0xffffffff })
const form = fc.uniqueArray(cell, { maxLength: 20 }).chain((cells) =>
  fc.record(
    {
      cells: fc.constant(Uint32Array.from(cells)),
      counts: fc
        .array(fc.integer({ min: 1, max: 255 }), { minLength: cells.length, maxLength: cells.length })
        .map((counts) => Uint8Array.from(counts)),
    },
    plain,
  ),
)
const scores = fc.array(fc.integer({ min: 0, max: 4000 }).map((hundredths) => hundredths / 100))
const calibration: fc.Arbitrary<Calibration> = fc.record(
  {
    v: fc.constant(1 as const),
    source: fc.string(),
    segments: fc
      .uniqueArray(fc.constantFrom('pooled', 'app', 'batch'), { maxLength: 3 })
      .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), fc.record({ scores }, plain)))))
      .map((entries) => new Map(entries)),
    panel: fc.record({ accounts: fc.array(form, { maxLength: 20 }) }, plain),
  },
  plain,
)

const sample: Calibration = {
  v: 1,
  source: 'a test',
  segments: new Map([['pooled', { scores: [1, 2.5, 0] }]]),
  panel: { accounts: [{ cells: Uint32Array.of(8, 0xfffffff9), counts: Uint8Array.of(3, 255) }] },
}

test('what is written is read again, with its scores in order', () => {
  fc.assert(
    fc.property(calibration, (one) => {
      const read = readCalibration(writeCalibration(one))
      assert.ok(read.ok)
      const sorted = [...one.segments].map(([name, { scores: all }]) => [
        name,
        { scores: all.toSorted((a, b) => a - b) },
      ])
      assert.deepEqual(read.value, { ...one, segments: new Map(sorted as [string, { scores: number[] }][]) })
    }),
  )
})

test('each kind of damage gives a message of its own', () => {
  const whole = JSON.parse(writeCalibration(sample)) as Record<string, string>
  const damaged = (change: object): string => JSON.stringify({ ...whole, ...change })
  const panel = whole['panel']!
  for (const [text, message] of [
    ['', 'is not JSON'],
    [writeCalibration(sample).slice(0, -9), 'is not JSON'],
    ['null', 'is no calibration'],
    ['[]', 'is no calibration'],
    ['{"upstreams":{}}', 'is no calibration'],
    [damaged({ v: 2 }), 'was written by a newer version of Weir'],
    [damaged({ v: '1' }), 'is no calibration'],
    [damaged({ source: null }), 'is no calibration'],
    [damaged({ segments: null }), 'is no calibration'],
    [damaged({ segments: [] }), 'is no calibration'],
    [damaged({ segments: { pooled: [1] } }), 'has a segment "pooled" whose scores are not numbers'],
    [damaged({ segments: { app: null } }), 'has a segment "app" whose scores are not numbers'],
    [damaged({ segments: { app: { scores: [1, -1] } } }), 'has a segment "app" whose scores are not numbers'],
    [damaged({ segments: { app: { scores: [1, null] } } }), 'has a segment "app" whose scores are not numbers'],
    [damaged({ panel: undefined }), 'has no panel of forms'],
    [damaged({ cells: 7 }), 'has no panel of forms'],
    [damaged({ cells: 'AAAA' }), 'has a panel that is damaged'],
    [damaged({ panel: `!${panel.slice(1)}` }), 'has a panel that is damaged'],
    [damaged({ panel: panel.slice(0, -1) }), 'has a panel that is damaged'],
    [damaged({ panel: panel.slice(0, -4) }), 'has a panel that is cut off'],
    [damaged({ panel: 'AQ==' }), 'has a panel that is cut off'],
    // A place beyond the table.
    [damaged({ cells: '' }), 'has a panel that is cut off'],
  ] as const)
    assert.deepEqual(readCalibration(text), { ok: false, error: message }, text)
})

test('whatever a file holds, reading it gives a calibration or a message', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const read = readCalibration(text)
      assert.ok(read.ok || read.error.length > 0)
    }),
  )
  const whole = writeCalibration(sample)
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
      const read = readCalibration(whole.slice(0, at) + other + whole.slice(at + 1))
      assert.ok(read.ok || read.error.length > 0)
    }),
  )
})

test('more cells than the table has places for cost the rarest ones, and no account', () => {
  const common = Uint32Array.of(8, 16, 24)
  const accounts = Array.from({ length: 400 }, (_, account) => {
    const own = Array.from({ length: 200 }, (__, i) => 1000 + account * 200 + i)
    return { cells: Uint32Array.of(...own, ...common), counts: new Uint8Array(203).fill(2) }
  })
  const read = readCalibration(writeCalibration({ ...sample, panel: { accounts } }))
  assert.ok(read.ok)
  assert.equal(read.value.panel.accounts.length, 400)
  for (const { cells } of read.value.panel.accounts) for (const one of common) assert.ok(cells.includes(one))
})
