import type { Member } from './member.ts'

/** Campaigns as sets of members that were linked one to another: union-find, so that a link costs next to nothing. */
const LEAST_MEMBERS = 3

export interface Campaign {
  readonly id: string
  /** Members that were asked or more: so many cannot be there by chance. */
  convicted: number
  /** Time of the event at which it had enough members to be one. */
  readonly detectedMs: number
}

export interface RegisterState {
  readonly made: number
  readonly sizes: readonly (readonly [number, number])[]
  readonly campaigns: readonly (readonly [number, Campaign])[]
}

export class CampaignRegister {
  readonly #sizes = new Map<Member, number>()
  readonly #campaigns = new Map<Member, Campaign>()
  #made = 0

  /** Two suspects belong together. */
  link(a: Member, b: Member, nowMs: number): void {
    let one = rootOf(a)
    let other = rootOf(b)
    if (one === other) return
    let size = this.#sizeOf(one)
    let smaller = this.#sizeOf(other)
    if (size < smaller) {
      ;[one, other] = [other, one]
      ;[size, smaller] = [smaller, size]
    }
    other.parent = one
    this.#sizes.delete(other)
    this.#sizes.set(one, size + smaller)
    const mine = this.#campaigns.get(one)
    const theirs = this.#campaigns.get(other)
    this.#campaigns.delete(other)
    const kept = earlier(mine, theirs)
    if (kept !== undefined) {
      kept.convicted = (mine?.convicted ?? 0) + (theirs?.convicted ?? 0)
      this.#campaigns.set(one, kept)
    } else if (size + smaller >= LEAST_MEMBERS)
      this.#campaigns.set(one, { id: nameOf(++this.#made, nowMs), convicted: 0, detectedMs: nowMs })
  }

  of(member: Member): Campaign | null {
    return this.#campaigns.get(rootOf(member)) ?? null
  }

  sizeOf(member: Member): number {
    return this.#sizeOf(rootOf(member))
  }

  get made(): number {
    return this.#made
  }

  save(): RegisterState {
    return {
      made: this.#made,
      sizes: [...this.#sizes].map(([{ number }, size]) => [number, size]),
      campaigns: [...this.#campaigns].map(([{ number }, campaign]) => [number, campaign]),
    }
  }

  load({ made, sizes, campaigns }: RegisterState, members: readonly Member[]): void {
    this.#made = made
    for (const [number, size] of sizes) this.#sizes.set(members[number]!, size)
    for (const [number, campaign] of campaigns) this.#campaigns.set(members[number]!, campaign)
  }

  #sizeOf(root: Member): number {
    return this.#sizes.get(root) ?? 1
  }
}

/** With its time: a state that was lost must not give another campaign a name that actions are in force for. */
const nameOf = (made: number, nowMs: number): string => `c-${Math.floor(nowMs / 1000).toString(36)}-${made}`

/** Of two that become one, the name that has been told first stays. */
const earlier = (a: Campaign | undefined, b: Campaign | undefined): Campaign | undefined =>
  a === undefined || (b !== undefined && b.detectedMs < a.detectedMs) ? b : a

function rootOf(member: Member): Member {
  let root = member
  while (root.parent !== root) root = root.parent
  let at = member
  while (at.parent !== root) {
    const next = at.parent
    at.parent = root
    at = next
  }
  return root
}
