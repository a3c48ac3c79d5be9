import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleep } from '../../core/clock.ts'
import { createRandom } from '../random.ts'
import { DAY_MS, HOUR_MS, type Stage } from '../run.ts'
import { createVirtualClock } from '../virtual-clock.ts'
import { nightly, person, steady, type Rhythm } from './rhythm.ts'

/** Every moment that a rhythm gives within some days. */
async function moments(days: number, rhythm: (stage: Stage) => Rhythm): Promise<number[]> {
  const clock = createVirtualClock(0)
  const stage = { now: () => clock.now(), sleep: (ms: number) => sleep(clock, ms), endMs: days * DAY_MS } as Stage
  const due = rhythm(stage)
  const found: number[] = []
  const done = (async () => {
    while (await due()) found.push(clock.now())
  })()
  await clock.run()
  await done
  return found
}

test('a steady program keeps its mean pace and ends with the run', async () => {
  const found = await moments(2, (stage) => steady(stage, createRandom('s'), 600_000, 0.5))
  assert.ok(Math.abs(found.length - 288) < 60, `${found.length}`)
  assert.ok(found.every((at) => at < 2 * DAY_MS && Number.isInteger(at)))
})

test('a nightly run acts from ten to six and at no other hour', async () => {
  const found = await moments(3, (stage) => nightly(stage, createRandom('n'), 60_000))
  const hours = new Set(found.map((at) => Math.floor((at % DAY_MS) / HOUR_MS)))
  assert.deepEqual(
    [...hours].sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 22, 23],
  )
})

test('a person sleeps: some hours of the day are empty, and turns come in sittings', async () => {
  const found = await moments(20, (stage) => person(stage, createRandom('p'), 6, 5))
  const byHour = Map.groupBy(found, (at) => Math.floor((at % DAY_MS) / HOUR_MS))
  assert.ok(byHour.size < 23, `${byHour.size} hours of the day`)
  const gaps = found.slice(1).map((at, i) => at - found[i]!)
  assert.ok(gaps.filter((gap) => gap < 10 * 60_000).length > gaps.length / 2)
  assert.ok(gaps.some((gap) => gap > 5 * HOUR_MS))
})
