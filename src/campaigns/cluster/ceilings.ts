import { NEAR_LIMIT } from './assumptions.ts'
import { shareLogE } from './share.ts'
import type { ClusterTest } from './view.ts'

/**
 * Quota-shaped ceilings: members fill their daily limit to just below the brim. Demand knows nothing of a limit, so of the
 * accounts that come to 80 % of it fewer end above 90 % than below; whoever deals out work by the limit ends above.
 *
 * Null: each member that came to 80 % and not to the limit itself is above 90 % on most of those days with a probability of
 * at most `NEAR_LIMIT`, with a spread for related accounts (`share.ts`). One toss a member: days of one account hang together.
 *
 * Honest groups that meet it: well-made batch clients that slow down by the rate limit's headers. Dodged by stopping at a
 * random share of the limit, which is throughput given away.
 */
const LEAST_MEMBERS = 5

export const ceilings: ClusterTest = {
  name: 'quota-ceilings',
  family: 'timing',
  test({ members }) {
    let near = 0
    let of = 0
    for (const { fills } of members) {
      let above = 0
      let below = 0
      for (const fill of fills) {
        if (fill >= 0.9 && fill < 1) above++
        if (fill >= 0.8 && fill < 0.9) below++
      }
      if (above + below === 0) continue
      of++
      // A draw is below: it counts for the null.
      if (above > below) near++
    }
    if (of < LEAST_MEMBERS) return null
    return {
      logE: shareLogE(near, of, NEAR_LIMIT),
      says: `Of ${of} accounts that come to 80 % of their daily limit without reaching it, ${near} mostly end above 90 %; half or less would by chance.`,
    }
  },
}
