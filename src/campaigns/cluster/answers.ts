import { ANSWER_SPREAD } from './assumptions.ts'
import { logCounts, logMean, shapeOf } from './likelihood.ts'
import type { ClusterTest, MemberView } from './view.ts'

/**
 * Answers alike: the members' answers have one and the same spread of lengths, as the shares of one work list have. People
 * with one trade have answers like each other's, but not to within the chance of the draw.
 *
 * Null: each member's answers scatter about the population's, or about what the members before it had in common, with a
 * Dirichlet law no tighter than `ANSWER_SPREAD`. Alternative: they scatter about what is common much less. Each member is
 * predicted from those before it, so both are laws of the whole and e is their ratio, against the likeliest null.
 *
 * Honest groups that meet it: a batch job split over accounts, one application under many keys. Dodged by giving each
 * account a kind of work of its own, or by a mix of chaff that differs between accounts.
 */
const LEAST_MEMBERS = 4
const LEAST_ANSWERS = 10
/** How much the population's shape counts in what is common, in answers. */
const PRIOR = 16
const LOOSE: readonly number[] = [3, 10, ANSWER_SPREAD]
const TIGHT: readonly number[] = [10 * ANSWER_SPREAD, 100 * ANSWER_SPREAD]
/** One account with many answers must not be all that is common. */
const MOST_ANSWERS = 500

export const answers: ClusterTest = {
  name: 'answers-alike',
  family: 'output',
  test({ members }, population) {
    const judged = members.filter((member) => totalOf(member) >= LEAST_ANSWERS)
    if (judged.length < LEAST_MEMBERS) return null
    const usual = shapeOf(population.answers)
    const common = usual.map((share) => share * PRIOR)
    const usually = LOOSE.map(() => 0)
    const loose = LOOSE.map(() => 0)
    const tight = TIGHT.map(() => 0)
    for (const member of judged) {
      const shape = shapeOf(common)
      // What is common is known from so many answers only.
      let known = 0
      for (const count of common) known += count
      const about = (spread: number): number => logCounts(member.answers, shape, 1 / (1 / spread + 1 / known))
      for (const [i, spread] of LOOSE.entries()) {
        usually[i]! += logCounts(member.answers, usual, spread)
        loose[i]! += about(spread)
      }
      for (const [i, spread] of TIGHT.entries()) tight[i]! += about(spread)
      const weight = Math.min(1, MOST_ANSWERS / totalOf(member))
      for (let bin = 0; bin < common.length; bin++) common[bin]! += weight * member.answers[bin]!
    }
    const total = judged.reduce((sum, member) => sum + totalOf(member), 0)
    return {
      logE: logMean(tight) - Math.max(...usually, ...loose),
      says: `The lengths of ${total} answers to ${judged.length} accounts follow one law, more closely than those of people with one task do.`,
    }
  },
}

function totalOf({ answers }: MemberView): number {
  let total = 0
  for (const count of answers) total += count
  return total
}
