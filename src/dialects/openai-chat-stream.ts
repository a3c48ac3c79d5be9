import type { Call } from '../core/call.ts'
import type { Usage } from '../core/usage.ts'
import type { AnswerIdentity, StreamReader } from './dialect.ts'
import { generatedBytes } from './prompt-text.ts'

interface Chunk {
  readonly id?: unknown
  readonly created?: unknown
  readonly model?: unknown
  readonly error?: unknown
  readonly usage?: unknown
  readonly choices?: unknown
}

interface ChunkChoice {
  readonly index?: unknown
  readonly delta?: unknown
  readonly text?: unknown
  readonly finish_reason?: unknown
}

/** Follows a streamed chat completion: `chat.completion.chunk` events, closed by `[DONE]`. */
export function chatReader(call: Call, fallback: AnswerIdentity): StreamReader {
  return new ChatReader(call, fallback)
}

class ChatReader implements StreamReader {
  textBytes = 0
  deltas = 0
  usage: Usage | null = null
  readonly #call: Call
  readonly #finish = new Map<number, string>()
  #head: { id: string; created: number; model: string } | null = null
  readonly #fallback: AnswerIdentity

  constructor(call: Call, fallback: AnswerIdentity) {
    this.#call = call
    this.#fallback = fallback
  }

  get finishReasons(): readonly string[] {
    return [...this.#finish.values()]
  }

  get finished(): boolean {
    return this.#finish.size >= this.#call.choices
  }

  read(data: string): 'pass' | 'hide' | 'done' | 'error' | 'unreadable' {
    if (data === '[DONE]') return 'done'
    let chunk: Chunk
    try {
      chunk = JSON.parse(data) as Chunk
    } catch {
      return 'unreadable'
    }
    if (typeof chunk !== 'object' || chunk === null) return 'unreadable'
    if (chunk.error !== undefined && chunk.error !== null) return 'error'
    this.#head ??= headOf(chunk, this.#call, this.#fallback)
    const usage = readUsage(chunk.usage)
    if (usage !== null) this.usage = usage
    const choices = Array.isArray(chunk.choices) ? (chunk.choices as readonly ChunkChoice[]) : []
    let bytes = 0
    for (const choice of choices) bytes += this.#readChoice(choice)
    if (bytes > 0) {
      this.textBytes += bytes
      this.deltas++
    }
    return usage !== null && choices.length === 0 && !this.#call.wantsUsage ? 'hide' : 'pass'
  }

  #readChoice(choice: ChunkChoice): number {
    if (typeof choice !== 'object' || choice === null) return 0
    const index = typeof choice.index === 'number' ? choice.index : 0
    // An upstream that invents choices must not grow this map.
    if (typeof choice.finish_reason === 'string' && this.#finish.size < 1024)
      this.#finish.set(index, choice.finish_reason)
    return generatedBytes(choice.delta) + generatedBytes(choice.text)
  }

  cut(usage: Usage): Uint8Array {
    const { id, created, model } = this.#head ?? headOf({}, this.#call, this.#fallback)
    const head = { id, object: 'chat.completion.chunk', created, model }
    let text = ''
    for (let index = 0; index < this.#call.choices; index++) {
      if (this.#finish.has(index)) continue
      const choice = { index, delta: {}, logprobs: null, finish_reason: 'length' }
      text += `data: ${JSON.stringify({ ...head, choices: [choice] })}\n\n`
    }
    if (this.#call.wantsUsage) {
      text += `data: ${JSON.stringify({ ...head, choices: [], usage: wireUsage(usage) })}\n\n`
    }
    return Buffer.from(`${text}data: [DONE]\n\n`)
  }
}

const headOf = (
  chunk: Chunk,
  call: Call,
  fallback: AnswerIdentity,
): { id: string; created: number; model: string } => ({
  id: typeof chunk.id === 'string' ? chunk.id : fallback.id,
  created: typeof chunk.created === 'number' ? chunk.created : fallback.createdS,
  model: typeof chunk.model === 'string' ? chunk.model : call.model,
})

const wireUsage = (usage: Usage): object => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
})

/** OpenAI's `usage` object; null when there is none or it makes no sense. Zero is a count like any other. */
export function readUsage(value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null
  const usage = value as Readonly<Record<string, unknown>>
  const inputTokens = count(usage['prompt_tokens'])
  if (inputTokens === null) return null
  const details = (name: string, field: string): number => {
    const inner = usage[name]
    return typeof inner === 'object' && inner !== null ? (count((inner as Record<string, unknown>)[field]) ?? 0) : 0
  }
  return {
    inputTokens,
    // Embedding-like answers have no completion; total_tokens is not trusted to make one up.
    outputTokens: count(usage['completion_tokens']) ?? 0,
    cachedTokens: details('prompt_tokens_details', 'cached_tokens'),
    reasoningTokens: details('completion_tokens_details', 'reasoning_tokens'),
  }
}

const count = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null
