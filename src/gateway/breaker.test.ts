import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Clock } from '../core/clock.ts'
import { Breaker } from './breaker.ts'

const options = { failures: 3, windowMs: 10_000, openMs: 1000 }

function start(over: object = {}): { breaker: Breaker; at: { nowMs: number } } {
  const at = { nowMs: 1_700_000_000_000 }
  const clock: Clock = { now: () => at.nowMs, after: () => () => {} }
  return { breaker: new Breaker({ ...options, ...over }, clock), at }
}

function times(count: number, act: () => void): void {
  for (let i = 0; i < count; i++) act()
}

test('it opens at the given number of failures and lets nothing through', () => {
  const { breaker, at } = start()
  times(2, () => breaker.failure())
  assert.deepEqual([breaker.state, breaker.allows()], ['closed', true])
  breaker.failure()
  assert.deepEqual([breaker.state, breaker.allows()], ['open', false])
  at.nowMs += 999
  assert.deepEqual([breaker.state, breaker.allows()], ['open', false])
})

test('failures among at least as many successes do not open it, and it opens when they are half', () => {
  const { breaker } = start()
  times(4, () => breaker.success())
  times(3, () => breaker.failure())
  assert.equal(breaker.state, 'closed')
  breaker.failure()
  assert.equal(breaker.state, 'open')
})

test('failures need not be in a row', () => {
  const { breaker } = start()
  for (const ok of [false, true, false, true, false]) {
    assert.equal(breaker.state, 'closed')
    if (ok) breaker.success()
    else breaker.failure()
  }
  assert.equal(breaker.state, 'open')
})

test('what has left the window no longer counts', () => {
  const { breaker, at } = start()
  times(2, () => breaker.failure())
  breaker.success()
  at.nowMs += 10_001
  times(2, () => breaker.failure())
  assert.equal(breaker.state, 'closed')
  const quiet = start()
  times(100, () => quiet.breaker.success())
  quiet.at.nowMs += 10_001
  times(3, () => quiet.breaker.failure())
  assert.equal(quiet.breaker.state, 'open', 'old successes excuse nothing')
})

test('failures in a row open it however slowly they come, unless a success is among them', () => {
  const { breaker, at } = start()
  times(3, () => {
    at.nowMs += 60_000
    breaker.failure()
  })
  assert.equal(breaker.state, 'open')
  const mixed = start()
  times(10, () => {
    mixed.at.nowMs += 60_000
    mixed.breaker.failure()
    mixed.breaker.success()
  })
  assert.equal(mixed.breaker.state, 'closed')
})

test('half open it lets one trial through, whose success closes it with a clean slate', () => {
  const { breaker, at } = start()
  times(3, () => breaker.failure())
  at.nowMs += 1000
  assert.equal(breaker.state, 'half_open')
  assert.deepEqual([breaker.allows(), breaker.allows(), breaker.allows()], [true, false, false])
  breaker.success()
  assert.deepEqual([breaker.state, breaker.allows(), breaker.allows()], ['closed', true, true])
  times(2, () => breaker.failure())
  assert.equal(breaker.state, 'closed')
})

test('each trial that fails keeps it open for twice as long, up to eight times', () => {
  const { breaker, at } = start()
  times(3, () => breaker.failure())
  for (const openMs of [1000, 2000, 4000, 8000, 8000, 8000]) {
    at.nowMs += openMs - 1
    assert.equal(breaker.allows(), false, `${openMs} ms`)
    at.nowMs += 1
    assert.equal(breaker.allows(), true, `${openMs} ms`)
    breaker.failure()
    assert.equal(breaker.state, 'open')
  }
  at.nowMs += 8000
  assert.equal(breaker.allows(), true)
  breaker.success()
  times(3, () => breaker.failure())
  at.nowMs += 1000
  assert.equal(breaker.state, 'half_open', 'a success makes it forget how long it was open')
})

test('a trial that says nothing, such as one whose client left, gives its place to the next', () => {
  const { breaker, at } = start()
  times(3, () => breaker.failure())
  at.nowMs += 1000
  assert.equal(breaker.allows(), true)
  breaker.undecided()
  assert.deepEqual([breaker.state, breaker.allows(), breaker.allows()], ['half_open', true, false])
})

test('calls that began before it opened or closed say nothing of the time after', () => {
  const { breaker, at } = start()
  const { turn } = breaker
  times(3, () => breaker.failure(turn))
  at.nowMs += 1000
  assert.equal(breaker.allows(), true)
  // A hundred calls that hung together time out during the trial.
  times(100, () => breaker.failure(turn))
  breaker.undecided(turn)
  assert.deepEqual([breaker.state, breaker.allows()], ['half_open', false])
  breaker.success()
  times(100, () => breaker.failure(turn))
  breaker.success(turn)
  assert.equal(breaker.state, 'closed')
})

test('nothing is heard of while it is open, when no call was allowed', () => {
  const { breaker, at } = start()
  times(3, () => breaker.failure())
  times(9, () => breaker.failure())
  breaker.success()
  assert.equal(breaker.state, 'open')
  at.nowMs += 1000
  assert.equal(breaker.state, 'half_open', 'and it stays open for no longer')
})

test('a call that began well and failed later is one call, not two', () => {
  const { breaker } = start()
  times(5, () => breaker.success())
  times(2, () => breaker.failure(breaker.turn, true))
  assert.equal(breaker.state, 'closed')
  breaker.failure(breaker.turn, true)
  assert.equal(breaker.state, 'open', 'three of five')
})

test('a clock that is set back does not keep it open for as long as that', () => {
  const { breaker, at } = start()
  times(3, () => breaker.failure())
  at.nowMs -= 3_600_000
  assert.equal(breaker.allows(), true)
  breaker.success()
  times(3, () => breaker.failure())
  assert.equal(breaker.state, 'open')
})

test('it never opens on fewer failures than it was told, nor while most calls succeed, and always recovers', () => {
  const step = fc.record({ ok: fc.boolean(), waitMs: fc.nat(500) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 8 }), (steps, failures) => {
      const { breaker, at } = start({ failures })
      let failed = 0
      let calls = 0
      for (const { ok, waitMs } of steps) {
        at.nowMs += waitMs
        assert.ok(breaker.allows())
        calls++
        if (!ok) failed++
        if (ok) breaker.success()
        else breaker.failure()
        if (breaker.state === 'closed') {
          assert.ok(failed < calls || failed < failures, 'nothing but failures opens it')
          continue
        }
        assert.ok(failed >= failures, `${failed} of ${failures}`)
        assert.ok(!ok)
        at.nowMs += options.openMs
        assert.ok(breaker.allows())
        breaker.success()
        assert.equal(breaker.state, 'closed')
        failed = 0
        calls = 0
      }
    }),
  )
})
