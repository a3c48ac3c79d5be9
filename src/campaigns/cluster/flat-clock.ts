import { AROUND_THE_CLOCK, DAY_SPREADS, KIN } from './assumptions.ts'
import { logCounts, logMean, shapeOf } from './likelihood.ts'
import { percent } from './words.ts'
import type { ClusterTest } from './view.ts'

/**
 * Flat clock: taken together the members have no night. Each may show a few hours only, as a person does; it is the sum
 * that runs around the clock, and the sum of many people has the population's shape.
 *
 * Null: the pooled hours of the day are Dirichlet-multinomial about the population's shape, at the likeliest of 24 turns
 * (wherever its members live) and the likeliest of several spreads, and each of those who carry the sum may be an honest job
 * that runs around the clock, with a beta-binomial chance. Alternative: a flat day. A ratio against the likeliest null is an
 * e-value under each of them. As all may be honest jobs, e ends where that is likelier: at some hundreds for five members.
 *
 * One sharp shift is no evidence here: that is what an office has. Honest groups that meet it: batch customers with one
 * template, a fleet of monitors; a population that is flat itself leaves nothing to find. Dodged by stopping for the night
 * of the accounts' supposed homes, which costs a third of the throughput.
 */
const LEAST_MEMBERS = 5
const LEAST_EXCHANGES = 100
const FLAT: Float64Array = new Float64Array(24).fill(1 / 24)
/** More carriers than this are judged as so many. */
const MOST_CARRIERS = 12

export const flatClock: ClusterTest = {
  name: 'flat-clock',
  family: 'timing',
  test({ members }, population) {
    const hours = new Float64Array(24)
    let total = 0
    let squares = 0
    let active = 0
    for (const { day24 } of members) {
      let own = 0
      for (let hour = 0; hour < 24; hour++) {
        hours[hour]! += day24[hour]!
        own += day24[hour]!
      }
      total += own
      squares += own * own
      if (own > 0) active++
    }
    if (active < LEAST_MEMBERS || total < LEAST_EXCHANGES) return null

    const carriers = Math.min(MOST_CARRIERS, Math.round((total * total) / squares))
    const weights = chancesOfJobs(carriers)
    const day = shapeOf(population.day24)
    let honest = -Infinity
    for (let turn = 0; turn < 24; turn++) {
      const shapes = weights.map((_, jobs) =>
        FLAT.map((flat, hour) => flat + (1 - jobs / carriers) * (day[(hour + turn) % 24]! - flat)),
      )
      for (const spread of DAY_SPREADS) {
        honest = Math.max(
          honest,
          logMean(
            shapes.map((shape) => logCounts(hours, shape, spread)),
            weights,
          ),
        )
      }
    }
    return {
      logE: logMean(DAY_SPREADS.map((spread) => logCounts(hours, FLAT, spread))) - honest,
      says: `Their quietest six hours hold ${percent(quietest(hours) / total)} of the exchanges of all ${active} accounts; in the population it is ${percent(quietest(population.day24) / sumOf(population.day24))}, without a night 25 %.`,
    }
  },
}

/** The chance that none, one, ... all of so many are jobs around the clock: beta-binomial of spread KIN. */
function chancesOfJobs(of: number): number[] {
  const yes = AROUND_THE_CLOCK * KIN
  const no = KIN - yes
  const chances = [1]
  // P(j + 1) / P(j) of the beta-binomial law; the scale is free.
  for (let jobs = 0; jobs < of; jobs++) {
    chances.push((chances[jobs]! * (of - jobs) * (yes + jobs)) / ((jobs + 1) * (no + of - jobs - 1)))
  }
  return chances
}

/** Sum of the quietest six hours in a row. */
function quietest(hours: ArrayLike<number>): number {
  let least = Infinity
  for (let from = 0; from < 24; from++) {
    let sum = 0
    for (let hour = from; hour < from + 6; hour++) sum += hours[hour % 24]!
    least = Math.min(least, sum)
  }
  return least
}

const sumOf = (shares: Float64Array): number => shares.reduce((sum, share) => sum + share, 0)
