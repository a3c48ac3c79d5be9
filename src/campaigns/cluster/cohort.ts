import { alikeIn } from './alike.ts'
import { logMean } from './likelihood.ts'
import { percent } from './words.ts'
import { type ClusterTest, DAY_MS } from './view.ts'

/**
 * Cohort: members signed up on the same few days, or in the same weeks, when few others did. The null is in `alike.ts`: on
 * a launch day many sign up, so the day's share of the population is high and says nothing.
 *
 * Honest groups that meet it: a class, a hackathon, a company's first day. Dodged by aged accounts, which are dearer.
 */
export const cohort: ClusterTest = {
  name: 'sign-up-cohort',
  family: 'infrastructure',
  test({ members }, population) {
    const found = [1, 7].flatMap((width) => {
      const alike = alikeIn('createdDay', members, population, width)
      return alike === null ? [] : [{ width, ...alike }]
    })
    if (found.length === 0) return null
    const { width, value, count, of, share, values } = found.reduce((a, b) => (b.logE > a.logE ? b : a))
    const day = new Date(value * DAY_MS).toISOString().slice(0, 10)
    return {
      logE: logMean(found.map((one) => one.logE)),
      says: `${count} of ${of} accounts were made ${width === 1 ? 'on' : 'in the week from'} ${day}, as ${percent(share)} of the others were; ${width === 1 ? 'days' : 'weeks'} in all: ${values}.`,
    }
  },
}
