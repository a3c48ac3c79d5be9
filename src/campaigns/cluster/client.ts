import { alikeIn } from './alike.ts'
import { logMean } from './likelihood.ts'
import { hex, percent } from './words.ts'
import type { ClusterTest } from './view.ts'

/**
 * Same client: members share a client fingerprint, a user agent or the shape of their parameters more than related honest
 * accounts would, where the population seldom has it. The null is in `alike.ts`; the three traits hang together, so their
 * e-values are averaged.
 *
 * Honest groups that meet it: a framework's users, a class with one notebook, the accounts of one company. Dodged by a
 * client of its own for each account, and by the most common client of all.
 */
const TRAITS = ['fingerprint', 'userAgent', 'params'] as const
const NAMES = { fingerprint: 'client fingerprint', userAgent: 'user agent', params: 'shape of parameters' } as const

export const client: ClusterTest = {
  name: 'same-client',
  family: 'infrastructure',
  test({ members }, population) {
    const found = TRAITS.flatMap((trait) => {
      const alike = alikeIn(trait, members, population)
      return alike === null ? [] : [{ trait, ...alike }]
    })
    if (found.length === 0) return null
    const { trait, value, count, of, share, values } = found.reduce((a, b) => (b.logE > a.logE ? b : a))
    return {
      logE: logMean(found.map((one) => one.logE)),
      says: `${count} of ${of} accounts have the ${NAMES[trait]} ${hex(value)}, as ${percent(share)} of the others do; ${values} different ones in all.`,
    }
  },
}
