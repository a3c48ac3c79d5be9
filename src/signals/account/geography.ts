import type { Signal } from '../signal.ts'
import { countOf, hitsOf, nameHash, percent, ramp, shareOf, sinceStamp, stamp, TALLY, tally } from '../slots.ts'

const COUNTRY = 0
const SINCE = 1
/** Calls with a known country, and those that came from another one within minutes. */
const JUMPS = 2
const HIDDEN = JUMPS + TALLY
const OUTSIDE = HIDDEN + TALLY
const WITHIN_MS = 15 * 60_000
const MIN_CALLS = 20

export const geography: Signal = {
  name: 'geography',
  family: 'infrastructure',
  measures:
    'Country changes within a quarter of an hour, calls through proxies or Tor, calls from outside declared regions.',
  alsoMet: 'VPN users, cloud functions in several regions, travellers, products with customers everywhere.',
  dodge: 'Residential proxies of one country.',
  weight: 'context',
  among: null,
  atlas: null,
  slots: OUTSIDE + TALLY,
  observe(state, at, { country, networkType, timeMs }, { regions }) {
    tally(state, at + HIDDEN, networkType === 'proxy' || networkType === 'tor')
    if (country === null) return
    const { u } = state
    const here = nameHash(country)
    const known = u[at + COUNTRY]!
    tally(state, at + JUMPS, known !== 0 && known !== here && sinceStamp(timeMs, u[at + SINCE]!) < WITHIN_MS)
    u[at + COUNTRY] = here
    u[at + SINCE] = stamp(timeMs)
    if (regions !== null) tally(state, at + OUTSIDE, !regions.has(country))
  },
  read(state, at) {
    const isKnown = countOf(state, at + JUMPS) > 0 || hitsOf(state, at + HIDDEN) > 0
    if (!isKnown || countOf(state, at + HIDDEN) < MIN_CALLS) return null
    return Math.max(
      // One flight, or one switch of a VPN, is nothing.
      hitsOf(state, at + JUMPS) < 3 ? 0 : ramp(shareOf(state, at + JUMPS), 0, 0.3),
      ramp(shareOf(state, at + HIDDEN), 0, 1) * 0.5,
      ramp(shareOf(state, at + OUTSIDE), 0.1, 0.9),
    )
  },
  says: (state, at) =>
    `${percent(shareOf(state, at + JUMPS))} of calls came from another country than the one minutes before, ${percent(shareOf(state, at + HIDDEN))} through a proxy${countOf(state, at + OUTSIDE) === 0 ? '' : `, ${percent(shareOf(state, at + OUTSIDE))} from outside the declared regions`}`,
}
