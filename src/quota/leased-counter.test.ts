import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leased, leasedLimit, START_MS, TTL_MS, type Leased, type Process } from '../../test/support/leased.ts'
import type { LeasedCounter } from './leased-counter.ts'

const limit = leasedLimit()

/** What a round of reports does for one counter of a store in the process. */
function report({ office }: Process, counter: LeasedCounter): void {
  const nowMs = office.clock.now()
  const asks = counter.reports(nowMs)
  if (asks.length > 0) counter.take(office.store.ask(asks) as never, asks, nowMs)
}

/** Admits as the ledger does: waits if need be, looks, takes. */
async function admit(world: Leased, counter: LeasedCounter, units: number): Promise<number | null> {
  const wait = counter.prepare(units, units, world.clock.now())
  if (wait !== null) await Promise.all([wait, world.clock.advance(100)])
  return counter.room(world.clock.now()) < units ? null : counter.hold(units, world.clock.now())
}

test('a store in the process makes nobody wait, and two processes together have the limit once', async () => {
  const world = leased()
  const [a, b] = ['a', 'b'].map((owner) => world.process(owner).counter(limit))
  let admitted = 0
  for (let i = 0; i < 100; i++) {
    const counter = i % 2 === 0 ? a! : b!
    assert.equal(counter.prepare(10, 10, START_MS), null)
    const slice = await admit(world, counter, 10)
    if (slice === null) continue
    admitted += 10
    counter.settle(10, 10, slice, START_MS)
  }
  assert.ok(admitted <= 320 && admitted >= 300, `${admitted} admitted`)
})

test('what is not used comes back to the others with the reports', async () => {
  const world = leased()
  const [one, two] = [world.process('a'), world.process('b')]
  const [a, b] = [one.counter(limit), two.counter(limit)]
  const slice = await admit(world, a, 320)
  assert.notEqual(slice, null)
  assert.equal(await admit(world, b, 50), null)
  assert.ok(b.waitMs(50, START_MS)! > 0)
  assert.equal(b.waitMs(321, START_MS), null)
  a.settle(320, 20, slice!, START_MS)
  report(one, a)
  report(one, a)
  await world.clock.advance(2000)
  assert.notEqual(await admit(world, b, 290), null)
  assert.equal(a.view(START_MS + 2000).used, 20)
})

test('the view adds what others use and hold to what this process knows', async () => {
  const world = leased()
  const [one, two] = [world.process('a'), world.process('b')]
  const [a, b] = [one.counter(limit), two.counter(limit)]
  const slice = await admit(world, a, 40)
  a.settle(40, 30, slice!, START_MS)
  report(one, a)
  await admit(world, b, 50)
  const view = b.view(START_MS)
  assert.deepEqual([view.used, view.debt], [30, 0])
  assert.ok(view.held >= 50 && view.held <= 80, `${view.held} held`)
  assert.equal(view.remaining, 320 - view.used - view.held)
})

test('what was given back before the lease ended is not charged when it does', async () => {
  const world = leased()
  const process = world.process('a')
  const counter = process.counter(limit)
  const slice = await admit(world, counter, 300)
  counter.settle(300, 20, slice!, START_MS)
  for (let i = 0; i < 4; i++) {
    report(process, counter)
    await world.clock.advance(1000)
  }
  await world.clock.advance(2 * TTL_MS)
  assert.notEqual(await admit(world, counter, 10), null)
  assert.equal(counter.view(world.clock.now()).used, 20)
})

test('a gauge comes back with the reports, unit by unit, and nothing is charged', async () => {
  const world = leased()
  const gauge = leasedLimit({ resource: 'concurrent', kind: 'gauge', windowMs: 0, amount: 2, burst: 2 })
  const [one, two] = [world.process('a'), world.process('b')]
  const [a, b] = [one.counter(gauge), two.counter(gauge)]
  const slices = [await admit(world, a, 1), await admit(world, a, 1)]
  assert.ok(slices.every((slice) => slice !== null))
  assert.equal(await admit(world, b, 1), null)
  assert.equal(a.settle(1, 0, slices[0]!, START_MS), 0)
  report(one, a)
  await world.clock.advance(1000)
  assert.notEqual(await admit(world, b, 1), null)
  assert.equal(await admit(world, b, 1), null)
  assert.equal(a.view(world.clock.now()).used, 0)
})

