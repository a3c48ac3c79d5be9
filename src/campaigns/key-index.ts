import { mix } from '../sketch/hash.ts'

/**
 * Which keys are held by how many accounts, in fixed memory: buckets of eight slots. A key that several accounts hold is
 * never displaced by keys that one account has made up, so a flood of throw-away prompts cannot make Weir forget a campaign.
 * Numbers of accounts are counted in 64 bits (linear counting): near the truth up to 60, and then a floor, which is all
 * that anybody asks of them.
 */
const WAYS = 8
export const HOLDERS = 4

export interface KeyIndexOptions {
  /** A power of two. */
  readonly slots: number
  readonly seed: number
}

export interface KeyIndexState {
  readonly slots: number
  readonly at: Uint32Array
  readonly keys: Uint32Array
  readonly low: Uint32Array
  readonly high: Uint32Array
  readonly holders: Uint32Array
  readonly seenHour: Uint16Array
}

export class KeyIndex {
  readonly #mask: number
  readonly #seed: number
  readonly #keys: Uint32Array
  readonly #low: Uint32Array
  readonly #high: Uint32Array
  /** The latest different accounts that held the key, plus one; a ring. */
  readonly #holders: Uint32Array
  /** Hours since the epoch of the last sight, modulo 2^16. */
  readonly #seenHour: Uint16Array
  #size = 0

  constructor({ slots, seed }: KeyIndexOptions) {
    this.#mask = slots / WAYS - 1
    this.#seed = seed
    this.#keys = new Uint32Array(slots)
    this.#low = new Uint32Array(slots)
    this.#high = new Uint32Array(slots)
    this.#holders = new Uint32Array(slots * HOLDERS)
    this.#seenHour = new Uint16Array(slots)
  }

  get size(): number {
    return this.#size
  }

  /** The slot of a key; -1 where nobody holds it. */
  find(key: number): number {
    const keys = this.#keys
    const base = (mix(key ^ this.#seed) & this.#mask) * WAYS
    for (let i = base; i < base + WAYS; i++) if (keys[i] === key) return i
    return -1
  }

  /** Accounts that hold the key in a slot, `account` not counted. */
  othersAt(slot: number, account: number): number {
    const low = this.#low[slot]!
    const high = this.#high[slot]!
    const bit = this.#bitOf(account, this.#keys[slot]!)
    const own = bit < 32 ? (low >>> bit) & 1 : (high >>> (bit - 32)) & 1
    const set = bits(low) + bits(high)
    return counted[set]! - (own === 0 ? 0 : counted[set]! - counted[set - 1]!)
  }

  /** One of the latest holders by its number; 0: none. Numbers are an account's plus one. */
  holderAt(slot: number, which: number): number {
    return this.#holders[slot * HOLDERS + which]!
  }

  /** Notes that an account holds a key. */
  add(key: number, account: number, hour: number): void {
    let slot = this.find(key)
    if (slot < 0) {
      slot = this.#place(key, hour)
      if (slot < 0) return
    }
    this.#seenHour[slot] = hour
    const bit = this.#bitOf(account, key)
    if (bit < 32) this.#low[slot] = this.#low[slot]! | (1 << bit)
    else this.#high[slot] = this.#high[slot]! | (1 << (bit - 32))
    const at = slot * HOLDERS
    const holders = this.#holders
    for (let i = 0; i < HOLDERS; i++) if (holders[at + i] === account + 1) return
    for (let i = HOLDERS - 1; i > 0; i--) holders[at + i] = holders[at + i - 1]!
    holders[at] = account + 1
  }

  /** A free slot, or that of the key with the fewest accounts, the longest unseen: of one account only. */
  #place(key: number, hour: number): number {
    const base = (mix(key ^ this.#seed) & this.#mask) * WAYS
    let victim = -1
    let oldest = -1
    for (let i = base; i < base + WAYS; i++) {
      if (this.#keys[i] === 0) {
        victim = i
        this.#size++
        break
      }
      const held = bits(this.#low[i]!) + bits(this.#high[i]!)
      const age = (hour - this.#seenHour[i]!) & 0xffff
      // Keys of several accounts leave only once nobody has sent them for four weeks.
      if (held > 1 && age < 28 * 24) continue
      if (age > oldest) {
        oldest = age
        victim = i
      }
    }
    if (victim < 0) return -1
    this.#keys[victim] = key
    this.#low[victim] = 0
    this.#high[victim] = 0
    this.#holders.fill(0, victim * HOLDERS, victim * HOLDERS + HOLDERS)
    return victim
  }

  /** All that is held, for a snapshot: only slots in use. */
  save(): KeyIndexState {
    const used: number[] = []
    for (let slot = 0; slot < this.#keys.length; slot++) if (this.#keys[slot] !== 0) used.push(slot)
    const at = Uint32Array.from(used)
    const holders = new Uint32Array(at.length * HOLDERS)
    for (let i = 0; i < at.length; i++)
      holders.set(this.#holders.subarray(at[i]! * HOLDERS, at[i]! * HOLDERS + HOLDERS), i * HOLDERS)
    return {
      slots: this.#keys.length,
      at,
      keys: at.map((slot) => this.#keys[slot]!),
      low: at.map((slot) => this.#low[slot]!),
      high: at.map((slot) => this.#high[slot]!),
      holders,
      seenHour: Uint16Array.from(at, (slot) => this.#seenHour[slot]!),
    }
  }

  /** Takes up what was saved by an index of the same size and seed. */
  load({ at, keys, low, high, holders, seenHour }: KeyIndexState): void {
    for (let i = 0; i < at.length; i++) {
      const slot = at[i]!
      this.#keys[slot] = keys[i]!
      this.#low[slot] = low[i]!
      this.#high[slot] = high[i]!
      this.#seenHour[slot] = seenHour[i]!
      this.#holders.set(holders.subarray(i * HOLDERS, i * HOLDERS + HOLDERS), slot * HOLDERS)
    }
    this.#size = at.length
  }

  #bitOf(account: number, key: number): number {
    return mix(Math.imul(account + 1, 0x9e3779b1) ^ key ^ this.#seed) & 63
  }
}

function bits(x: number): number {
  let v = x - ((x >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Linear counting (Whang 1990): -m ln(empty / m). */
const counted: readonly number[] = Array.from({ length: 65 }, (_, set) =>
  set === 64 ? 300 : Math.round(-64 * Math.log(1 - set / 64) * 10) / 10,
)
