import type { KeyIndex } from './key-index.ts'
import { keyOf } from './match.ts'
import type { Member } from './member.ts'
import { KEYS_EACH } from './sizes.ts'

/**
 * Who goes on where somebody was stopped: a newcomer that puts the very frame around its prompts that an account had which
 * was asked a moment ago, and that hardly anybody else has.
 *
 * Null: the newcomer is a stranger. It has the frame with the probability that accounts have which were never asked,
 * (h + 1) / (N + 1), and could as well have come at any time of the day after the stop. Alternative: it has the frame, and
 * comes soon (a density that falls with the delay). The ratio is divided by how many stopped frames it was compared with.
 *
 * Honest traffic that meets this: a second customer of a niche tool whose first one was asked the same hour; so it speaks for a
 * question and for nothing firmer. A frame that several unsuspected accounts have is a framework's or a class's and says
 * nothing. Whoever was there before the stop is no newcomer, so nobody is framed by throw-away accounts that send its
 * template. Dodged by waiting, which is what a rotation must not cost, and by a new frame for each account.
 */
export interface StopState {
  readonly keys: Uint32Array
  readonly askedMs: number
  readonly lastMs: number
  readonly holders: number
  readonly latest: number
}

interface Stop {
  readonly keys: Uint32Array
  /** When the latest account with this frame was asked, and when it was last seen. */
  readonly askedMs: number
  lastMs: number
  /** Asked accounts that had it, and the number of the latest. */
  holders: number
  latest: number
}

export interface Succeeded {
  readonly logE: number
  /** Number of the account that was stopped. */
  readonly from: number
}

/** Frames that are remembered; whoever was stopped longest ago is forgotten first. */
const MOST = 256
const DAY_MS = 86_400_000
const SOON_MS = 60_000
/** A key of so much of the ring belongs to the frame. */
const FRAME_SHARE = 0.5
const LEAST_KEYS = 2
/** Prompts of a newcomer that must have the frame, as a share. */
const ALIKE = 0.6
/** Unsuspected accounts with the frame, beyond which it is nobody's own. */
const MOST_HOLDERS = 1
/** Accounts of a key are counted by a sketch, which errs by about so much. */
const COUNT_ERROR = 1.3

export class Stops {
  #stops: Stop[] = []

  /** An account was asked, or one that was is seen again. */
  note({ trace, number }: Member, nowMs: number): void {
    const known = this.#stops.find(({ latest }) => latest === number)
    if (known !== undefined) {
      known.lastMs = nowMs
      return
    }
    const keys = new Uint32Array(KEYS_EACH)
    let found = 0
    const { latestKeys } = trace
    for (let which = 0; which < KEYS_EACH; which++) {
      const key = latestKeys[which]!
      if (key === 0 || trace.share(which, key) <= FRAME_SHARE) continue
      keys[which] = key
      found++
    }
    if (found < LEAST_KEYS) return
    const same = this.#stops.findIndex((stop) => overlap(stop.keys, keys) >= LEAST_KEYS)
    if (same >= 0) {
      const [stop] = this.#stops.splice(same, 1)
      this.#stops.push({ ...stop!, askedMs: nowMs, lastMs: nowMs, holders: stop!.holders + 1, latest: number })
      return
    }
    if (this.#stops.length >= MOST) this.#stops.shift()
    this.#stops.push({ keys, askedMs: nowMs, lastMs: nowMs, holders: 1, latest: number })
  }

  /** Whose successor an account is that was first seen at `firstMs`; null: nobody's. */
  succeeded({ trace, number }: Member, firstMs: number, index: KeyIndex, accounts: number): Succeeded | null {
    let best: Succeeded | null = null
    for (const { keys, askedMs, lastMs, holders, latest } of this.#stops) {
      // While the other one uses up its grace a newcomer can be there already.
      const delayMs = Math.max(0, firstMs - lastMs)
      if (latest === number || firstMs < askedMs || delayMs > DAY_MS) continue
      let alike = 0
      for (let place = 0; place < trace.held; place++) {
        if (overlap(keys, trace.keysIn(place)) >= LEAST_KEYS) alike++
      }
      if (alike < ALIKE * trace.held) continue
      const others = rarest(keys, index, number) - holders * COUNT_ERROR
      if (others > MOST_HOLDERS) continue
      const chance = (Math.max(0, others) + 1) / (accounts + 1)
      // Density 1 / max(delay, SOON) over the day, against a uniform one.
      const time = Math.log(DAY_MS / Math.max(delayMs, SOON_MS) / (1 + Math.log(DAY_MS / SOON_MS)))
      const logE = -Math.log(chance) + time
      if (best === null || logE > best.logE) best = { logE, from: latest }
    }
    return best === null ? null : { ...best, logE: best.logE - Math.log(Math.max(1, this.#stops.length)) }
  }

  save(): readonly StopState[] {
    return this.#stops.map((stop) => ({ ...stop }))
  }

  load(stops: readonly StopState[]): void {
    this.#stops = stops.map((stop) => ({ ...stop }))
  }
}

function overlap(one: Uint32Array, other: Uint32Array): number {
  let same = 0
  for (let which = 0; which < KEYS_EACH; which++) if (one[which] !== 0 && one[which] === other[which]) same++
  return same
}

/** Accounts that hold the rarest key of a frame, `account` not counted. */
function rarest(keys: Uint32Array, index: KeyIndex, account: number): number {
  let least = Infinity
  for (let which = 0; which < KEYS_EACH; which++) {
    const slot = keys[which] === 0 ? -1 : index.find(keyOf(which, keys[which]!))
    if (slot >= 0) least = Math.min(least, index.othersAt(slot, account))
  }
  return least === Infinity ? 0 : least
}
