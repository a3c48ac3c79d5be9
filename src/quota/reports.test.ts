import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leased, leasedLimit, START_MS, type Process } from '../../test/support/leased.ts'
import type { LeasedCounter } from './leased-counter.ts'
import { startReports } from './reports.ts'

/** A counter with 10 units used. */
function used(process: Process, key: string): LeasedCounter {
  const counter = process.counter(leasedLimit(), key)
  counter.prepare(10, 10, START_MS)
  counter.room(START_MS)
  counter.settle(10, 10, counter.hold(10, START_MS), START_MS)
  return counter
}

test('all counters report in one message a round, and each takes its own answer', async () => {
  const world = leased()
  const process = world.process('a')
  const counters = ['a', 'b', 'c'].map((key) => used(process, key))
  process.asked.length = 0
  const reports = startReports(process.office, 1000)
  await world.clock.advance(999)
  assert.equal(process.asked.length, 0)
  await world.clock.advance(1)
  assert.deepEqual(
    process.asked.map((asks) => asks.map(({ key, spent }) => [key, spent])),
    [
      [
        ['a', 10],
        ['b', 10],
        ['c', 10],
      ],
    ],
  )
  await world.clock.advance(10_000)
  assert.equal(process.office.touched.size, 0)
  assert.ok(process.asked.length <= 3, 'counters at rest say nothing')
  for (const counter of counters) assert.equal(counter.view(world.clock.now()).used, 10)
  reports.stop()
})

test('a store that fails is told by every counter that asked, and the next round brings them back', async () => {
  for (const delayMs of [null, 10]) {
    const world = leased()
    const process = world.process('a')
    const counters = ['a', 'b'].map((key) => used(process, key))
    Object.assign(process.line, { broken: true, delayMs })
    const reports = startReports(process.office, 1000)
    await world.clock.advance(1500)
    assert.deepEqual(
      counters.map(({ live }) => live),
      [false, false],
    )
    process.line.broken = false
    await world.clock.advance(2000)
    assert.deepEqual(
      counters.map(({ live }) => live),
      [true, true],
    )
    reports.stop()
  }
})

test('rounds do not overtake each other, and after stop none begins', async () => {
  const world = leased()
  const process = world.process('a')
  used(process, 'a')
  process.asked.length = 0
  process.line.delayMs = 5000
  const reports = startReports(process.office, 1000)
  await world.clock.advance(5500)
  assert.equal(process.asked.length, 1)
  reports.stop()
  await world.clock.run()
  assert.equal(world.clock.pending, 0)
  assert.equal(process.asked.length, 1)
})

test('a round on demand leaves nothing unreported', async () => {
  const world = leased()
  const process = world.process('a')
  used(process, 'a')
  const reports = startReports(process.office, 1000)
  await reports.round()
  reports.stop()
  assert.equal(world.store.records.get('a')?.record.window.used, 10)
  assert.equal(world.clock.pending, 0)
})
