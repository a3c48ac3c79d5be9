/**
 * How fast real answers came of late, so that an answer of Weir's own comes as fast: a decoy that is told by its clock is
 * none. Bounded, and shared by all models: what differs between two of them is no secret of a decoy's.
 */
const KEPT = 64
/** An upstream that hung says nothing about the next one. */
const MAX_FIRST_MS = 15_000
const MAX_CHUNK_MS = 500

export interface Tempo {
  /** To the first byte of a stream, or to a whole answer. */
  readonly firstMs: number
  readonly perChunkMs: number
}

/** Before anything was heard: a middling model. */
const USUAL: Tempo = { firstMs: 600, perChunkMs: 20 }

export interface HeardAnswer {
  readonly stream: boolean
  readonly firstMs: number
  readonly lastMs: number
  readonly chunks: number
}

/** The last so many of them. */
class Ring {
  readonly #kept: Tempo[] = []
  #next = 0

  add(tempo: Tempo): void {
    this.#kept[this.#next++ % KEPT] = tempo
  }

  draw(random: (below: number) => number): Tempo {
    return this.#kept.length === 0 ? USUAL : this.#kept[random(this.#kept.length)]!
  }
}

export class Pace {
  readonly #streams = new Ring()
  readonly #wholes = new Ring()

  /** Takes note of an answer that a model gave. */
  hear({ stream, firstMs, lastMs, chunks }: HeardAnswer): void {
    const perChunkMs = Math.min(MAX_CHUNK_MS, Math.max(0, lastMs - firstMs) / Math.max(1, chunks))
    const tempo = { firstMs: Math.min(MAX_FIRST_MS, Math.max(0, firstMs)), perChunkMs }
    if (stream) this.#streams.add(tempo)
    else this.#wholes.add(tempo)
  }

  /** The tempo of one of them; `random` gives a whole number below its argument. */
  draw(stream: boolean, random: (below: number) => number): Tempo {
    return (stream ? this.#streams : this.#wholes).draw(random)
  }
}
