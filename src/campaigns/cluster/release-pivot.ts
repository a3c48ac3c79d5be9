import { logMean } from './likelihood.ts'
import { shareLogE } from './share.ts'
import { percent, rounded } from './words.ts'
import { type ClusterTest, type ClusterView, DAY_MS, HOUR_MS, type PopulationView, type Release } from './view.ts'

/**
 * Release pivot: within two days of a model's release, far more members than other accounts turn most of what they do to it.
 *
 * Null: each member that was there before the release turns to it with the population's probability, with a spread for
 * groups that decide together (`share.ts`). Several releases are averaged.
 *
 * Honest groups that meet it: a company that changes one setting for everybody, people who write about models. Dodged by
 * moving slowly, which is what the haste after a release is for.
 */
const LEAST_MEMBERS = 4
const MOST_EXCHANGES = 0.5
const RECENT_MS = 2 * DAY_MS

export const releasePivot: ClusterTest = {
  name: 'release-pivot',
  family: 'timing',
  test(cluster, population) {
    const pivots = population.releases
      .map((release) => pivotTo(release, cluster, population))
      .filter((one) => one !== null)
    if (pivots.length === 0) return null
    const best = pivots.reduce((a, b) => (b.logE > a.logE ? b : a))
    return {
      logE: logMean(pivots.map((pivot) => pivot.logE)),
      says: `${best.moved} of ${best.of} accounts made at least half of their last day's exchanges with a model released ${rounded(best.hours)} h ago, as ${percent(best.share)} of the others did.`,
    }
  },
}

interface Pivot {
  readonly logE: number
  readonly moved: number
  readonly of: number
  readonly share: number
  readonly hours: number
}

function pivotTo({ model, atMs }: Release, { members, nowMs }: ClusterView, population: PopulationView): Pivot | null {
  if (atMs > nowMs || nowMs - atMs > RECENT_MS) return null
  let of = 0
  let moved = 0
  for (const { models, firstMs } of members) {
    if (firstMs >= atMs) continue
    let all = 0
    for (const count of models.values()) all += count
    if (all === 0) continue
    of++
    if ((models.get(model) ?? 0) >= MOST_EXCHANGES * all) moved++
  }
  const others = population.accounts - of
  if (of < LEAST_MEMBERS || others < of) return null
  const share = (Math.max(0, population.modelShare(model, atMs) * population.accounts - moved) + 1) / (others + 1)
  return { logE: shareLogE(moved, of, share), moved, of, share, hours: (nowMs - atMs) / HOUR_MS }
}
