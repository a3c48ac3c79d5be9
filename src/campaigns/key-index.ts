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
const MOST_AT_ONCE = 16

export interface KeyIndexOptions {
  /** A power of two. */
  readonly slots: number
  readonly seed: number
}

export interface KeyIndexState {
  readonly slots: number
  readonly at: Uint32Array
  readonly keys: Uint32Array
  readonly heads: Uint32Array
  readonly rows: Uint32Array
}

/**
 * A bucket is a line of the processor's cache: its keys, and for each a head that says all of most keys, which one account holds.
 * A head is the latest holder's number and one, times two; and 1 where there is another.
 */
const BUCKET = 2 * WAYS
const SHARED = 1
/** What more there is to know of a key, in words of a row: the bits of its holders, ... */
const LOW = 0
const HIGH = 1
/** ... hours since the epoch of the last sight, modulo 2^16, ... */
const SEEN_HOUR = 2
/** ... and the holders before the latest. */
const BEFORE = 3
const ROW = BEFORE + HOLDERS - 1

export class KeyIndex {
  readonly #mask: number
  readonly #seed: number
  readonly #buckets: Uint32Array
  readonly #rows: Uint32Array
  readonly #wanted = new Uint32Array(MOST_AT_ONCE)
  readonly #found = new Int32Array(MOST_AT_ONCE)
  #size = 0

  constructor({ slots, seed }: KeyIndexOptions) {
    this.#mask = slots / WAYS - 1
    this.#seed = seed
    this.#buckets = new Uint32Array(slots * 2)
    this.#rows = new Uint32Array(slots * ROW)
  }

  get size(): number {
    return this.#size
  }

