import type { Draft } from './core/draft.ts'
import type { Usage } from './core/usage.ts'
import { MarkFinder } from './decoys/marks.ts'
import { hearAnswer } from './dialects/answer-text.ts'
import type { ReadCall, StreamReader } from './dialects/dialect.ts'
import { emptied } from './dialects/emptied.ts'
import { markSystem } from './dialects/mark-system.ts'
import type { Answer } from './signals/answers.ts'
import type { Forwarding } from './answer.ts'

/**
 * GUARD of system prompts: listens to an answer as it passes for the prompt that it was made under, in the prompt's own
 * words or by a mark that was put into it. Works only where the configuration has a `prompt_canary`; no text is kept.
 */
export interface Guard {
  /** The request as it goes on: with the mark, where there is one. */
  readonly read: ReadCall
  /** The answer gives the prompt away, and is to end here. */
  readonly cuts: boolean
  /** Follows a stream. */
  over(reader: StreamReader): StreamReader
  /** A whole answer as the client gets it. */
  whole(body: Buffer): Buffer
  /** Writes down what was heard. */
  end(draft: Draft, finishReason: string | null): void
}

/** How much likelier a thief's answer holds the prompt than an honest one: a guess, and a low one, until it is measured. */
const MARK_WEIGHT = 20
const ECHO_WEIGHT = 5

/** Answers that are listened to apart; those beyond are asked for at once by nobody who reads them. */
const MAX_EARS = 128

/** A longer whole answer is not read a second time. */
const MAX_WHOLE_BYTES = 4 * 1024 * 1024

interface Ear {
  readonly echo: Answer
  readonly mark: MarkFinder | null
}

export function startGuard({ policy, path, read, endpoint, dialect, who }: Forwarding): Guard | null {
  const canary = policy.promptCanary
  const system = read.turn?.system ?? null
  if (canary === null || system === null || !endpoint.generates) return null
  const mark = canary.mark.includes(dialect.name) ? path.decoys.marks.of(who.account) : null
  const marked = mark === null ? read : markSystem(read, `\n\n[ref:${mark}]`)
  const ears = new Map<number, Ear>()
  const earOf = (choice: number): Ear | null => {
    let ear = ears.get(choice)
    if (ear !== undefined || ears.size >= MAX_EARS) return ear ?? null
    ear = { echo: path.extractor.listen(system), mark: marked === read ? null : new MarkFinder(mark!) }
    ears.set(choice, ear)
    return ear
  }
  let most: number | null = null
  let isMarked = false
  const hear = (value: unknown): void =>
    hearAnswer(value, (choice, piece) => {
      const ear = earOf(choice)
      ear?.echo.feed(piece)
      ear?.mark?.feed(piece)
      most = greater(most, ear?.echo.systemEcho ?? null)
      isMarked ||= ear?.mark?.isFound === true
    })
  const isGivenAway = (): boolean => isMarked || (most !== null && most >= canary.minEcho)
  const cuts = (): boolean => canary.onTouch === 'cut' && isGivenAway()
  return {
    read: marked,
    get cuts() {
      return cuts()
    },
    over: (reader) => new Overheard(reader, hear),
    whole(body) {
      if (body.length > MAX_WHOLE_BYTES) return body
      hear(valueOf(body))
      return cuts() ? (emptied(body) ?? body) : body
    },
    end(draft, finishReason) {
      const heard = Array.from(ears.values(), ({ echo }) => echo.end(finishReason))
      for (const { systemEcho } of heard) most = greater(most, systemEcho)
      const { observation } = draft
      if (observation !== null && heard.length > 0) {
        draft.observation = { ...observation, systemEcho: most, refused: heard.some(({ refused }) => refused) }
      }
      if (!isGivenAway()) return
      const seen = isMarked ? { name: 'mark', weight: MARK_WEIGHT } : { name: 'echo', weight: ECHO_WEIGHT }
      draft.decoys = [...draft.decoys, { kind: 'prompt', ...seen, owner: null }]
    },
  }
}

const greater = (a: number | null, b: number | null): number | null => (a === null || (b ?? -1) > a ? b : a)

/** undefined: no JSON; what reads the answer says what becomes of it. */
function valueOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** A stream's reader with somebody who listens to what it passes. */
class Overheard implements StreamReader {
  readonly #reader: StreamReader
  readonly #hear: (event: unknown) => void

  constructor(reader: StreamReader, hear: (event: unknown) => void) {
    this.#reader = reader
    this.#hear = hear
  }

  get textBytes(): number {
    return this.#reader.textBytes
  }

  get deltas(): number {
    return this.#reader.deltas
  }

  get usage(): Usage | null {
    return this.#reader.usage
  }

  get finishReasons(): readonly string[] {
    return this.#reader.finishReasons
  }

  get finished(): boolean {
    return this.#reader.finished
  }

  get mayEnd(): boolean {
    return this.#reader.mayEnd === true
  }

  get parsed(): unknown {
    return this.#reader.parsed
  }

  read(data: string): ReturnType<StreamReader['read']> {
    const { deltas } = this.#reader
    const verdict = this.#reader.read(data)
    if (this.#reader.deltas > deltas) this.#hear(this.#reader.parsed)
    return verdict
  }

  cut(usage: Usage): Uint8Array {
    return this.#reader.cut(usage)
  }
}
