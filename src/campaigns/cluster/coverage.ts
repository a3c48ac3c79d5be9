import type { MemberView } from './view.ts'

/**
 * The damage meter: how much of the space of content the members have covered together, and how much each adds that no other
 * has. A number and no evidence: curated prompts of honest people are as diverse as any harvest. It says what a campaign has
 * taken, and whether its next account would still take something new.
 */
export interface Coverage {
  /** Cells covered by any member, of how many there are. */
  readonly cells: number
  readonly of: number
  /** Cells that a member covers, on average. */
  readonly each: number
  /** Of them, those that no other member covers. */
  readonly alone: number
  /** `alone` against what it were if members fell into cells by chance: 1 is chance, more is work dealt out. */
  readonly fresh: number
}

const bits: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let set = 0
  for (let rest = byte; rest > 0; rest &= rest - 1) set++
  return set
})

export function coverageOf(members: readonly MemberView[]): Coverage {
  const covering = members.filter((member) => member.coverage.some((byte) => byte !== 0))
  const bytes = covering.reduce((most, member) => Math.max(most, member.coverage.length), 0)
  const once = new Uint8Array(bytes)
  const twice = new Uint8Array(bytes)
  for (const { coverage } of covering) {
    for (let i = 0; i < coverage.length; i++) {
      twice[i]! |= once[i]! & coverage[i]!
      once[i]! |= coverage[i]!
    }
  }
  const count = (map: Uint8Array): number => map.reduce((sum, byte) => sum + bits[byte]!, 0)
  const cells = count(once)
  const of = bytes * 8
  if (covering.length === 0) return { cells: 0, of, each: 0, alone: 0, fresh: 1 }
  const own = covering.map((member) => count(member.coverage))
  const alone = (cells - count(twice)) / covering.length
  // By chance a cell stays free of all others with the product of their free shares.
  const free = own.reduce((product, set) => product * (1 - set / of), 1)
  const chance = own.reduce((sum, set) => sum + (set === of ? 0 : (set * free) / (1 - set / of)), 0) / covering.length
  const each = own.reduce((sum, set) => sum + set, 0) / covering.length
  return { cells, of, each, alone, fresh: chance === 0 ? 1 : alone / chance }
}
