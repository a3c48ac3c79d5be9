import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { capacity, type Limit, type WindowKind } from './limit.ts'
import { advance, atRest, hold, owe, room, settle, sliceAt, startWindow, waitMs } from './window.ts'

const limit = (over: Partial<Limit>): Limit => ({
  name: 'l',
  per: ['key'],
  match: [],
  when: null,
  resource: 'tokens',
  amount: 100,
  windowMs: 60_000,
  kind: 'bucket',
  burst: 100,
  mode: 'enforce',
  onStoreError: 'local',
  ...over,
})

test('a bucket refills in proportion to time and never beyond its burst', () => {
  const l = limit({ kind: 'bucket', burst: 50 })
  const s = startWindow(0)
  hold(s, l, 50)
  settle(s, l, 50, 50, 0)
  assert.equal(room(s, l), 0)
  advance(s, l, 6000)
  assert.equal(room(s, l), 10)
  advance(s, l, 600_000)
  assert.equal(room(s, l), 50)
})

test('a sliding window forgets units only once a true window would have', () => {
  const l = limit({ kind: 'sliding' })
  const s = startWindow(0)
  hold(s, l, 100)
  settle(s, l, 100, 100, 0)
  advance(s, l, 60_000)
  assert.equal(room(s, l), 0, 'still within the last 60 s, to the slice')
  advance(s, l, 62_000)
  assert.equal(room(s, l), 100)
})

test('a calendar window starts anew at its boundary in UTC', () => {
  const l = limit({ kind: 'calendar', windowMs: 86_400_000 })
  const s = startWindow(Date.UTC(2026, 0, 1, 23, 59))
  hold(s, l, 100)
  settle(s, l, 100, 100, sliceAt(l, s.atMs))
  assert.equal(room(s, l), 0)
  assert.equal(waitMs(s, l, 1, 1000), 60_000)
  advance(s, l, Date.UTC(2026, 0, 2))
  assert.equal(room(s, l), 100)
})

test('a stream across midnight is charged to the day it was reserved on', () => {
  const l = limit({ kind: 'calendar', windowMs: 86_400_000 })
  const s = startWindow(Date.UTC(2026, 0, 1, 23, 59))
  const day = sliceAt(l, s.atMs)
  hold(s, l, 80)
  advance(s, l, Date.UTC(2026, 0, 2, 0, 1))
  assert.equal(room(s, l), 100, 'the new day is untouched')
  settle(s, l, 80, 70, day)
  assert.equal(room(s, l), 100)
  assert.ok(atRest(s, l, s.atMs))
})

test('what is found above a full window is debt, and is paid from the first room there is', () => {
  for (const kind of ['bucket', 'sliding', 'calendar'] as const) {
    const l = limit({ kind })
    const s = startWindow(0)
    hold(s, l, 100)
    assert.equal(settle(s, l, 100, 130, 0), 30, kind)
    assert.equal(room(s, l), 0)
    advance(s, l, 66_000)
    assert.equal(s.debt, 0, kind)
    assert.equal(room(s, l), kind === 'bucket' ? 80 : 70, kind)
  }
})

test('a gauge counts what is held and nothing else', () => {
  const l = limit({ kind: 'gauge', windowMs: 0, amount: 2, burst: 2 })
  const s = startWindow(0)
  hold(s, l, 1)
  hold(s, l, 1)
  assert.equal(room(s, l), 0)
  assert.equal(waitMs(s, l, 1, 1000), 1000)
  settle(s, l, 1, 0, 0)
  assert.equal(room(s, l), 1)
})

test('a clock that steps back hands out no window twice', () => {
  for (const kind of ['bucket', 'sliding', 'calendar'] as const) {
    const l = limit({ kind })
    const s = startWindow(600_000)
    hold(s, l, 100)
    settle(s, l, 100, 100, sliceAt(l, 600_000))
    advance(s, l, 0)
    assert.equal(room(s, l), 0, kind)
    advance(s, l, 600_000)
    assert.equal(room(s, l), 0, kind)
  }
})

