/**
 * The state of all signals of one account: 4-byte slots in one buffer, each read as a float or as an unsigned number. As
 * objects with named fields the same numbers take four times the memory, and there is one such state for each account.
 * Counts forget by half when they are full, so that what an account does now outweighs what it once did.
 */
export interface Slots {
  readonly f: Float32Array
  readonly u: Uint32Array
}

export function slotsOf(buffer: ArrayBuffer): Slots {
  return { f: new Float32Array(buffer), u: new Uint32Array(buffer) }
}

const FULL = 512

/** How many there were, and how many of them were hits. */
export const TALLY = 2

export function tally({ f }: Slots, at: number, hit: boolean): void {
  if (f[at]! >= FULL) {
    f[at]! /= 2
    f[at + 1]! /= 2
  }
  f[at]! += 1
  if (hit) f[at + 1]! += 1
}

export const countOf = ({ f }: Slots, at: number): number => f[at]!
export const hitsOf = ({ f }: Slots, at: number): number => f[at + 1]!
export const shareOf = ({ f }: Slots, at: number): number => (f[at] === 0 ? 0 : f[at + 1]! / f[at]!)

/** Count, mean and sum of squares about it (Welford). */
export const MOMENTS = 3

export function addMoment({ f }: Slots, at: number, x: number): void {
  if (f[at]! >= FULL) {
    f[at]! /= 2
    f[at + 2]! /= 2
  }
  f[at]! += 1
  const off = x - f[at + 1]!
  f[at + 1]! += off / f[at]!
  f[at + 2]! += off * (x - f[at + 1]!)
}

export const meanOf = ({ f }: Slots, at: number): number => f[at + 1]!
export const deviationOf = ({ f }: Slots, at: number): number =>
  f[at]! < 2 ? 0 : Math.sqrt(Math.max(0, f[at + 2]! / (f[at]! - 1)))

/** The last four different hashes. */
export const RECENT = 4

/** Whether the hash is among them; it is then the newest one. */
export function isRecent({ u }: Slots, at: number, hash: number): boolean {
  let k = 0
  while (k < RECENT - 1 && u[at + k] !== hash) k++
  const found = u[at + k] === hash
  for (; k > 0; k--) u[at + k] = u[at + k - 1]!
  u[at] = hash
  return found
}

/** Counts in bins of one byte, four in a slot. */
export const binSlots = (bins: number): number => (bins + 3) >> 2

export function addToBin({ u }: Slots, at: number, bins: number, bin: number): void {
  if (binOf({ u }, at, bin) === 255) {
    for (let k = 0; k < binSlots(bins); k++) u[at + k] = (u[at + k]! >>> 1) & 0x7f7f7f7f
  }
  u[at + (bin >> 2)]! += 1 << ((bin & 3) * 8)
}

export const binOf = ({ u }: Pick<Slots, 'u'>, at: number, bin: number): number =>
  (u[at + (bin >> 2)]! >>> ((bin & 3) * 8)) & 255

/** 0 up to `from`, 1 from `to` on, straight between; `from` may be the larger one. */
export function ramp(x: number, from: number, to: number): number {
  const y = (x - from) / (to - from)
  return y <= 0 ? 0 : y >= 1 ? 1 : y
}

/** A name as 32 bits. It tells names of one account apart and is kept nowhere else, so it needs no key. */
export function nameHash(name: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < name.length && i < 64; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193)
  return (h ^ (h >>> 15)) >>> 0 || 1
}

/** A time as 32 bits, for gaps of less than 49 days; never 0, which is `no time`. */
export const stamp = (timeMs: number): number => timeMs >>> 0 || 1
export const sinceStamp = (timeMs: number, then: number): number => (stamp(timeMs) - then) >>> 0

export const percent = (share: number): string => `${Math.round(share * 100)} %`
