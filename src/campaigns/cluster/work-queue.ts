import { EXPECTED_SHAPE, SHARED_TEXTS } from './assumptions.ts'
import { logGamma, logMean } from './likelihood.ts'
import { rounded } from './words.ts'
import type { ClusterTest } from './view.ts'

/**
 * Work queue: nobody ever asks what another member has asked. People who send the same kind of thing repeat each other;
 * a list of jobs that is dealt out never does.
 *
 * Null: the number of texts held by two or more members is Poisson about a mean that is itself uncertain (gamma about half
 * of what is expected), so a negative binomial. Alternative: a Poisson count of none to a fifth of that. The ratio falls
 * with the count, so strangers who share more cost nothing. Evidence grows as a power of the expected number only: that
 * number is an estimate, and all of this test rests on it.
 *
 * Honest groups that meet it: specialists whose questions are their own, if the expected number was taken from people who
 * are not like them. Dodged by dealing some jobs twice, or by chaff out of one pool (which becomes a key of its own).
 */
const REMAINS = [0, 0.05, 0.2]
const LEAST_EXPECTED = 4

export const workQueue: ClusterTest = {
  name: 'work-queue',
  family: 'content',
  test({ texts, members }) {
    if (texts === null || texts.expected < LEAST_EXPECTED) return null
    const { shared, expected } = texts
    const mean = expected * SHARED_TEXTS
    const honest = logNegativeBinomial(shared, mean, EXPECTED_SHAPE)
    const logs = REMAINS.map((remains) => logPoisson(shared, remains * mean) - honest)
    return {
      logE: logMean(logs),
      says: `The ${members.length} accounts have ${shared === 0 ? 'no text' : `${shared} texts`} in common, where ${rounded(expected)} are expected of so many who send such things.`,
    }
  },
}

/** Both without the factor 1 / count!, which a ratio does not need. */
const logPoisson = (count: number, mean: number): number =>
  mean === 0 ? (count === 0 ? 0 : -Infinity) : count * Math.log(mean) - mean

const logNegativeBinomial = (count: number, mean: number, shape: number): number =>
  logGamma(count + shape) -
  logGamma(shape) +
  shape * Math.log(shape / (shape + mean)) +
  count * Math.log(mean / (shape + mean))
