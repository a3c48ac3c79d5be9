import { type AppliedAction, firmness, type InForceName } from '../core/action.ts'
import type { Standing } from './by-subject.ts'

/** How an action is in force: met, noted and met by nobody, or held back at random. */
const modes = ['shadow', 'held_back', 'enforce'] as const
export type InForceMode = (typeof modes)[number]

export interface InForceCount {
  readonly action: InForceName
  readonly mode: InForceMode
  readonly count: number
}

type Ranked = Omit<AppliedAction, 'id'>

const RANKS = modes.length * firmness.length

/** From what gives way first to what gives way last: what nobody meets, then the mild before the firm. */
function rankOf({ mode, heldBack, spec }: Ranked): number {
  const how: InForceMode = mode === 'shadow' ? 'shadow' : heldBack ? 'held_back' : 'enforce'
  return modes.indexOf(how) * firmness.length + firmness.indexOf(spec.action)
}

/** What somebody has done by hand, which no rule undoes. */
const isByHand = ({ by }: Ranked): boolean => by.kind === 'operator' || by.kind === 'containment'

/** Counts actions by what they do, and knows which of them has to give way where there is room for no more. */
export class Ranks<T extends Standing> {
  /** Of rules only; in each rank the oldest first. */
  readonly #yielding: readonly Set<T>[] = Array.from({ length: RANKS }, () => new Set())
  readonly #counts = new Uint32Array(RANKS)

  add(one: T): void {
    const rank = rankOf(one.action)
    this.#counts[rank]!++
    if (!isByHand(one.action)) this.#yielding[rank]!.add(one)
  }

  remove(one: T): void {
    const rank = rankOf(one.action)
    this.#counts[rank]!--
    this.#yielding[rank]!.delete(one)
  }

  /** The mildest and of those the oldest that is milder than this one; null: none is. Done by hand goes before any rule's. */
  yieldsTo(wanted: Ranked): T | null {
    const below = isByHand(wanted) ? RANKS : rankOf(wanted)
    for (let rank = 0; rank < below; rank++) {
      const [oldest] = this.#yielding[rank]!
      if (oldest !== undefined) return oldest
    }
    return null
  }

  get counts(): readonly InForceCount[] {
    return Array.from(this.#counts, (count, rank) => ({
      action: firmness[rank % firmness.length]!,
      mode: modes[Math.floor(rank / firmness.length)]!,
      count,
    }))
  }
}
