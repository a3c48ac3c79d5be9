import { EVENNESS } from './assumptions.ts'
import { logCounts, logMean } from './likelihood.ts'
import { percent, rounded } from './words.ts'
import { type ClusterTest, type ClusterView, HOUR_MS, type MemberView } from './view.ts'

/**
 * Load balance: members that are active in the same hour make the same number of exchanges, as accounts do that are served
 * from one queue. People differ: some sleep, some work, some have a script.
 *
 * Null: within a block of time each member has its own rate, at least as uneven as a gamma law of shape `EVENNESS`; given
 * the sum of all, counts are then Dirichlet-multinomial, whatever the mean. Alternative: one rate for all. The ratio falls
 * as counts become less equal (it is Schur-concave), so a more uneven null costs nothing. Blocks are averaged, which needs
 * no independence between them. Only members that were there before the block and after it count.
 *
 * Counts that a limit cuts off are equal for that reason: a block is left out where more than a fifth of its members came
 * near their hourly limit or were stopped. Honest groups that meet it: batch jobs of one customer on one schedule, monitors
 * that ask every minute. Dodged by drawing a rate for each account, hour by hour, from a law as wide as people's, which
 * leaves most of the fleet idle.
 */
const BLOCK_HOURS = [1, 6, 24]
const LEAST_MEMBERS = 5
const LEAST_MEAN = 3
const MOST_CAPPED = 0.2
const NEAR = 0.9

export const loadBalance: ClusterTest = {
  name: 'load-balance',
  family: 'timing',
  test(cluster) {
    const logs: number[] = []
    let best = { logE: -Infinity, members: 0, mean: 0, spread: 0, hours: 0 }
    for (const hours of BLOCK_HOURS) {
      for (const counts of blocksOf(cluster, hours)) {
        const { length } = counts
        const mean = counts.reduce((sum, n) => sum + n, 0) / length
        const even = counts.map(() => 1 / length)
        const logE = logCounts(counts, even, Infinity) - logCounts(counts, even, EVENNESS * length)
        logs.push(logE)
        const spread = Math.sqrt(counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (length - 1)) / mean
        if (logE > best.logE) best = { logE, members: length, mean, spread, hours }
      }
    }
    if (logs.length === 0) return null
    const { members, mean, spread, hours } = best
    return {
      logE: logMean(logs),
      says: `In ${hours} h ${members} accounts made ${rounded(mean)} exchanges each, give or take ${percent(spread)}; honest users differ by ${percent(1 / Math.sqrt(EVENNESS))} or more.`,
    }
  },
}

/** The counts of each block of so many hours that can be judged. */
function blocksOf({ members, hourlyFromMs, nowMs }: ClusterView, hours: number): number[][] {
  const blocks: number[][] = []
  const length = members.reduce((most, member) => Math.max(most, member.hourly.length), 0)
  for (let from = 0; from + hours <= length; from += hours) {
    const startMs = hourlyFromMs + from * HOUR_MS
    const endMs = startMs + hours * HOUR_MS
    if (endMs > nowMs) break
    const counts: number[] = []
    let capped = 0
    for (const member of members) {
      if (member.firstMs >= startMs || member.lastMs < endMs) continue
      if (isCapped(member, from, hours) || member.stops.some((ms) => ms >= startMs && ms < endMs)) capped++
      else counts.push(countIn(member, from, hours))
    }
    const sum = counts.reduce((all, n) => all + n, 0)
    if (counts.length < LEAST_MEMBERS || sum < LEAST_MEAN * counts.length) continue
    if (capped <= MOST_CAPPED * (counts.length + capped)) blocks.push(counts)
  }
  return blocks
}

function isCapped({ hourly, hourLimit }: MemberView, from: number, hours: number): boolean {
  if (hourLimit === null) return false
  for (let hour = from; hour < from + hours; hour++) if ((hourly[hour] ?? 0) >= NEAR * hourLimit) return true
  return false
}

function countIn({ hourly }: MemberView, from: number, hours: number): number {
  let sum = 0
  for (let hour = from; hour < from + hours; hour++) sum += hourly[hour] ?? 0
  return sum
}
