import { join, mix } from '../sketch/hash.ts'
import { kind, type Scan } from './scan.ts'

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
const GRAM = 4
const SLOTS = 8

/** Writes the keys of a scanned text; 0 where a text has not enough of what the key is made of. */
export class KeyMaker {
  readonly keys: Uint32Array = new Uint32Array(KEYS)
  readonly #slots = new Uint32Array(SLOTS)

  make(scan: Scan): Uint32Array {
    const { keys } = this
    const { count, skeleton, lexical } = scan
    keys.fill(NONE)
    // A character of a script without spaces is about half a word.
    const words = count - Math.min(count, scan.wide) / 2
    if (words >= 8) {
      if (told(scan, 0, 6) >= 2) keys[0] = run(skeleton, 0, 6, join(1, lexical[0]!))
      keys[2] = run(lexical, 0, 4, 3)
      keys[3] = run(lexical, count - 5, count, 4)
    }
    if (words >= 16) {
      if (told(scan, 0, 12) >= 4) keys[1] = run(skeleton, 0, 12, 2)
      if (told(scan, count - 12, count) >= 4) keys[4] = run(skeleton, count - 12, count, 5)
      keys[5] = layout(scan)
      this.#bands(scan)
    }
    return keys
  }

  /** One-permutation MinHash over masked 4-grams: slot by the hash's upper bits, band by two neighbouring slots. */
  #bands(scan: Scan): void {
    const { count, skeleton } = scan
    const slots = this.#slots
    slots.fill(0xffffffff)
    let distinct = 0
    for (let i = 0; i + GRAM <= count; i++) {
      if (told(scan, i, i + GRAM) === 0) continue
      const h = mix(run(skeleton, i, i + GRAM, 7))
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
      if (a !== 0xffffffff && b !== 0xffffffff) this.keys[6 + band] = join(join(11 + band, a), b) || 1
    }
  }
}

function run(tokens: Uint32Array, from: number, to: number, seed: number): number {
  let h = seed
  for (let i = from; i < to; i++) h = join(h, tokens[i]!)
  return h || 1
}

/** Tokens of a stretch that are more than "some word": a row of masked words is everybody's. */
function told({ kinds }: Scan, from: number, to: number): number {
  let found = 0
  for (let i = from; i < to; i++) if (kinds[i] !== kind.masked) found++
  return found
}

/** What each line begins with: the labels of a form that is filled in again and again. */
function layout({ count, lexical, kinds }: Scan): number {
  let h = 6
  let lines = 0
  let labels = 0
  for (let i = 0; i < count - 1; i++) {
    if (i > 0 && kinds[i - 1] !== kind.line) continue
    if (kinds[i] === kind.line) continue
    lines++
    h = join(h, lexical[i]!)
    if (kinds[i + 1] === kind.mark) labels++
    if (lines === 6) break
  }
  return lines >= 3 || (lines === 2 && labels > 0) ? h || 1 : NONE
}
