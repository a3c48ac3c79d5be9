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
  /** Choices that the last event finished. */
  #justFinished: number[] = []
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
    this.#justFinished = []
    // As OpenAI's own library reads it, which asks for no more than this start.
    if (data.startsWith('[DONE]')) return 'done'
    let chunk: Chunk
    try {
      chunk = JSON.parse(data) as Chunk
    } catch {
      return 'unreadable'
    }
    if (typeof chunk !== 'object' || chunk === null) return 'unreadable'
    // Some servers write `"error": ""` where there is none, and client libraries go by its truth too.
    if (chunk.error) return 'error'
    const choices = Array.isArray(chunk.choices) ? (chunk.choices as readonly ChunkChoice[]) : []
    // Chunks without a choice are of other kinds: Azure's first one, for instance, has an empty id.
    if (choices.length > 0) this.#head ??= headOf(chunk, this.#call, this.#fallback)
    const usage = readUsage(chunk.usage)
    if (usage !== null) this.usage = usage
    const isUsage = typeof chunk.usage === 'object' && chunk.usage !== null
    // Not a chunk as we know it: all text in it counts, or another format would pass unmetered.
    let bytes = Array.isArray(chunk.choices) || isUsage ? 0 : generatedBytes(chunk)
    for (const choice of choices) bytes += this.#readChoice(choice)
    if (bytes > 0) {
      this.textBytes += bytes
      this.deltas++
    }
    return isUsage && choices.length === 0 && !this.#call.wantsUsage ? 'hide' : 'pass'
  }

  #readChoice(choice: ChunkChoice): number {
    if (typeof choice !== 'object' || choice === null) return 0
    const index = typeof choice.index === 'number' ? choice.index : 0
    // An upstream that invents choices must not grow this map.
    if (typeof choice.finish_reason === 'string' && this.#finish.size < 1024) {
      if (!this.#finish.has(index)) this.#justFinished.push(index)
      this.#finish.set(index, choice.finish_reason)
    }
    return generatedBytes(choice.delta) + generatedBytes(choice.text)
  }

  cut(usage: Usage): Uint8Array {
    const { id, created, model } = this.#head ?? headOf({}, this.#call, this.#fallback)
    const head = { id, object: 'chat.completion.chunk', created, model }
    let text = ''
    for (let index = 0; index < this.#call.choices; index++) {
      // The last event is the one that was withheld, so what it finished is still open for the client.
      if (this.#finish.has(index) && !this.#justFinished.includes(index)) continue
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
  const outputTokens = count(usage['completion_tokens'])
  // Half a report is none: a missing count is not zero, and total_tokens is not trusted to make one up.
  if (inputTokens === null || outputTokens === null) return null
  const details = (name: string, field: string): number => {
    const inner = usage[name]
    return typeof inner === 'object' && inner !== null ? (count((inner as Record<string, unknown>)[field]) ?? 0) : 0
  }
  return {
    inputTokens,
    outputTokens,
    cachedTokens: details('prompt_tokens_details', 'cached_tokens'),
    reasoningTokens: details('completion_tokens_details', 'reasoning_tokens'),
  }
}

const count = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null
