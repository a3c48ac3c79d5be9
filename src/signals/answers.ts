import { type Echo, Echoes } from './echo.ts'
import { OPENING_UNITS, Refusals } from './refusal.ts'

/** What an answer adds to the observation of its prompt. */
export interface Heard {
  readonly refused: boolean
  readonly systemEcho: number | null
}

/** Hears answers as they stream by, whatever their pieces; keeps the first words of one until it is over. */
export class Answers {
  readonly #refusals: Refusals
  readonly #echoes: Echoes

  /** `secret`: at least 4 bytes of this deployment's own. */
  constructor(secret: Uint8Array) {
    this.#refusals = new Refusals(secret)
    this.#echoes = new Echoes(secret)
  }

  /** `systemHash`: the system prompt's in the observation. */
  listen(system: string | null, systemHash: number): Answer {
    return new Answer(this.#refusals, system === null ? null : this.#echoes.listen(system, systemHash))
  }

  /** An answer that is there as a whole; null: its text is not known. */
  hear(text: string | null, finishReason: string | null, system: string | null, systemHash: number): Heard {
    if (text === null) return { refused: this.#refusals.isRefusal(null, finishReason), systemEcho: null }
    const answer = this.listen(system, systemHash)
    answer.feed(text)
    return answer.end(finishReason)
  }
}

export class Answer {
  readonly #refusals: Refusals
  readonly #echo: Echo | null
  #opening = ''

  constructor(refusals: Refusals, echo: Echo | null) {
    this.#refusals = refusals
    this.#echo = echo
  }

  /** The next piece of the answer's text, cut anywhere. */
  feed(piece: string): void {
    if (this.#opening.length < OPENING_UNITS) this.#opening += piece.slice(0, OPENING_UNITS - this.#opening.length)
    this.#echo?.feed(piece)
  }

  /** The share of the system prompt that was repeated so far, 0 to 100; null: it is too short to say. */
  get systemEcho(): number | null {
    return this.#echo?.share ?? null
  }

  end(finishReason: string | null): Heard {
    return {
      refused: this.#refusals.isRefusal(this.#opening, finishReason),
      systemEcho: this.#echo?.end() ?? null,
    }
  }
}
