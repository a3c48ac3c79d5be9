import { HashSet } from './hash-set.ts'

/** Finds phrases among tokens by the hashes of their words; compares no text. */
export class PhraseTable {
  readonly #first: HashSet
  readonly #byFirst = new Map<number, (readonly number[])[]>()

  constructor(phrases: readonly (readonly number[])[]) {
    for (const words of phrases) {
      const first = words[0]! >>> 0
      this.#byFirst.set(first, [...(this.#byFirst.get(first) ?? []), words])
    }
    this.#first = new HashSet([...this.#byFirst.keys()])
  }

  /** Whether one of them stands in the first `count` tokens; what is behind them is not looked at. */
  isIn(tokens: Uint32Array, count: number): boolean {
    const first = this.#first
    for (let i = first.indexIn(tokens, 0, count); i >= 0; i = first.indexIn(tokens, i + 1, count)) {
      const starting = this.#byFirst.get(tokens[i]!)!
      for (let p = 0; p < starting.length; p++) if (standsAt(starting[p]!, tokens, i, count)) return true
    }
    return false
  }
}

function standsAt(words: readonly number[], tokens: Uint32Array, at: number, count: number): boolean {
  if (at + words.length > count) return false
  for (let k = 1; k < words.length; k++) if (tokens[at + k] !== words[k]! >>> 0) return false
  return true
}
