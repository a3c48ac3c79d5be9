import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { OverloadGate } from './overload.ts'

/** How many of one priority get in when nobody leaves. */
function roomOf(priority: number, max: number): number {
  const gate = new OverloadGate(max)
  let entered = 0
  while (gate.enter(priority)) entered++
  return entered
}

test('the shares rise from seven tenths for the least trusted to all of it for the most trusted', () => {
  assert.deepEqual(
    Array.from({ length: 10 }, (_, priority) => roomOf(priority, 90)),
    [63, 66, 69, 72, 75, 78, 81, 84, 87, 90],
  )
  assert.deepEqual([roomOf(0, 1), roomOf(9, 1)], [1, 1], 'one is one for everybody')
})

test('who leaves makes room, and who was turned away is counted by priority', () => {
  const gate = new OverloadGate(10)
  for (let i = 0; i < 10; i++) assert.ok(gate.enter(9))
  assert.deepEqual([gate.enter(9), gate.enter(0), gate.enter(0)], [false, false, false])
  assert.deepEqual(gate.shed, [2, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  gate.leave()
  assert.equal(gate.inFlight, 9)
  assert.deepEqual([gate.enter(0), gate.enter(9)], [false, true])
})

test('what is no priority is the lowest or highest one, and is counted there', () => {
  const gate = new OverloadGate(0)
  for (const priority of [-1, Number.NaN, 0.9, 42, Infinity]) assert.equal(gate.enter(priority), false)
  assert.deepEqual(gate.shed, [3, 0, 0, 0, 0, 0, 0, 0, 0, 2])
})

test('another bound counts whoever is in flight, and forgets nobody who was turned away', () => {
  const gate = new OverloadGate(10)
  for (let i = 0; i < 10; i++) assert.ok(gate.enter(9))
  assert.equal(gate.enter(9), false)
  gate.resize(20)
  let more = 0
  while (gate.enter(9)) more++
  assert.equal(more, 10)
  gate.resize(5)
  for (let i = 0; i < 15; i++) gate.leave()
  assert.equal(gate.enter(9), false)
  gate.leave()
  assert.equal(gate.enter(9), true)
  assert.equal(gate.shed[9], 3)
})

test('leaving once too often makes no room', () => {
  const gate = new OverloadGate(1)
  gate.leave()
  assert.deepEqual([gate.inFlight, gate.enter(9), gate.enter(9)], [0, true, false])
})

test('never more than the bound are in flight, and trust never makes it harder to get in', () => {
  const step = fc.option(fc.nat(9), { nil: null })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 200 }), (max, steps) => {
      const gate = new OverloadGate(max)
      let inFlight = 0
      for (const priority of steps) {
        if (priority === null) {
          gate.leave()
          inFlight = Math.max(0, inFlight - 1)
        } else {
          const before = gate.inFlight
          const inside = Array.from({ length: 10 }, (_, p) => {
            const entered = gate.enter(p)
            if (entered) gate.leave()
            return entered
          })
          assert.equal(gate.inFlight, before)
          assert.ok(
            inside.every((entered, p) => p === 0 || entered || !inside[p - 1]),
            'a more trusted one is let in wherever a less trusted one is',
          )
          if (gate.enter(priority)) inFlight++
        }
        assert.equal(gate.inFlight, inFlight)
        assert.ok(inFlight <= max)
      }
    }),
  )
})
