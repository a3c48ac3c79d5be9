import type { Finding } from './core/decision.ts'
import { rotation, type Match } from './campaigns/cluster/rotation.ts'
import type { Subject } from './subject.ts'

/**
 * Keys that follow one another: where one member of a campaign ends and another begins soon after with the same client or
 * network, the two are told as one subject.
 */
const DAY_MS = 86_400_000
const MOST_MEMBERS = 200
const TOLD = 3
const LEAST_LOG_E = Math.log(20)

export function successions(
  members: readonly Subject[],
  all: readonly Subject[],
  shareOf: (kind: 'fingerprint' | 'asn', value: number) => number,
): readonly Finding[] {
  const byBegin = members.toSorted((a, b) => a.firstMs - b.firstMs).slice(0, MOST_MEMBERS)
  const found: { readonly logE: number; readonly finding: Finding }[] = []
  for (const newcomer of byBegin) {
    const before = latestToEnd(byBegin, newcomer)
    if (before === null) continue
    const candidates = all.filter(({ firstMs }) => firstMs >= before.lastMs && firstMs < before.lastMs + DAY_MS).length
    const match = (kind: 'fingerprint' | 'asn'): Match | null => {
      const [old, young] = [before.member[kind], newcomer.member[kind]]
      return old === 0 || young === 0 ? null : { same: old === young, share: shareOf(kind, old) }
    }
    const verdict = rotation({
      stoppedMs: before.lastMs,
      newcomerMs: newcomer.firstMs,
      candidates,
      fingerprint: match('fingerprint'),
      asn: match('asn'),
      keys: null,
      cells: null,
    })
    if (verdict === null || verdict.logE < LEAST_LOG_E) continue
    found.push({
      logE: verdict.logE,
      finding: {
        detector: 'key rotation',
        family: 'timing',
        evidence: Math.exp(verdict.logE),
        segment: null,
        calibrated: null,
        says: `${newcomer.name} goes on where ${before.name} ended. ${verdict.says}`,
      },
    })
  }
  return found
    .sort((a, b) => b.logE - a.logE)
    .slice(0, TOLD)
    .map(({ finding }) => finding)
}

/** The member that ended last before another began. */
function latestToEnd(members: readonly Subject[], { firstMs, name }: Subject): Subject | null {
  let latest: Subject | null = null
  for (const one of members) {
    if (one.name !== name && one.lastMs <= firstMs && (latest === null || one.lastMs > latest.lastMs)) latest = one
  }
  return latest
}
