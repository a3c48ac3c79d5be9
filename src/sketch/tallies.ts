import { mix } from './hash.ts'

/** Two counts for each of many keys, which are numbers but 0: an open table of twelve bytes a place. */
export interface TalliesState {
  readonly size: number
  readonly words: Uint32Array
}

const EACH = 3
const FIRST_PLACES = 64

export class Tallies {
  readonly #most: number
  #words = new Uint32Array(FIRST_PLACES * EACH)
  #mask = FIRST_PLACES - 1
  size = 0

  /** Keys beyond so many are not counted. */
  constructor(most: number) {
    this.#most = most
  }

  /** Where a key's counts are, until the next one is added; -1: it has none. */
  find(key: number): number {
    const at = this.#placeOf(key)
    return this.#words[at] === 0 ? -1 : at
  }

  firstAt(place: number): number {
    return this.#words[place + 1]!
  }

  secondAt(place: number): number {
    return this.#words[place + 2]!
  }

  addFirst(key: number): void {
    let at = this.#placeOf(key)
    if (this.#words[at] === 0) {
      if (this.size >= this.#most) return
      // At three quarters full a search looks at some two places.
      if (++this.size * 4 > (this.#mask + 1) * 3) {
        this.#double()
        at = this.#placeOf(key)
      }
      this.#words[at] = key
    }
    this.#words[at + 1]!++
  }

  /** Of a key that has a first count. */
  addSecond(key: number): void {
    const at = this.find(key)
    if (at >= 0) this.#words[at + 2]!++
  }

  save(): TalliesState {
    return { size: this.size, words: this.#words }
  }

  load({ size, words }: TalliesState): void {
    this.size = size
    this.#words = words.slice()
    this.#mask = words.length / EACH - 1
  }

  /** Of a key, or the free one that it would take. */
  #placeOf(key: number): number {
    const words = this.#words
    let place = mix(key) & this.#mask
    while (words[place * EACH] !== 0 && words[place * EACH] !== key) place = (place + 1) & this.#mask
    return place * EACH
  }

  #double(): void {
    const old = this.#words
    this.#words = new Uint32Array(old.length * 2)
    this.#mask = this.#words.length / EACH - 1
    for (let at = 0; at < old.length; at += EACH) {
      if (old[at] !== 0) this.#words.set(old.subarray(at, at + EACH), this.#placeOf(old[at]!))
    }
  }
}
