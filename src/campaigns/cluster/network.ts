import { alikeIn } from './alike.ts'
import { logMean } from './likelihood.ts'
import { hex, percent } from './words.ts'
import type { ClusterTest } from './view.ts'

/**
 * Same network: members come from few networks or address ranges that the population seldom uses. The null is in
 * `alike.ts`; a range lies in a network, so the two e-values are averaged.
 *
 * Honest groups that meet it: a company or a school behind one address, the guests of one cloud. Dodged by residential
 * proxies, a few accounts on each network.
 */
export const network: ClusterTest = {
  name: 'same-network',
  family: 'infrastructure',
  test({ members }, population) {
    const asn = alikeIn('asn', members, population)
    const prefix = alikeIn('ipPrefix', members, population)
    const found = [asn, prefix].filter((one) => one !== null)
    if (found.length === 0) return null
    const best = found.reduce((a, b) => (b.logE > a.logE ? b : a))
    const name = best === asn ? `AS${best.value}` : `the address range ${hex(best.value)}`
    return {
      logE: logMean(found.map((one) => one.logE)),
      says: `${best.count} of ${best.of} accounts come from ${name}, as ${percent(best.share)} of the others do; ${best.values} different ones in all.`,
    }
  },
}
