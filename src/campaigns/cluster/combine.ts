import type { Family, Finding } from '../../core/decision.ts'
import { logMean } from './likelihood.ts'
import { clusterTests } from './index.ts'
import type { ClusterView, PopulationView } from './view.ts'

/**
 * All cluster tests of one group, as one e-value. Tests of one family hang together and so may families, so everything is
 * averaged: the mean of e-values is one under any dependence (Vovk and Wang 2021), a product is not.
 */
export interface ClusterEvidence {
  /** ln of the mean over the families that could be tested; 0 if there was none. */
  readonly logE: number
  /** Of each family that could be tested, ln of the mean over its tests. */
  readonly byFamily: ReadonlyMap<Family, number>
  /** The strongest first. */
  readonly findings: readonly Finding[]
}

export function clusterEvidence(cluster: ClusterView, population: PopulationView): ClusterEvidence {
  const found = clusterTests.flatMap(({ name, family, test }) => {
    const verdict = test(cluster, population)
    return verdict === null ? [] : [{ name, family, ...verdict }]
  })
  const byFamily = new Map<Family, number>()
  for (const { family } of found) {
    if (!byFamily.has(family))
      byFamily.set(family, logMean(found.filter((one) => one.family === family).map((one) => one.logE)))
  }
  return {
    logE: byFamily.size === 0 ? 0 : logMean([...byFamily.values()]),
    byFamily,
    findings: found
      .sort((a, b) => b.logE - a.logE)
      .map(({ name, family, logE, says }) => ({
        detector: name,
        family,
        evidence: Math.exp(Math.min(logE, MOST)),
        segment: null,
        calibrated: null,
        says,
      })),
  }
}

/** Keeps an e-value finite. */
const MOST = 700

/** The families whose evidence is at least so much, on its own. */
export function familiesPast(evidence: ClusterEvidence, least: number): Family[] {
  return [...evidence.byFamily].filter(([, logE]) => logE >= Math.log(least)).map(([family]) => family)
}

/**
 * The tests are good for one look each. A group that is looked at again as it grows spends 1 / (k (k + 1)) of its evidence
 * at look k, from 1: the sum over all looks then has a mean of at most 1, so the greatest of them keeps Ville's inequality.
 * Looks at every doubling of members or exchanges cost little: a factor of 110 at a thousandfold.
 */
export const atLook = (logE: number, look: number): number => logE - Math.log(look * (look + 1))