test('an answer within the deadline is waited for, and spending what was leased waits for nobody', async () => {
  const world = leased()
  const counter = world.process('a', { delayMs: 3 }).counter(limit)
  const wait = counter.prepare(10, 10, START_MS)
  assert.notEqual(wait, null)
  assert.equal(counter.room(START_MS), 0)
  await world.clock.advance(3)
  await wait
  assert.ok(counter.room(world.clock.now()) >= 10)
  assert.equal(counter.prepare(5, 5, world.clock.now()), null)
  await world.clock.run()
  assert.equal(world.clock.pending, 0)
})

test('whoever needs more than another has asked for asks again within the same wait', async () => {
  const world = leased()
  const counter = world.process('a', { delayMs: 2 }).counter(limit)
  const waits = [counter.prepare(1, 1, START_MS), counter.prepare(100, 100, START_MS)]
  await world.clock.advance(5)
  for (const wait of waits) await wait
  assert.ok(counter.room(world.clock.now()) >= 100)
})

for (const [onStoreError, room] of [
  ['deny', 0],
  ['local', 160],
  ['allow', Number.MAX_SAFE_INTEGER],
] as const) {
  test(`a store past the deadline: ${onStoreError} has room for ${room}, until the store is back`, async () => {
    const world = leased()
    const remote = world.process('a', { delayMs: 1000 })
    const counter = remote.counter(leasedLimit({ onStoreError }))
    const wait = counter.prepare(10, 10, START_MS)
    await world.clock.advance(5)
    await wait
    assert.equal(counter.live, false)
    assert.equal(counter.room(world.clock.now()), room)
    assert.equal(counter.waitMs(10, world.clock.now()), 1000)
    if (room > 0) {
      const slice = counter.hold(10, world.clock.now())
      if (onStoreError === 'local') assert.equal(counter.room(world.clock.now()), 150)
      assert.equal(counter.settle(10, 4, slice, world.clock.now()), 0)
      if (onStoreError === 'local') assert.equal(counter.room(world.clock.now()), 156)
    }
    await world.clock.run()
    assert.equal(counter.live, true, 'the late answer brings it back')
    assert.ok(counter.room(world.clock.now()) >= 10)
  })

  test(`a store that fails at once: ${onStoreError} has room for ${room}, and the next answer brings it back`, async () => {
    for (const delayMs of [null, 1]) {
      const world = leased()
      const process = world.process('a', { broken: true, delayMs })
      const counter = process.counter(leasedLimit({ onStoreError }))
      await admit(world, counter, 321)
      assert.equal(counter.live, false)
      assert.equal(counter.room(world.clock.now()), room)
      process.line.broken = false
      // While the store is away nobody waits for it: the first to ask again is decided without it.
      assert.equal(counter.prepare(10, 10, world.clock.now()), null)
      await world.clock.advance(100)
      assert.equal(counter.live, true)
      assert.notEqual(await admit(world, counter, 10), null)
    }
  })
}

test('a calendar limit starts anew with its period, and what was held before belongs to the old one', async () => {
  const world = leased(55_000)
  const process = world.process('a')
  const counter = process.counter(leasedLimit({ kind: 'calendar' }))
  const old = await admit(world, counter, 320)
  assert.equal(await admit(world, counter, 1), null)
  await world.clock.advance(6000)
  const fresh = await admit(world, counter, 320)
  assert.notEqual(fresh, null)
  assert.equal(counter.settle(320, 300, old!, world.clock.now()), 0)
  assert.equal(counter.room(world.clock.now()), 0)
  counter.settle(320, 100, fresh!, world.clock.now())
  for (let i = 0; i < 3; i++) report(process, counter)
  assert.equal(counter.view(world.clock.now()).used, 100)
  assert.equal(world.store.records.get('l/k')?.record.window.held, 0)
})