  /** The slot of a key; -1 where nobody holds it. */
  find(key: number): number {
    const at = this.#bucketOf(key)
    for (let way = 0; way < WAYS; way++) if (this.#buckets[at + way] === key) return slotOf(at, way)
    return -1
  }

  /**
   * The slots of several keys, until it is asked for others; -1 where nobody holds it, or there is none. Each bucket is somewhere
   * else in memory: all of them are fetched in the first turn, which takes as long as one of them.
   */
  findAll(keys: Uint32Array, keyOf: (which: number, key: number) => number): Int32Array {
    const buckets = this.#buckets
    const wanted = this.#wanted
    const found = this.#found
    for (let i = 0; i < keys.length; i++) {
      const key = keyOf(i, keys[i]!)
      const at = this.#bucketOf(key)
      wanted[i] = key
      found[i] = buckets[at] === key ? at : ~at
    }
    for (let i = 0; i < keys.length; i++) {
      const at = found[i]! < 0 ? ~found[i]! : found[i]!
      let way = 0
      while (way < WAYS && buckets[at + way] !== wanted[i]) way++
      found[i] = way === WAYS || keys[i] === 0 ? -1 : slotOf(at, way)
    }
    return found
  }

  /** Accounts that hold the key in a slot, `account` not counted. */
  othersAt(slot: number, account: number): number {
    const head = this.#buckets[headAt(slot)]!
    // The number of its only holder says as much as the bits, and is already there.
    if ((head & SHARED) === 0 && head >>> 1 === account + 1) return 0
    const low = this.#rows[slot * ROW + LOW]!
    const high = this.#rows[slot * ROW + HIGH]!
    const bit = this.#bitOf(account, this.#buckets[keyAt(slot)]!)
    const own = bit < 32 ? (low >>> bit) & 1 : (high >>> (bit - 32)) & 1
    const set = bits(low) + bits(high)
    return counted[set]! - (own === 0 ? 0 : counted[set]! - counted[set - 1]!)
  }

  /** One of the latest holders by its number; 0: none. Numbers are an account's plus one. */
  holderAt(slot: number, which: number): number {
    const head = this.#buckets[headAt(slot)]!
    if (which === 0) return head >>> 1
    return (head & SHARED) === 0 ? 0 : this.#rows[slot * ROW + BEFORE + which - 1]!
  }

  /** Notes that an account holds a key. */
  add(key: number, account: number, hour: number): void {
    const found = this.find(key)
    const slot = found < 0 ? this.#place(key, hour) : found
    const rows = this.#rows
    const row = slot * ROW
    rows[row + SEEN_HOUR] = hour & 0xffff
    const headed = headAt(slot)
    const latest = this.#buckets[headed]! >>> 1
    if (latest === account + 1) return
    const bit = this.#bitOf(account, key)
    if (bit < 32) rows[row + LOW]! |= 1 << bit
    else rows[row + HIGH]! |= 1 << (bit - 32)
    if (latest === 0) {
      this.#buckets[headed] = (account + 1) * 2
      return
    }
    const first = row + BEFORE
    for (let i = first; i < first + HOLDERS - 1; i++) if (rows[i] === account + 1) return
    for (let i = first + HOLDERS - 2; i > first; i--) rows[i] = rows[i - 1]!
    rows[first] = latest
    this.#buckets[headed] = (account + 1) * 2 + SHARED
  }

  /** A free slot, or that of a key of one account, the longest unseen; see `OPEN` for where there is none. */
  #place(key: number, hour: number): number {
    const at = this.#bucketOf(key)
    let way = 0
    while (way < WAYS && this.#buckets[at + way] !== 0) way++
    if (way === WAYS) way = this.#victimIn(at, hour)
    else this.#size++
    const slot = slotOf(at, way)
    this.#buckets[at + way] = key
    this.#buckets[headAt(slot)] = 0
    for (let i = 0; i < ROW; i++) this.#rows[slot * ROW + i] = 0
    return slot
  }

  #victimIn(at: number, hour: number): number {
    let single = -1
    let singleAge = -1
    let shared = -1
    let sharedAge = -1
    let pinned = 0
    for (let way = 0; way < WAYS; way++) {
      const age = (hour - this.#rows[slotOf(at, way) * ROW + SEEN_HOUR]!) & 0xffff
      // Keys of several accounts are like any other once nobody has sent them for four weeks.
      if ((this.#buckets[at + WAYS + way]! & SHARED) !== 0 && age < 28 * 24) {
        pinned++
        if (age > sharedAge) {
          sharedAge = age
          shared = way
        }
      } else if (age > singleAge) {
        singleAge = age
        single = way
      }
    }
    return pinned > WAYS - OPEN ? shared : single
  }

  #bucketOf(key: number): number {
    return (mix(key ^ this.#seed) & this.#mask) * BUCKET
  }

  /** All that is held, for a snapshot: only slots in use. */
  save(): KeyIndexState {
    const at = new Uint32Array(this.#size)
    const keys = new Uint32Array(this.#size)
    const heads = new Uint32Array(this.#size)
    const rows = new Uint32Array(this.#size * ROW)
    const slots = this.#buckets.length / 2
    let used = 0
    for (let slot = 0; slot < slots; slot++) {
      const key = this.#buckets[keyAt(slot)]!
      if (key === 0) continue
      at[used] = slot
      keys[used] = key
      heads[used] = this.#buckets[headAt(slot)]!
      for (let i = 0; i < ROW; i++) rows[used * ROW + i] = this.#rows[slot * ROW + i]!
      used++
    }
    return { slots, at, keys, heads, rows }
  }

  /** Takes up what was saved by an index of the same size and seed. */
  load({ at, keys, heads, rows }: KeyIndexState): void {
    for (let i = 0; i < at.length; i++) {
      const slot = at[i]!
      this.#buckets[keyAt(slot)] = keys[i]!
      this.#buckets[headAt(slot)] = heads[i]!
      for (let k = 0; k < ROW; k++) this.#rows[slot * ROW + k] = rows[i * ROW + k]!
    }
    this.#size = at.length
  }

  #bitOf(account: number, key: number): number {
    return mix(Math.imul(account + 1, 0x9e3779b1) ^ key ^ this.#seed) & 63
  }
}

/** A slot is a place in a bucket: where its key and its head stand, and back. */
const keyAt = (slot: number): number => (slot >>> 3) * BUCKET + (slot & (WAYS - 1))
const headAt = (slot: number): number => keyAt(slot) + WAYS
const slotOf = (at: number, way: number): number => (at >>> 1) + way

function bits(x: number): number {
  let v = x - ((x >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Linear counting (Whang 1990): -m ln(empty / m). */
const counted: readonly number[] = Array.from({ length: 65 }, (_, set) =>
  set === 64 ? 300 : Math.round(-64 * Math.log(1 - set / 64) * 10) / 10,
)
