import { LRUCache } from 'lru-cache'
import * as hash32 from '../sketch/hash32.ts'
import { keyOf, Words } from './words.ts'

/**
 * How much of its system prompt an answer gives away: the share of the prompt's shingles (six words in a row) that stand in
 * the answer, as keyed hashes. The prompt is sketched once, the answer is read as it streams. A translation, or a prompt
 * that is spelt out letter by letter, is not seen.
 */
const SHINGLE = 6
// Imported names are looked up at each use; see `scan.ts`.
const { mix32 } = hash32
/** Rolling hash: an odd base, and what its oldest word has been multiplied by. */
const BASE = 0x2c1b3c6d
const OLDEST: number = Array.from({ length: SHINGLE - 1 }, () => BASE).reduce((product, base) =>
  Math.imul(product, base),
)

/** A prompt with fewer is a line or two, which any answer about it may repeat. */
const MIN_SHINGLES = 12
/** Of a longer prompt, those with the least hashes: which they are is the same in any text. */
const MAX_SHINGLES = 256
const MAX_PROMPT_UNITS = 1 << 16
/** Read of one piece, and of one answer. Whoever has a whole answer can feed it in pieces. */
const MAX_PIECE_UNITS = 1 << 13
const MAX_ANSWER_UNITS = 1 << 18

const SKETCHES = 512

/** Units that are read at a time; one word each at most, and one more. */
const STEP = 256

/** Words in, hashes of every six in a row out. */
class Shingles {
  readonly #last = new Int32Array(SHINGLE)
  #count = 0
  #hash = 0

  /** Writes the shingles that end with these words over them; how many there are. */
  read(words: Uint32Array, count: number): number {
    const last = this.#last
    let hash = this.#hash
    let seen = this.#count
    let written = 0
    for (let i = 0; i < count; i++) {
      const word = words[i]! | 0
      const at = seen++ % SHINGLE
      hash = (Math.imul((hash - Math.imul(last[at]!, OLDEST)) | 0, BASE) + word) | 0
      last[at] = word
      if (seen >= SHINGLE) words[written++] = mix32(hash) || 1
    }
    this.#hash = hash
    // Kept small; it says only how many there are and which is the oldest.
    this.#count = seen < 2 * SHINGLE ? seen : SHINGLE + (seen % SHINGLE)
    return written
  }

  clear(): void {
    this.#last.fill(0)
    this.#count = 0
    this.#hash = 0
  }
}

interface Sketch {
  readonly size: number
  /** No shingle above it is in the sketch; as unsigned. */
  readonly most: number
  /** By open addressing; 0 is empty. */
  readonly table: Int32Array
}

/** Sketches of the system prompts that were used last, for the answers to them. */
export class Echoes {
  readonly #key: number
  readonly #sketches = new LRUCache<number, { readonly sketch: Sketch | null }>({ max: SKETCHES })
  readonly #room = new Uint32Array(STEP + 1)

  /** `secret`: at least 4 bytes of this deployment's own. */
  constructor(secret: Uint8Array) {
    this.#key = keyOf(secret)
  }

  /** For one answer; `hash` is the prompt's in its observation. null: the prompt is too short to say. */
  listen(system: string, hash: number): Echo | null {
    let known = this.#sketches.get(hash)
    if (known === undefined) {
      known = { sketch: sketchOf(system, this.#key, this.#room) }
      this.#sketches.set(hash, known)
    }
    return known.sketch === null ? null : new Echo(known.sketch, this.#key, this.#room)
  }
}

function sketchOf(system: string, key: number, room: Uint32Array): Sketch | null {
  const words = new Words(key)
  const shingles = new Shingles()
  const found = new Set<number>()
  const length = Math.min(system.length, MAX_PROMPT_UNITS)
  for (let from = 0; from < length; from += STEP) {
    const to = Math.min(length, from + STEP)
    let count = words.read(system, from, to, room)
    if (to === length) count += words.end(room, count)
    for (const shingle of room.subarray(0, shingles.read(room, count))) found.add(shingle)
  }
  if (found.size < MIN_SHINGLES) return null
  const least = Uint32Array.from(found).sort().subarray(0, MAX_SHINGLES)
  const table = new Int32Array(1 << Math.ceil(Math.log2(least.length * 3)))
  for (const shingle of least) table[placeOf(table, shingle | 0)] = shingle
  return { size: least.length, most: least.at(-1)!, table }
}

/** Where a shingle stands in a table, or would. */
function placeOf(table: Int32Array, shingle: number): number {
  const mask = table.length - 1
  let at = shingle & mask
  while (table[at] !== 0 && table[at] !== shingle) at = (at + 1) & mask
  return at
}

/** Listens to one answer. */
export class Echo {
  readonly #sketch: Sketch
  readonly #words: Words
  readonly #shingles = new Shingles()
  /** Shingles that were heard, by their place in the table; there is none until there is one. */
  #heard: Uint8Array | null = null
  readonly #room: Uint32Array
  #count = 0
  #units = 0

  /** `room`: for the words of a step; nothing of them is left in it that is needed. */
  constructor(sketch: Sketch, key: number, room: Uint32Array) {
    this.#sketch = sketch
    this.#words = new Words(key)
    this.#room = room
  }

  /** The next piece of the answer, cut anywhere. */
  feed(piece: string): void {
    const length = Math.min(piece.length, MAX_PIECE_UNITS, MAX_ANSWER_UNITS - this.#units)
    for (let from = 0; from < length; from += STEP) {
      this.#hear(this.#words.read(piece, from, Math.min(length, from + STEP), this.#room))
    }
    this.#units += length
    if (length === piece.length) return
    // What is not read separates what is before it from what comes after.
    this.#hear(this.#words.end(this.#room, 0))
    this.#shingles.clear()
  }

  /** The share of the prompt that was repeated so far, 0 to 100, but for a word that is not over. */
  get share(): number {
    return Math.floor((100 * this.#count) / this.#sketch.size)
  }

  /** The same when the answer is over. */
  end(): number {
    this.#hear(this.#words.end(this.#room, 0))
    return this.share
  }

  #hear(words: number): void {
    if (words === 0) return
    const { table, most } = this.#sketch
    const room = this.#room
    const count = this.#shingles.read(room, words)
    for (let i = 0; i < count; i++) {
      const shingle = room[i]!
      if (shingle > most) continue
      const at = placeOf(table, shingle | 0)
      if (table[at] === 0) continue
      this.#heard ??= new Uint8Array(table.length)
      if (this.#heard[at] === 1) continue
      this.#heard[at] = 1
      this.#count++
    }
  }
}
