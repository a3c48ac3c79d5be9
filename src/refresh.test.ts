import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVirtualClock } from './lab/virtual-clock.ts'
import { refreshEvery } from './refresh.ts'

test('what is to be asked again is asked as often as is said, and not where nothing is said', async () => {
  const clock = createVirtualClock(0)
  let everyMs: number | null = 60_000
  let asked = 0
  const stop = refreshEvery(
    clock,
    () => everyMs,
    () => void asked++,
  )
  await clock.advance(59_999)
  assert.equal(asked, 0)
  await clock.advance(1)
  assert.equal(asked, 1)
  everyMs = null
  await clock.advance(600_000)
  assert.equal(asked, 1)
  everyMs = 10_000
  await clock.advance(30_000)
  assert.ok(asked > 1, 'a configuration that has come to need it is noticed')
  stop()
  const before = asked
  await clock.advance(600_000)
  assert.equal(asked, before)
})

test('it can be stopped from within', async () => {
  const clock = createVirtualClock(0)
  let asked = 0
  const stop = refreshEvery(
    clock,
    () => 1000,
    () => {
      asked++
      stop()
    },
  )
  await clock.advance(60_000)
  assert.equal(asked, 1)
})
