import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LogClock } from './log-clock.ts'
import { Notes } from './notes.ts'

const DAY = 86_400_000

function told(times: readonly number[], latestMs: number | null = null): { told: readonly number[]; notes: object } {
  const notes = new Notes()
  const clock = new LogClock(latestMs)
  const told = times.map((time) => clock.tell(time, notes))
  return { told, notes: Object.fromEntries(notes.list().map(({ note, count }) => [note.slice(0, 15), count])) }
}

test('a clock that runs backwards stands still, and is counted', () => {
  assert.deepEqual(told([5, 7, 6, 7, 1, 8]), { told: [5, 7, 7, 7, 7, 8], notes: { 'the clock ran b': 2 } })
  assert.deepEqual(told([5, 11], 10), { told: [10, 11], notes: { 'the clock ran b': 1 } })
})

test('one line from the far future does not stop the clock; two that agree move it', () => {
  const far = 40 * DAY
  assert.deepEqual(told([1, far, 2, far, 3]), { told: [1, 1, 2, 2, 3], notes: { 'the clock leapt': 2 } })
  assert.deepEqual(told([1, far, far + 5, far + 6]).told, [1, 1, far + 5, far + 6])
  assert.deepEqual(told([1, far, far + 40 * DAY, far + 41 * DAY]).told, [1, 1, 1, far + 41 * DAY])
  assert.deepEqual(told([1, 31 * DAY]).told, [1, 31 * DAY])
})

test('whatever a log says, time never runs backwards', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100 * DAY)), (times) => {
      const { told: result } = told(times)
      assert.ok(result.every((time, i) => i === 0 || time >= result[i - 1]!))
    }),
  )
})
