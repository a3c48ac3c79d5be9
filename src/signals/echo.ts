import { LRUCache } from 'lru-cache'
import { mix32 } from '../sketch/hash32.ts'
import { keyOf, Words } from './words.ts'

/**
 * How much of its system prompt an answer gives away: the share of the prompt's shingles (six words in a row) that stand in
 * the answer, as keyed hashes. The prompt is sketched once, the answer is read as it streams. A translation, or a prompt
 * that is spelt out letter by letter, is not seen.
 */
const SHINGLE = 6
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

/** Words in, hashes of every six in a row out. */
class Shingles {
  readonly #last = new Int32Array(SHINGLE)
  #count = 0
  #hash = 0

  /** The shingle that ends with this word; 0: there is none yet. */
  next(word: number): number {
    const at = this.#count++ % SHINGLE
    this.#hash = (Math.imul((this.#hash - Math.imul(this.#last[at]!, OLDEST)) | 0, BASE) + word) | 0
    this.#last[at] = word
    return this.#count < SHINGLE ? 0 : mix32(this.#hash) || 1
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

  /** `secret`: at least 4 bytes of this deployment's own. */
  constructor(secret: Uint8Array) {
    this.#key = keyOf(secret)
  }

  /** For one answer; `hash` is the prompt's in its observation. null: the prompt is too short to say. */
  listen(system: string, hash: number): Echo | null {
    let known = this.#sketches.get(hash)
    if (known === undefined) {
      known = { sketch: sketchOf(system, this.#key) }
      this.#sketches.set(hash, known)
    }
    return known.sketch === null ? null : new Echo(known.sketch, this.#key)
  }
}

function sketchOf(system: string, key: number): Sketch | null {
  const words = new Words(key)
  const shingles = new Shingles()
  const found = new Set<number>()
  const keep = (word: number): void => {
    const shingle = shingles.next(word)
    if (shingle !== 0) found.add(shingle >>> 0)
  }
  words.feed(system, MAX_PROMPT_UNITS, keep)
  words.end(keep)
  if (found.size < MIN_SHINGLES) return null
  const least = Uint32Array.from(found).sort().subarray(0, MAX_SHINGLES)
  const table = new Int32Array(1 << Math.ceil(Math.log2(least.length * 3)))
  for (const shingle of least) {
    let at = shingle & (table.length - 1)
    while (table[at] !== 0) at = (at + 1) & (table.length - 1)
    table[at] = shingle
  }
  return { size: least.length, most: least.at(-1)!, table }
}

/** Listens to one answer. */
export class Echo {
  readonly #sketch: Sketch
  readonly #words: Words
  readonly #shingles = new Shingles()
  readonly #found: Uint8Array
  #count = 0
  #units = 0

  constructor(sketch: Sketch, key: number) {
    this.#sketch = sketch
    this.#words = new Words(key)
    this.#found = new Uint8Array(sketch.table.length)
  }

  /** The next piece of the answer, cut anywhere. */
  feed(piece: string): void {
    const most = Math.min(MAX_PIECE_UNITS, MAX_ANSWER_UNITS - this.#units)
    if (most <= 0) return
    this.#units += Math.min(most, piece.length)
    this.#words.feed(piece, most, this.#hear)
    // What was not read separates what is before it from what comes after.
    if (piece.length > most) this.#shingles.clear()
  }

  /** The share of the prompt that was repeated, 0 to 100, when the answer is over. */
  end(): number {
    this.#words.end(this.#hear)
    return Math.floor((100 * this.#count) / this.#sketch.size)
  }

  readonly #hear = (word: number): void => {
    const shingle = this.#shingles.next(word)
    const { table, most } = this.#sketch
    if (shingle === 0 || shingle >>> 0 > most) return
    let at = shingle & (table.length - 1)
    while (table[at] !== 0 && table[at] !== shingle) at = (at + 1) & (table.length - 1)
    if (table[at] !== shingle || this.#found[at] === 1) return
    this.#found[at] = 1
    this.#count++
  }
}
