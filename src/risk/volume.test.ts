import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { noteVolume, startVolume, volumeEvidence, type VolumeState } from './volume.ts'

const HOUR_MS = 3_600_000

function after(count: number, everyMs: number, status = 200, sameText = false): VolumeState {
  const state = startVolume()
  for (let i = 0; i < count; i++) noteVolume(state, i * everyMs, sameText ? 1 : i + 1, status, true)
  return state
}

test('about a thousand prompts of one template within three days are evidence, and a tenth of it is not', () => {
  assert.ok(volumeEvidence(after(1000, 4 * 60_000)) > 10)
  assert.ok(volumeEvidence(after(100, 40 * 60_000)) < 1.5)
})

test('what goes on at a slow pace levels out, however long it lasts', () => {
  assert.ok(volumeEvidence(after(20_000, HOUR_MS)) < 1.5)
})

test('prompts of an account that shows a person, or no template, count for nothing', () => {
  const state = startVolume()
  for (let i = 0; i < 5000; i++) noteVolume(state, i * 1000, i, i % 2 === 0 ? 429 : 200, false)
  assert.equal(volumeEvidence(state), 0)
})

test('asking again at once what was just refused counts for more, and only that', () => {
  const plain = volumeEvidence(after(100, 1000))
  assert.ok(volumeEvidence(after(100, 1000, 429, true)) > plain + 5)
  assert.ok(Math.abs(volumeEvidence(after(100, 1000, 429, false)) - plain) < 1e-9)
  assert.ok(Math.abs(volumeEvidence(after(100, 1000, 200, true)) - plain) < 1e-9)
})

test('it is bounded by what is sent, never negative, and a clock that stands still or runs back does no harm', () => {
  const seen = fc.record({
    time: fc.integer({ min: -1e12, max: 1e13 }),
    text: fc.nat(3),
    status: fc.constantFrom(200, 429, 500),
    alone: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 300 }), (all) => {
      const state = startVolume()
      for (const { time, text, status, alone } of all) noteVolume(state, time, text, status, alone)
      const evidence = volumeEvidence(state)
      assert.ok(evidence >= 0 && evidence <= all.length * 0.017 + 12 + 1e-9)
    }),
  )
})