test('a lease that was not renewed in time is over: its holds give nothing back and another is opened', async () => {
  const world = leased()
  const counter = world.process('a').counter(limit)
  const slice = await admit(world, counter, 100)
  await world.clock.advance(TTL_MS)
  assert.notEqual(await admit(world, counter, 50), null)
  const before = counter.view(world.clock.now())
  assert.ok(before.used >= 100, `${before.used} used: what was out is charged`)
  counter.settle(100, 0, slice!, world.clock.now())
  assert.equal(counter.view(world.clock.now()).used, before.used)
})

test('what is owed is told once: reports repeat it, and the store makes debt of it once', async () => {
  const world = leased()
  const process = world.process('a')
  const counter = process.counter(limit)
  const slice = await admit(world, counter, 320)
  assert.equal(counter.settle(320, 350, slice!, START_MS), 30)
  assert.equal(counter.view(START_MS).debt, 30)
  for (let i = 0; i < 3; i++) report(process, counter)
  assert.equal(world.store.records.get('l/k')?.record.window.debt, 30)
  assert.equal(counter.view(START_MS).debt, 30)
})

test('what is owed outlives its lease, and is carried over once', async () => {
  const world = leased()
  const remote = world.process('a')
  const counter = remote.counter(limit)
  const slice = await admit(world, counter, 320)
  remote.line.broken = true
  counter.settle(320, 350, slice!, START_MS)
  await world.clock.advance(TTL_MS + 1)
  remote.line.broken = false
  for (let i = 0; i < 3; i++) report(remote, counter)
  const { used, debt } = world.store.records.get('l/k')!.record.window
  assert.deepEqual([used, debt], [320, 30])
})

test('what is owed under a lease that never got anything is not lost when the period turns', async () => {
  const world = leased(55_000)
  const calendar = leasedLimit({ kind: 'calendar' })
  assert.notEqual(await admit(world, world.process('other').counter(calendar), 320), null)
  const process = world.process('a')
  const counter = process.counter(calendar)
  assert.equal(counter.owe(25, 55_000), 25)
  await world.clock.advance(6000)
  for (let i = 0; i < 3; i++) report(process, counter)
  assert.equal(counter.view(world.clock.now()).used, 25)
})

test('a counter that was forgotten and is made anew does not take up what its old lease has spent', async () => {
  const world = leased()
  const process = world.process('a')
  let spent = 0
  for (let life = 0; life < 20; life++) {
    const counter = process.counter(limit)
    const slice = await admit(world, counter, 40)
    if (slice !== null) {
      counter.settle(40, 40, slice, world.clock.now())
      spent += 40
    }
    for (let i = 0; i < 3; i++) report(process, counter)
    assert.ok(counter.atRest(world.clock.now()))
    await world.clock.advance(500)
  }
  assert.ok(spent <= 320, `${spent} used of 320`)
})

test('a lease that the store has dropped from memory does not starve its process', async () => {
  const world = leased()
  const short = leasedLimit({ windowMs: 1000, amount: 10, burst: 10 })
  const process = world.process('a')
  const counter = process.counter(short)
  for (let round = 0; round < 5; round++) {
    const slice = await admit(world, counter, 8)
    assert.notEqual(slice, null, `round ${round}`)
    counter.settle(8, 8, slice!, world.clock.now())
    for (let i = 0; i < 4; i++) {
      report(process, counter)
      await world.clock.advance(400)
    }
  }
})

test('an idle counter gives back what it leased ahead and then has nothing to report', async () => {
  const world = leased()
  const process = world.process('a')
  const counter = process.counter(limit)
  const slice = await admit(world, counter, 10)
  counter.settle(10, 10, slice!, START_MS)
  assert.equal(counter.atRest(START_MS), false)
  for (let i = 0; i < 3; i++) report(process, counter)
  assert.ok(counter.atRest(START_MS))
  assert.equal(process.office.touched.size, 0)
  assert.equal(world.store.records.get('l/k')?.record.window.held, 0)
})