test('more than a limit can ever hold has no waiting time', () => {
  for (const kind of ['bucket', 'sliding', 'calendar'] as const) {
    assert.equal(waitMs(startWindow(0), limit({ kind }), 101, 1000), null)
  }
})

interface Step {
  readonly afterMs: number
  readonly want: number
  readonly use: number
  readonly end: number
}

const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 40_000 }),
    want: fc.integer({ min: 0, max: 120 }),
    use: fc.integer({ min: 0, max: 160 }),
    end: fc.nat(5),
  }),
  { maxLength: 60 },
)

/** Plays holds and settlements, and gives every unit that was counted within its limit, with its time. */
function play(
  kind: WindowKind,
  run: readonly Step[],
): { s: ReturnType<typeof startWindow>; l: Limit; log: [number, number][] } {
  const l = limit({ kind, amount: 100, burst: kind === 'bucket' ? 60 : 100, windowMs: kind === 'gauge' ? 0 : 60_000 })
  const s = startWindow(0)
  const open: { units: number; slice: number }[] = []
  const log: [number, number][] = []
  let now = 0
  let paidBefore = 0
  for (const { afterMs, want, use, end } of run) {
    now += afterMs
    const debtBefore = s.debt
    advance(s, l, now)
    paidBefore = debtBefore - s.debt
    if (paidBefore > 0) log.push([now, paidBefore])
    assert.ok(s.used + (kind === 'bucket' ? 0 : s.held) <= capacity(l) + 1e-6, 'held and counted stay within the limit')
    if (want <= room(s, l)) {
      hold(s, l, want)
      open.push({ units: want, slice: sliceAt(l, s.atMs) })
    }
    const ended = open.splice(end, 1)[0]
    if (ended !== undefined) {
      const debt = settle(s, l, ended.units, use, ended.slice)
      const past = kind === 'calendar' && ended.slice < sliceAt(l, now)
      log.push([now, past ? Math.max(0, use - ended.units) - debt : use - debt])
    }
    assert.ok(s.used + (kind === 'bucket' ? 0 : s.held) <= capacity(l) + 1e-6, 'held and counted stay within the limit')
    assert.ok(room(s, l) >= 0 && s.held >= 0 && s.debt >= 0 && s.heldBefore >= 0)
  }
  for (const { units, slice } of open) settle(s, l, units, 0, slice)
  assert.equal(s.held + s.heldBefore, 0, 'nothing stays held')
  return { s, l, log }
}

test('property: under any run of holds and settlements held + counted never exceeds a limit, and nothing stays held', () => {
  for (const kind of ['bucket', 'sliding', 'calendar', 'gauge'] as const) {
    fc.assert(
      fc.property(steps, (run) => void play(kind, run)),
      { numRuns: 300 },
    )
  }
})

test('property: no true window of a sliding limit ever counts more than the limit', () => {
  fc.assert(
    fc.property(steps, (run) => {
      const { log } = play('sliding', run)
      for (const [end] of log) {
        const sum = log.filter(([at]) => at > end - 60_000 && at <= end).reduce((total, [, units]) => total + units, 0)
        assert.ok(sum <= 100, `${sum} within the window that ends at ${end}`)
      }
    }),
    { numRuns: 300 },
  )
})

test('property: after the stated wait the units can be taken', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('bucket', 'sliding', 'calendar' as const),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 1, max: 100 })), { maxLength: 12 }),
      fc.integer({ min: 1, max: 100 }),
      (kind, spends, want) => {
        const l = limit({ kind: kind })
        const s = startWindow(0)
        let now = 0
        for (const [after, units] of spends) {
          advance(s, l, (now += after))
          owe(s, l, units)
        }
        // A sliding window pays its debt when it is next looked at, so with debt the wait is a lower bound.
        const exact = kind !== 'sliding' || s.debt === 0
        const wait = waitMs(s, l, want, 1000)
        assert.ok(wait !== null)
        advance(s, l, now + wait)
        if (exact) assert.ok(room(s, l) >= want, `${room(s, l)} of ${want} after ${wait} ms`)
      },
    ),
    { numRuns: 1000 },
  )
})
