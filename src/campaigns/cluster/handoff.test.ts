import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../lab/random.ts'
import { handoff } from './handoff.ts'
import {
  cluster,
  FROM_MS,
  gamma,
  keepsItsPromise,
  member,
  NOW_MS,
  PEOPLE,
  population,
} from '../../../test/support/cluster.ts'
import { HOUR_MS, type MemberView } from './view.ts'

const MINUTE_MS = 60_000

/** Moments at a rate by the hour of day, no two within ten minutes: how starts come. */
function moments(perDay: number, random: Random, shape: ArrayLike<number> = PEOPLE): number[] {
  const found: number[] = []
  for (let hour = 0; hour < 72; hour++) {
    for (let ten = 0; ten < 6; ten++) {
      if (random.next() > (perDay / 144) * (shape[hour % 24]! / 1.1)) continue
      const ms = FROM_MS + hour * HOUR_MS + (ten + random.next()) * 10 * MINUTE_MS
      if (found.length === 0 || ms - found.at(-1)! >= 10 * MINUTE_MS) found.push(ms)
    }
  }
  return found.slice(-16)
}

const office = PEOPLE.map((_, hour) => (hour >= 9 && hour < 18 ? 2.9 : 0))

for (const [name, of, shape, own] of [
  ['around the world', 8, PEOPLE, () => 1],
  ['in one office', 20, office, () => 1],
  ['who differ much', 40, PEOPLE, (random: Random) => gamma(0.7, random)],
] as const) {
  test(`people ${name} start whenever they do`, () => {
    const draw = (random: Random) => {
      const members = Array.from({ length: of }, () => {
        const much = own(random)
        return member({ starts: moments(6 * much, random, shape), stops: moments(3 * much, random, shape) })
      })
      return [cluster(members), population()] as const
    }
    keepsItsPromise(handoff.test, draw, { seed: name, times: 80 })
  })
}

test('everybody comes back at the same moments, as after an outage', () => {
  const draw = (random: Random) => {
    const back = moments(4, random)
    const members = Array.from({ length: 10 }, () =>
      member({ starts: back.map((ms) => ms + random.below(MINUTE_MS)), stops: moments(2, random) }),
    )
    return [cluster(members), population()] as const
  }
  keepsItsPromise(handoff.test, draw, { seed: 'outage', times: 80 })
})

/** A queue that goes on with the next account when one is stopped. */
function relay(of: number, delayMs: number, random: Random): MemberView[] {
  const starts = Array.from({ length: of }, (): number[] => [])
  const stops = Array.from({ length: of }, (): number[] => [])
  let now = FROM_MS
  for (let turn = 0; now < NOW_MS - 2 * HOUR_MS; turn++) {
    starts[turn % of]!.push(now)
    now += (40 + random.below(40)) * MINUTE_MS
    stops[turn % of]!.push(now)
    now += delayMs * (0.5 + random.next())
  }
  return starts.map((own, i) => member({ starts: own.slice(-16), stops: stops[i]!.slice(-16) }))
}

test('one account after the other, within seconds or minutes, is a handoff', () => {
  const random = createRandom('relay')
  for (const delayMs of [5_000, 60_000, 300_000]) {
    const verdict = handoff.test(cluster(relay(8, delayMs, random)), population())
    assert.ok(verdict!.logE > Math.log(1e3), `${delayMs}: ${verdict!.logE}`)
  }
  const says = handoff.test(cluster(relay(8, 5_000, random)), population())!.says
  assert.match(says, /start within \d+ s after a member is stopped \d\d times, and 0 times/)
})

test('a member that comes back itself is no handoff, nor are three stops', () => {
  const alone = member({ stops: [1, 2, 3, 4, 5].map((n) => FROM_MS + n * HOUR_MS), starts: [] })
  const back = { ...alone, starts: alone.stops.map((ms) => ms + 5_000) }
  assert.ok(handoff.test(cluster([back, member()]), population())!.logE <= 0)
  assert.equal(handoff.test(cluster([{ ...back, stops: back.stops.slice(0, 3) }]), population()), null)
})
