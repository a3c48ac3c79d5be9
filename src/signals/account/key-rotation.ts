import type { Signal } from '../signal.ts'
import { nameHash, ramp, sinceStamp, stamp } from '../slots.ts'

const KEY = 0
const FINGERPRINT = 1
/** When a key last met a limit. */
const LIMITED = 2
/** Keys that this account was ever seen with, as bits of 32. */
const SEEN = 3
const SWITCHES = 4
/** Switches to a key that was never seen, by the same program; and those that came right after a limit. */
const FRESH = 5
const HANDOFFS = 6
const WITHIN_MS = 5 * 60_000

export const keyRotation: Signal = {
  name: 'key_rotation',
  family: 'infrastructure',
  measures: 'One program that takes one key after the other, and the next one when a limit stops the last.',
  alsoMet: 'Keys that are rotated as they should be, teams with a key for each member, deployments.',
  dodge: 'All keys in parallel from the start. Rotation over accounts is for the campaign engine to see.',
  weight: 'context',
  among: null,
  atlas: null,
  slots: HANDOFFS + 1,
  observe(state, at, { key, fingerprint, status, timeMs }) {
    const { u, f } = state
    const now = nameHash(key)
    const program = fingerprint === null ? 0 : nameHash(fingerprint)
    const bit = 1 << (now & 31)
    if (u[at + KEY] !== 0 && u[at + KEY] !== now) {
      f[at + SWITCHES]! += 1
      if ((u[at + SEEN]! & bit) === 0 && program === u[at + FINGERPRINT]) {
        f[at + FRESH]! += 1
        if (u[at + LIMITED] !== 0 && sinceStamp(timeMs, u[at + LIMITED]!) <= WITHIN_MS) f[at + HANDOFFS]! += 1
      }
      u[at + LIMITED] = 0
    }
    u[at + KEY] = now
    u[at + FINGERPRINT] = program
    u[at + SEEN]! |= bit
    if (status === 429) u[at + LIMITED] = stamp(timeMs)
  },
  read({ f }, at) {
    const switches = f[at + SWITCHES]!
    if (switches === 0) return null
    // Keys in turn, each taken up once, are rotation; keys side by side are a team.
    const inTurn = f[at + FRESH]! / switches
    return Math.max(ramp(f[at + FRESH]!, 1, 8) * ramp(inTurn, 0.2, 0.8) * 0.5, ramp(f[at + HANDOFFS]!, 0, 3))
  },
  says: ({ f }, at) =>
    `${f[at + SWITCHES]} changes of key, ${f[at + FRESH]} of them by the same program to a key not seen before, ${f[at + HANDOFFS]} right after a limit`,
}
