import { excessLogE } from '../../core/evidence.ts'
import { KIN } from './assumptions.ts'
import { logMean } from './likelihood.ts'
import { percent, rounded } from './words.ts'
import { DAY_MS, type Verdict } from './view.ts'

/**
 * Key rotation: an account has been stopped, a newcomer has come, and behaves like it. How much that says for one subject.
 *
 * Null: the newcomer is a stranger. It could as well have come at any time of the day after the stop (uniform over a day);
 * it has the same client and network with the probability that the population gives, and that related accounts give
 * (1 / (KIN + 1)); it shares so many keys of its prompts and cells of their form as `expected` says, or fewer. Alternative:
 * it comes soon (a density that falls with the delay), mostly with the same client, with more keys and cells. Time hangs
 * together with nothing else, so its ratio multiplies; client, network, keys and cells may hang together for colleagues,
 * so theirs are averaged. Of all newcomers of that day the most similar is meant: e is divided by how many were looked at.
 *
 * Honest groups that meet it: somebody who renews a key (the same tenant: not asked here), a colleague who takes over.
 * Dodged by warming all keys beforehand, and by a new client and network with each.
 */
export interface Succession {
  readonly stoppedMs: number
  readonly newcomerMs: number
  /** Newcomers of the 24 h after the stop that this one was chosen from. */
  readonly candidates: number
  /** Null where one of the two is unknown; `share` is the part of the population with the old account's value. */
  readonly fingerprint: Match | null
  readonly asn: Match | null
  readonly keys: Overlap | null
  readonly cells: Overlap | null
}

export interface Match {
  readonly same: boolean
  readonly share: number
}

/** How many are shared, and how many an honest newcomer who has sent as much would share. */
export interface Overlap {
  readonly shared: number
  readonly expected: number
}

/** A rotated key keeps its client so often. */
const KEPT = 0.7
const SOON_MS = 10_000

/** Null where the newcomer came before the stop or more than a day later. */
export function rotation(
  { stoppedMs, newcomerMs, candidates, ...alike }: Succession,
  kin: number = KIN,
): Verdict | null {
  const delayMs = newcomerMs - stoppedMs
  if (delayMs < 0 || delayMs > DAY_MS) return null
  // Density 1 / max(delay, SOON) over the day, against a uniform one.
  const time = Math.log(DAY_MS / Math.max(delayMs, SOON_MS) / (1 + Math.log(DAY_MS / SOON_MS)))
  const { fingerprint, asn, keys, cells } = alike
  const likeness = [
    ...[fingerprint, asn].filter((match) => match !== null).map((match) => matchLogE(match, kin)),
    ...[keys, cells].filter((overlap) => overlap !== null).map(({ shared, expected }) => excessLogE(shared, expected)),
  ]
  const facts = [
    fingerprint?.same ? `the same client (as ${percent(fingerprint.share)} have)` : null,
    asn?.same ? `the same network (as ${percent(asn.share)} have)` : null,
    keys === null ? null : `${keys.shared} keys of prompts in common (${rounded(keys.expected)} expected)`,
    cells === null ? null : `${cells.shared} cells of form in common (${rounded(cells.expected)} expected)`,
  ].filter((fact) => fact !== null)
  return {
    logE: time + (likeness.length === 0 ? 0 : logMean(likeness)) - Math.log(Math.max(1, candidates)),
    says: `Came ${rounded(delayMs / 1000)} s after the other was stopped, one of ${candidates} newcomers that day${facts.length === 0 ? '' : `, with ${facts.join(', ')}`}.`,
  }
}

/** Same with probability KEPT, else as by chance; against chance alone. */
function matchLogE({ same, share }: Match, kin: number): number {
  const chance = (1 + kin * Math.min(1, Math.max(0, share))) / (1 + kin)
  return Math.log(1 - KEPT + (same ? KEPT / chance : 0))
}
