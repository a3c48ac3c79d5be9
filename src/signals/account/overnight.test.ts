import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observed, readingOf } from '../testing.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

const calling = (days: number, hours: readonly number[], profile: 'human_seat' | 'app' = 'human_seat') =>
  Array.from({ length: days }, (_, day) =>
    hours.flatMap((hour) =>
      Array.from({ length: 8 }, (_, k) =>
        observed({ profile, timeMs: 1_760_000_000_000 + day * DAY_MS + hour * HOUR_MS + k * 60_000 }),
      ),
    ),
  ).flat()

const allDay = Array.from({ length: 24 }, (_, hour) => hour)

test('a clock without a night is seen, in every time zone a working day is not', () => {
  assert.ok(readingOf('overnight', calling(4, allDay))!.value > 0.9)
  for (let zone = 0; zone < 24; zone++) {
    const working = [8, 9, 10, 11, 13, 14, 15, 16, 17, 21].map((hour) => (hour + zone) % 24).toSorted((a, b) => a - b)
    assert.equal(readingOf('overnight', calling(4, working))!.value, 0, `zone ${zone}`)
  }
})

test('one day, or a few calls, say nothing', () => {
  assert.equal(readingOf('overnight', calling(1, allDay)), null)
  assert.equal(readingOf('overnight', calling(3, [3])), null)
})

test('it is evidence among human seats only: one to three in ten programs never sleep', () => {
  assert.equal(readingOf('overnight', calling(4, allDay))!.weight, 'evidence')
  assert.equal(readingOf('overnight', calling(4, allDay, 'app'))!.weight, 'context')
})
