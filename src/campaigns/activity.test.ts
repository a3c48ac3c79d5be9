import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Activity, ActivityBook, ANSWER_BINS, HOURS } from './activity.ts'

const HOUR_MS = 3_600_000
const START_MS = 490_000 * HOUR_MS

test('activity of two accounts in one book stays apart, and goes on after a snapshot', () => {
  const book = new ActivityBook()
  const [one, other] = [book.rows.add(), book.rows.add()]
  for (let i = 0; i < 40; i++) {
    new Activity(book, one).note(START_MS + i * HOUR_MS, i % 11, 2 ** (i % 20), i % 2 === 1)
    new Activity(book, other).note(START_MS + i * 1000, 5, 0, false)
  }
  const read = new ActivityBook()
  assert.ok(read.load(structuredClone(book.save())))
  for (const from of [book, read]) {
    const busy = new Activity(from, one)
    const latest = Array.from({ length: 16 }, (_, i) => START_MS + (24 + i) * HOUR_MS)
    assert.deepEqual(busy.starts, latest)
    assert.deepEqual(
      busy.stops,
      Array.from({ length: 16 }, (_, i) => START_MS + (9 + 2 * i) * HOUR_MS),
    )
    assert.deepEqual(
      [...busy.models],
      Array.from({ length: 8 }, (_, i) => [i, i < 7 ? 4 : 3]),
    )
    assert.equal(busy.answers.length, ANSWER_BINS)
    assert.equal(
      busy.answers.reduce((sum, count) => sum + count, 0),
      40,
    )
    const calm = new Activity(from, other)
    assert.deepEqual([calm.starts, calm.stops, [...calm.models]], [[START_MS], [], [[5, 40]]])
    assert.equal(
      calm.day24.reduce((sum, count) => sum + count, 0),
      40,
    )
    assert.equal(calm.hoursFrom(490_000)[0], 40)
  }
})

test('hours that are gone are forgotten, and what is asked for beyond them is nothing', () => {
  const book = new ActivityBook()
  const activity = new Activity(book, book.rows.add())
  activity.note(START_MS, 0, 1, false)
  activity.note(START_MS + HOURS * HOUR_MS, 0, 1, false)
  const hours = activity.hoursFrom(490_000)
  assert.equal(hours[0], 0)
  assert.equal(activity.hoursFrom(490_001)[HOURS - 1], 1)
  assert.equal(book.stops.length, 0)
})
