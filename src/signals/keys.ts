import { join32, joinPart, joinTo, mix32 } from '../sketch/hash32.ts'
import { kind, MAX_TOKENS, type Scan } from './scan.ts'

/**
 * Keys of a prompt's shape. Two prompts made from one template share several of them whatever is filled in; two people
 * hardly ever do in anything longer than a greeting.
 */
export const keyNames = [
  'opening',
  'opening_long',
  'first_words',
  'closing',
  'closing_long',
  'layout',
  'band_0',
  'band_1',
  'band_2',
  'band_3',
] as const
export const KEYS: number = keyNames.length

const NONE = 0
const { line: LINE, mark: MARK, masked: MASKED } = kind
const GRAM = 4
const SLOTS = 8
/** No gram has this hash: they have 29 bits. */
const EMPTY = 0x7fffffff

// Imported names are looked up at each use; see `scan.ts`.
const joined = join32
const part = joinPart
const to = joinTo
const mixed = mix32

/** Writes the keys of a scanned text; 0 where a text has not enough of what the key is made of. */
export class KeyMaker {
  readonly #slots = new Int32Array(SLOTS)
  readonly #parts = new Int32Array(MAX_TOKENS)

  write(scan: Scan, keys: Uint32Array): void {
    const { count, skeleton, lexical } = scan
    keys.fill(NONE)
    // A character of a script without spaces is about half a word.
    const words = count - Math.min(count, scan.wide) / 2
    if (words >= 8) {
      if (told(scan, 0, 6) >= 2) keys[0] = run(skeleton, 0, 6, joined(1, lexical[0]!))
      keys[2] = run(lexical, 0, 4, 3)
      keys[3] = run(lexical, count - 5, count, 4)
    }
    if (words >= 16) {
      if (told(scan, 0, 12) >= 4) keys[1] = run(skeleton, 0, 12, 2)
      if (told(scan, count - 12, count) >= 4) keys[4] = run(skeleton, count - 12, count, 5)
      keys[5] = layout(scan)
      this.#bands(scan, keys)
    }
  }

  /** One-permutation MinHash over masked 4-grams: slot by the hash's upper bits, band by two neighbouring slots. */
  #bands({ count, skeleton, kinds }: Scan, keys: Uint32Array): void {
    const slots = this.#slots
    const parts = this.#parts
    slots.fill(EMPTY)
    // Each token stands in four grams.
    for (let i = 0; i < count; i++) parts[i] = part(skeleton[i]!)
    let distinct = 0
    let masked = 0
    for (let i = 0; i < GRAM - 1 && i < count; i++) masked = kinds[i] === MASKED ? masked + 1 : 0
    for (let i = 0; i + GRAM <= count; i++) {
      masked = kinds[i + GRAM - 1] === MASKED ? masked + 1 : 0
      if (masked >= GRAM) continue
      const half = to(to(7, parts[i]!), parts[i + 1]!)
      const h = mixed(to(to(half, parts[i + 2]!), parts[i + 3]!) || 1)
      const slot = h >>> 29
      const rest = h & 0x1fffffff
      if (rest < slots[slot]!) {
        slots[slot] = rest
        distinct++
      }
    }
    if (distinct < SLOTS) return
    for (let band = 0; band < 4; band++) {
      const a = slots[band * 2]!
      const b = slots[band * 2 + 1]!
      if (a !== EMPTY && b !== EMPTY) keys[6 + band] = joined(joined(11 + band, a), b) || 1
    }
  }
}

function run(tokens: Uint32Array, from: number, to: number, seed: number): number {
  let h = seed
  for (let i = from; i < to; i++) h = joined(h, tokens[i]!)
  return h || 1
}

/**
 * Tokens of a stretch that are more than "some word": a row of masked words is everybody's, with a comma in it as well. In a
 * language of long words nearly all are masked, and its people would share their openings.
 */
function told({ kinds }: Scan, from: number, to: number): number {
  let found = 0
  for (let i = from; i < to; i++) if (kinds[i] !== MASKED && kinds[i] !== MARK) found++
  return found
}

/** What each line begins with: the labels of a form that is filled in again and again. */
function layout({ count, lexical, kinds }: Scan): number {
  let h = 6
  let lines = 0
  let labels = 0
  for (let i = 0; i < count - 1; i = kinds.indexOf(LINE, i) + 1 || count) {
    if (kinds[i] === LINE) continue
    lines++
    h = joined(h, lexical[i]!)
    if (kinds[i + 1] === MARK) labels++
    if (lines === 6) break
  }
  return lines >= 3 || (lines === 2 && labels > 0) ? h || 1 : NONE
}
