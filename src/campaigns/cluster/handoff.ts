import { AFTER } from './assumptions.ts'
import { logMean } from './likelihood.ts'
import type { ClusterTest, ClusterView } from './view.ts'

/**
 * Handoff: when one member is stopped by a limit or an action, another starts within seconds or minutes.
 *
 * Null: others start whenever they do, without regard to a member's stop. Then more starts stand in the time after a stop
 * than in the same time before it with a probability of at most one half; `AFTER` leaves room for a rising morning. Each
 * stop is one toss (ties say nothing); e is the product of the likelihood ratios, a mixture over the bias, averaged over
 * three reaches. The times around two stops never overlap, nor do they come nearer than the silence that makes a start, so
 * one start is never counted twice. Nothing is assumed of how busy the day is.
 *
 * Honest groups that meet it: a program with spare keys, colleagues who lend theirs; not an outage, as long as only the
 * account's own limits count as stops. Dodged by keeping all accounts warm, which is what `load-balance` looks for.
 */
const REACHES_MS = [20_000, 120_000, 600_000]
const SILENCE_MS = 600_000
const BIASES = [0.7, 0.85, 0.97]
const LEAST_STOPS = 4

export const handoff: ClusterTest = {
  name: 'handoff',
  family: 'timing',
  test(cluster) {
    const stops = cluster.members
      .flatMap((member, who) => member.stops.map((ms) => ({ ms, who })))
      .sort((a, b) => a.ms - b.ms)
    if (stops.length < LEAST_STOPS) return null
    const starts = cluster.members
      .flatMap((member, who) => member.starts.map((ms) => ({ ms, who })))
      .sort((a, b) => a.ms - b.ms)
    const tossed = REACHES_MS.map((reachMs) => toss(stops, starts, reachMs, cluster))
    const logs = tossed.map(({ after, before }) =>
      logMean(BIASES.map((bias) => after * Math.log(bias / AFTER) + before * Math.log((1 - bias) / (1 - AFTER)))),
    )
    const best = logs.indexOf(Math.max(...logs))
    const { after, before } = tossed[best]!
    const reach = REACHES_MS[best]! / 1000
    return {
      logE: logMean(logs),
      says: `Others start within ${reach} s after a member is stopped ${after} times, and ${before} times within ${reach} s before.`,
    }
  },
}

interface Moment {
  readonly ms: number
  readonly who: number
}

/** How many stops have more starts of others after them than before, and how many have fewer. */
function toss(
  stops: readonly Moment[],
  starts: readonly Moment[],
  reachMs: number,
  { nowMs }: ClusterView,
): { after: number; before: number } {
  let after = 0
  let before = 0
  let freeMs = -Infinity
  let first = 0
  for (const stop of stops) {
    if (stop.ms - reachMs < freeMs) continue
    if (stop.ms + reachMs > nowMs) break
    freeMs = stop.ms + reachMs + SILENCE_MS
    while (first < starts.length && starts[first]!.ms < stop.ms - reachMs) first++
    let lean = 0
    for (let i = first; i < starts.length && starts[i]!.ms <= stop.ms + reachMs; i++) {
      const { ms, who } = starts[i]!
      if (who !== stop.who && ms !== stop.ms) lean += ms > stop.ms ? 1 : -1
    }
    if (lean > 0) after++
    if (lean < 0) before++
  }
  return { after, before }
}
