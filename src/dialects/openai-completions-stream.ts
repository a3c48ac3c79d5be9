import type { Call } from '../core/call.ts'
import type { AnswerIdentity, StreamReader } from './dialect.ts'
import { ChunkReader } from './openai-chat-stream.ts'
import { generatedBytes } from './prompt-text.ts'

/** A call whose answers may begin with their prompts. */
export interface CompletionCall extends Call {
  /** What each answer repeats, by its index; empty where the client did not ask for that. */
  readonly echoes: readonly string[]
}

const completion = { object: 'text_completion', idPrefix: 'cmpl-', nothing: { text: '' } }

/** Follows a streamed completion: `text_completion` chunks, closed by `[DONE]`. */
export function completionReader(call: Call, fallback: AnswerIdentity): StreamReader {
  return new ChunkReader(call, fallback, completion, new EchoedText(echoesOf(call)))
}

export const echoesOf = (call: Call): readonly string[] => ('echoes' in call ? (call as CompletionCall).echoes : [])

/**
 * Counts what was generated and not what was repeated, which the upstream has billed as input. Only what really is the
 * prompt's text is not counted: from the first other character on everything is, whatever the client asked for.
 */
class EchoedText {
  readonly #echoes: readonly string[]
  /** How much of its prompt each answer has repeated; at the prompt's length or beyond the echo is over. */
  readonly #at: number[]

  constructor(echoes: readonly string[]) {
    this.#echoes = echoes
    this.#at = echoes.map(() => 0)
  }

  count(index: number, text: unknown): number {
    const echo = this.#echoes[index]
    const at = this.#at[index]
    if (typeof text !== 'string' || echo === undefined || at === undefined || text === '') return generatedBytes(text)
    const repeats = Math.min(text.length, echo.length - at)
    if (repeats <= 0 || !echo.startsWith(text.slice(0, repeats), at)) {
      this.#at[index] = echo.length
      return generatedBytes(text)
    }
    this.#at[index] = at + repeats
    return generatedBytes(text.slice(repeats))
  }
}
