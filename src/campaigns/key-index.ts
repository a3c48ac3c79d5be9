import { mix } from '../sketch/hash.ts'

/**
 * Which keys are held by how many accounts, in fixed memory: buckets of eight slots. Six of them are safe for keys that
 * several accounts hold, which keys that one account has made up never displace: a flood of throw-away prompts cannot make
 * Weir forget a campaign.
 * Numbers of accounts are counted in 64 bits (linear counting): near the truth up to 60, and then a floor, which is all
 * that anybody asks of them.
 */
const WAYS = 8
/**
 * Of each bucket so many slots are open to newcomers: two accounts that send each other's made-up texts could fill the index
 * for weeks otherwise. Where more are shared, the one that was not sent for longest gives way; what a campaign uses stays.
 */
const OPEN = 2
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
  readonly rows: Uint32Array
}

/** What is known of a key, side by side, so that it is fetched at once: words of its row. */
const LOW = 0
const HIGH = 1
/** Hours since the epoch of the last sight, modulo 2^16. */
const SEEN_HOUR = 2
/** The latest different accounts that held the key, plus one; a ring. */
const FIRST_HOLDER = 3
const ROW = FIRST_HOLDER + HOLDERS

export class KeyIndex {
  readonly #mask: number
  readonly #seed: number
  readonly #keys: Uint32Array
  readonly #rows: Uint32Array
  #size = 0

  constructor({ slots, seed }: KeyIndexOptions) {
    this.#mask = slots / WAYS - 1
    this.#seed = seed
    this.#keys = new Uint32Array(slots)
    this.#rows = new Uint32Array(slots * ROW)
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
    const low = this.#rows[slot * ROW + LOW]!
    const high = this.#rows[slot * ROW + HIGH]!
    const bit = this.#bitOf(account, this.#keys[slot]!)
    const own = bit < 32 ? (low >>> bit) & 1 : (high >>> (bit - 32)) & 1
    const set = bits(low) + bits(high)
    return counted[set]! - (own === 0 ? 0 : counted[set]! - counted[set - 1]!)
  }

  /** One of the latest holders by its number; 0: none. Numbers are an account's plus one. */
  holderAt(slot: number, which: number): number {
    return this.#rows[slot * ROW + FIRST_HOLDER + which]!
  }

  /** Notes that an account holds a key. */
  add(key: number, account: number, hour: number): void {
    const found = this.find(key)
    const slot = found < 0 ? this.#place(key, hour) : found
    const rows = this.#rows
    const row = slot * ROW
    rows[row + SEEN_HOUR] = hour & 0xffff
    const bit = this.#bitOf(account, key)
    if (bit < 32) rows[row + LOW]! |= 1 << bit
    else rows[row + HIGH]! |= 1 << (bit - 32)
    const first = row + FIRST_HOLDER
    for (let i = first; i < first + HOLDERS; i++) if (rows[i] === account + 1) return
    for (let i = first + HOLDERS - 1; i > first; i--) rows[i] = rows[i - 1]!
    rows[first] = account + 1
  }

  /** A free slot, or that of a key of one account, the longest unseen; see `OPEN` for where there is none. */
  #place(key: number, hour: number): number {
    const base = (mix(key ^ this.#seed) & this.#mask) * WAYS
    let single = -1
    let singleAge = -1
    let shared = -1
    let sharedAge = -1
    let pinned = 0
    let victim = -1
    for (let i = base; i < base + WAYS; i++) {
      if (this.#keys[i] === 0) {
        victim = i
        this.#size++
        break
      }
      const age = (hour - this.#rows[i * ROW + SEEN_HOUR]!) & 0xffff
      // Keys of several accounts are like any other once nobody has sent them for four weeks.
      if (this.#isShared(i) && age < 28 * 24) {
        pinned++
        if (age > sharedAge) {
          sharedAge = age
          shared = i
        }
      } else if (age > singleAge) {
        singleAge = age
        single = i
      }
    }
    if (victim < 0) victim = pinned > WAYS - OPEN ? shared : single
    this.#keys[victim] = key
    this.#rows.fill(0, victim * ROW, victim * ROW + ROW)
    return victim
  }

  /** Two accounts may have one bit: a second holder tells them apart. */
  #isShared(slot: number): boolean {
    const row = slot * ROW
    return this.#rows[row + FIRST_HOLDER + 1] !== 0 || bits(this.#rows[row + LOW]!) + bits(this.#rows[row + HIGH]!) > 1
  }

  /** All that is held, for a snapshot: only slots in use. */
  save(): KeyIndexState {
    const at = new Uint32Array(this.#size)
    const keys = new Uint32Array(this.#size)
    const rows = new Uint32Array(this.#size * ROW)
    let used = 0
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const key = this.#keys[slot]!
      if (key === 0) continue
      at[used] = slot
      keys[used] = key
      for (let i = 0; i < ROW; i++) rows[used * ROW + i] = this.#rows[slot * ROW + i]!
      used++
    }
    return { slots: this.#keys.length, at, keys, rows }
  }

  /** Takes up what was saved by an index of the same size and seed. */
  load({ at, keys, rows }: KeyIndexState): void {
    for (let i = 0; i < at.length; i++) {
      const slot = at[i]!
      this.#keys[slot] = keys[i]!
      for (let k = 0; k < ROW; k++) this.#rows[slot * ROW + k] = rows[i * ROW + k]!
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
