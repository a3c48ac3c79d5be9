import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createVirtualClock } from '../lab/virtual-clock.ts'
import { memoryExchange } from './memory-exchange.ts'
import { sitOut, TarpitGate, type TarpitPlace } from './tarpit.ts'

test('above either bound there is no place, and it is counted', () => {
  const gate = new TarpitGate({ maxHeld: 2, maxHeldBytes: 100 })
  const first = gate.enter(60)!
  assert.equal(gate.enter(41), null, 'bytes')
  const second = gate.enter(40)!
  assert.equal(gate.enter(0), null, 'places')
  assert.deepEqual([gate.held, gate.heldBytes, gate.turnedAway], [2, 100, 2])
  first.leave()
  first.leave()
  assert.deepEqual([gate.held, gate.heldBytes], [1, 40], 'left once')
  second.leave()
  assert.deepEqual([gate.held, gate.heldBytes], [0, 0])
})

test('the fuller it is the less may be read ahead, and never more than is free', () => {
  const gate = new TarpitGate({ maxHeld: 10, maxHeldBytes: 1_600_000 })
  const place = gate.enter(0)!
  assert.equal(place.readAheadBytes, 100_000)
  assert.equal(place.keep(800_000), true)
  assert.equal(place.readAheadBytes, 50_000)
  assert.equal(place.keep(800_001), false)
  assert.equal(place.keep(800_000), true)
  assert.equal(place.readAheadBytes, 0)
  place.release(1_600_000)
  gate.resize({ maxHeld: 10, maxHeldBytes: 1e9 })
  assert.equal(place.readAheadBytes, 256 * 1024)
  place.leave()
})

test('a place that was left keeps nothing and frees nothing', () => {
  const gate = new TarpitGate({ maxHeld: 1, maxHeldBytes: 10 })
  const place = gate.enter(5)!
  place.leave()
  assert.equal(place.keep(1), false)
  place.release(3)
  assert.deepEqual([gate.held, gate.heldBytes], [0, 0])
})

test('a narrower bound by reload holds for newcomers, and those inside leave it at zero', () => {
  const gate = new TarpitGate({ maxHeld: 3, maxHeldBytes: 100 })
  const places = [gate.enter(30)!, gate.enter(30)!]
  gate.resize({ maxHeld: 1, maxHeldBytes: 10 })
  assert.equal(gate.enter(0), null)
  assert.equal(gate.freeBytes, 0)
  for (const place of places) place.leave()
  assert.deepEqual([gate.held, gate.heldBytes, gate.freeBytes], [0, 0, 10])
})

test('under any order of events the bounds hold, and all that is left is nothing', () => {
  const step = fc.record({ what: fc.constantFrom('enter', 'keep', 'leave'), n: fc.nat(60), at: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const gate = new TarpitGate({ maxHeld: 5, maxHeldBytes: 200 })
      const inside: TarpitPlace[] = []
      for (const { what, n, at } of steps) {
        const place = inside[at % Math.max(1, inside.length)]
        if (what === 'enter') {
          const entered = gate.enter(n)
          if (entered !== null) inside.push(entered)
        } else if (what === 'keep') place?.keep(n)
        else if (place !== undefined) inside.splice(inside.indexOf(place), 1)[0]!.leave()
        assert.ok(gate.held <= 5 && gate.heldBytes <= 200 && gate.heldBytes >= 0)
        assert.equal(gate.held, inside.length)
      }
      for (const place of inside) place.leave()
      assert.deepEqual([gate.held, gate.heldBytes], [0, 0])
    }),
  )
})

test('a client that leaves ends its wait at once and takes the timer with it', async () => {
  const clock = createVirtualClock(0)
  const exchange = memoryExchange({ id: 'x', receivedAtMs: 0 })
  const waited = sitOut(exchange, 60_000, clock)
  await clock.advance(1000)
  exchange.leave()
  assert.equal(await waited, false)
  assert.equal(clock.pending, 0)
  assert.equal(await sitOut(exchange, 60_000, clock), false, 'and one that is gone does not wait')
})

test('few upstreams are paused at once, and a place that is left pauses none', () => {
  const gate = new TarpitGate({ maxHeld: 100, maxHeldBytes: 1e6 })
  const places = Array.from({ length: 40 }, () => gate.enter(0)!)
  const paused = places.filter((place) => place.pause() && place.pause())
  assert.equal(paused.length, 32)
  paused[0]!.goOn()
  paused[0]!.goOn()
  assert.equal(places.at(-1)!.pause(), true)
  assert.equal(places.at(-2)!.pause(), false)
  for (const place of places) place.leave()
  assert.equal(gate.enter(0)!.pause(), true)
  assert.equal(places[0]!.pause(), false, 'nor can it begin to')
})
