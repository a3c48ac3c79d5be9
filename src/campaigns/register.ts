/** Campaigns as sets of members that were linked one to another: union-find, so that a link costs next to nothing. */
const LEAST_MEMBERS = 3

export interface Campaign {
  readonly id: string
  /** Members that were asked or more: so many cannot be there by chance. */
  convicted: number
  /** Time of the event at which it had enough members to be one. */
  readonly detectedMs: number
}

/** Whoever has a number among accounts. */
interface Numbered {
  readonly number: number
}

export interface RegisterState {
  readonly made: number
  readonly parents: readonly (readonly [number, number])[]
  readonly sizes: readonly (readonly [number, number])[]
  readonly campaigns: readonly (readonly [number, Campaign])[]
}

export class CampaignRegister {
  /** Of each account that was linked to another: one that stands nearer to the root. Nearly nobody is linked. */
  readonly #parents = new Map<number, number>()
  readonly #sizes = new Map<number, number>()
  readonly #campaigns = new Map<number, Campaign>()
  #made = 0

  /** Two suspects belong together. */
  link(a: Numbered, b: Numbered, nowMs: number): void {
    let one = this.#rootOf(a.number)
    let other = this.#rootOf(b.number)
    if (one === other) return
    let size = this.#sizeOf(one)
    let smaller = this.#sizeOf(other)
    if (size < smaller) {
      ;[one, other] = [other, one]
      ;[size, smaller] = [smaller, size]
    }
    this.#parents.set(other, one)
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

  of({ number }: Numbered): Campaign | null {
    return this.#campaigns.get(this.#rootOf(number)) ?? null
  }

  sizeOf({ number }: Numbered): number {
    return this.#sizeOf(this.#rootOf(number))
  }

  get made(): number {
    return this.#made
  }

  save(): RegisterState {
    return {
      made: this.#made,
      parents: [...this.#parents],
      sizes: [...this.#sizes],
      campaigns: [...this.#campaigns],
    }
  }

  load({ made, parents, sizes, campaigns }: RegisterState): void {
    this.#made = made
    for (const [number, parent] of parents) this.#parents.set(number, parent)
    for (const [root, size] of sizes) this.#sizes.set(root, size)
    for (const [root, campaign] of campaigns) this.#campaigns.set(root, campaign)
  }

  #sizeOf(root: number): number {
    return this.#sizes.get(root) ?? 1
  }

  /** Shortens the way for the next time. */
  #rootOf(number: number): number {
    let root = number
    for (let next = this.#parents.get(root); next !== undefined; next = this.#parents.get(root)) root = next
    let at = number
    while (at !== root) {
      const next = this.#parents.get(at)!
      if (next !== root) this.#parents.set(at, root)
      at = next
    }
    return root
  }
}

/** With its time: a state that was lost must not give another campaign a name that actions are in force for. */
const nameOf = (made: number, nowMs: number): string => `c-${Math.floor(nowMs / 1000).toString(36)}-${made}`

/** Of two that become one, the name that has been told first stays. */
const earlier = (a: Campaign | undefined, b: Campaign | undefined): Campaign | undefined =>
  a === undefined || (b !== undefined && b.detectedMs < a.detectedMs) ? b : a
