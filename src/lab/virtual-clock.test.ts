import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { sleep } from '../core/clock.ts'
import { createVirtualClock } from './virtual-clock.ts'

test('timers fire in order of time, and those of one time in order of creation', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 60 }), async (delays) => {
      const clock = createVirtualClock(1000)
      const fired: [number, number][] = []
      for (const [i, delay] of delays.entries()) clock.after(delay, () => fired.push([clock.now(), i]))
      await clock.run()
      const expected = delays.map((delay, i): [number, number] => [1000 + delay, i])
      assert.deepEqual(
        fired,
        expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
      )
      assert.equal(clock.pending, 0)
    }),
    { numRuns: 50 },
  )
})

test('whatever is cancelled does not fire, and pending counts the rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(9), fc.boolean()), { maxLength: 60 }), async (timers) => {
      const clock = createVirtualClock(0)
      const fired = new Set<number>()
      const cancels = timers.map(([delay], i) => clock.after(delay, () => fired.add(i)))
      for (const [i, [, cancelled]] of timers.entries()) if (cancelled) for (let k = 0; k < 2; k++) cancels[i]!()
      assert.equal(clock.pending, timers.filter(([, cancelled]) => !cancelled).length)
      await clock.run()
      for (const [i, [, cancelled]] of timers.entries()) assert.equal(fired.has(i), !cancelled)
      for (const cancel of cancels) cancel()
      assert.equal(clock.pending, 0, 'cancelling what has fired counts nothing')
    }),
    { numRuns: 50 },
  )
})

test('a promise that was waiting goes on before time moves', async () => {
  const clock = createVirtualClock(0)
  const seen: string[] = []
  const wait = async (name: string, ms: number): Promise<void> => {
    await sleep(clock, ms)
    seen.push(`${name} at ${clock.now()}`)
    await sleep(clock, ms)
    seen.push(`${name} at ${clock.now()}`)
  }
  const both = Promise.all([wait('a', 10), wait('b', 4)])
  await clock.run()
  await both
  assert.deepEqual(seen, ['b at 4', 'b at 8', 'a at 10', 'a at 20'])
})

test('advance fires what is due and stands at its end', async () => {
  const clock = createVirtualClock(0)
  const fired: number[] = []
  for (const ms of [5, 10, 11]) clock.after(ms, () => fired.push(ms))
  await clock.advance(10)
  assert.deepEqual([fired, clock.now(), clock.pending], [[5, 10], 10, 1])
  await clock.advance(0)
  await clock.advance(90)
  assert.deepEqual([fired, clock.now(), clock.pending], [[5, 10, 11], 100, 0])
})

test('a timer may set and cancel others, also for now', async () => {
  const clock = createVirtualClock(0)
  const fired: string[] = []
  const cancel = clock.after(5, () => fired.push('never'))
  clock.after(5 - 1, () => {
    cancel()
    clock.after(0, () => fired.push(`now at ${clock.now()}`))
    clock.after(-3, () => fired.push(`past at ${clock.now()}`))
  })
  await clock.run()
  assert.deepEqual(fired, ['now at 4', 'past at 4'])
})

test('a million timers that are cancelled again leave little behind', async () => {
  const clock = createVirtualClock(0)
  let fired = 0
  for (let i = 0; i < 1_000_000; i++) {
    const cancel = clock.after(i % 1000, () => fired++)
    if (i % 10_000 !== 0) cancel()
  }
  assert.equal(clock.pending, 100)
  await clock.run()
  assert.equal(fired, 100)
})
