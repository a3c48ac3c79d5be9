export interface Example {
  readonly text: string
  readonly account: string
}

/** What is known of the texts under one key. */
export interface KeyExamples {
  /** Exchanges since the key was first kept, so the last part of a longer story. */
  readonly exchanges: number
  readonly examples: readonly Example[]
}

interface Kept {
  exchanges: number
  /** Since the sweep last passed. */
  isRecent: boolean
  stride: number
  readonly examples: Example[]
}

const MAX_CHARS = 300
const MAX_EXAMPLES = 8
const MAX_KEYS = 4096
const COUNTERS = 1 << 20
/** Counters are halved after so many increments, so that keys of one exchange each never add up to a common one. */
const AGEING = COUNTERS / 2
const FREQUENT = 3

/**
 * Examples of texts by the keys that campaigns are made of. Which keys those will be is known at the end only, so some
 * are kept of every key that comes again: most keys come once and cost a counter's increment. When there are too many,
 * one that was not met lately makes room. No chance is involved: the same log keeps the same examples.
 */
export class Examples {
  readonly #maxKeys: number
  readonly #kept = new Map<number, Kept>()
  readonly #ring: number[] = []
  #hand = 0
  readonly #counters = new Uint8Array(COUNTERS)
  #increments = 0

  constructor(maxKeys: number = MAX_KEYS) {
    this.#maxKeys = maxKeys
  }

  add(keys: readonly number[], text: string, account: string): void {
    let example: Example | null = null
    for (const key of keys) {
      const kept = this.#kept.get(key) ?? this.#admit(key)
      if (kept === null) continue
      kept.exchanges++
      kept.isRecent = true
      if (kept.examples.length >= MAX_EXAMPLES && kept.exchanges % kept.stride !== 0) continue
      example ??= { text: copied(text), account }
      keep(kept, example)
    }
  }

  of(key: number): KeyExamples | null {
    return this.#kept.get(key) ?? null
  }

  #admit(key: number): Kept | null {
    const slot = key & (COUNTERS - 1)
    const seen = this.#counters[slot]!
    if (seen < FREQUENT) {
      this.#counters[slot] = seen + 1
      if (++this.#increments >= AGEING) this.#age()
      return null
    }
    const kept: Kept = { exchanges: 0, isRecent: true, stride: 3, examples: [] }
    if (this.#ring.length < this.#maxKeys) this.#ring.push(key)
    else this.#ring[this.#makeRoom()] = key
    this.#kept.set(key, kept)
    return kept
  }

  #age(): void {
    for (let i = 0; i < COUNTERS; i++) this.#counters[i] = this.#counters[i]! >> 1
    this.#increments = 0
  }

  /** The hand goes around: what was met since it last passed gets a second chance, the first that was not is let go. */
  #makeRoom(): number {
    for (;;) {
      const at = this.#hand
      this.#hand = (at + 1) % this.#ring.length
      const key = this.#ring[at]!
      const kept = this.#kept.get(key)!
      if (!kept.isRecent) {
        this.#kept.delete(key)
        return at
      }
      kept.isRecent = false
    }
  }
}

/**
 * One of an account, spread over the whole log: every third exchange, then every seventh, and so on. Odd strides, because
 * accounts that share work in turns would be met in step.
 */
function keep(kept: Kept, example: Example): void {
  if (kept.examples.some(({ account }) => account === example.account)) return
  if (kept.examples.length < MAX_EXAMPLES) {
    kept.examples.push(example)
    return
  }
  const turn = kept.exchanges / kept.stride
  kept.examples[turn % MAX_EXAMPLES] = example
  if (turn >= 2 * MAX_EXAMPLES) kept.stride = 2 * kept.stride + 1
}

/** A part of a string keeps the whole of it in memory; this does not. */
const copied = (text: string): string => Buffer.from(text.slice(0, MAX_CHARS)).toString()
