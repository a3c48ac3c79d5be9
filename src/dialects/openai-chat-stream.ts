import type { Call } from '../core/call.ts'
import type { Usage } from '../core/usage.ts'
import type { AnswerIdentity, StreamReader } from './dialect.ts'
import { LikeChunks } from './like-chunks.ts'
import { readUsage, wireUsage } from './openai-usage.ts'
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
  readonly message?: unknown
  readonly finish_reason?: unknown
}

interface Head {
  readonly id: string
  readonly created: number
  readonly model: string
}

/** What an upstream finishes beyond the choices that were asked for is remembered up to here. */
const MAX_STRAY_CHOICES = 1024

const FIRST_DELTAS = 2

/** The text of a chunk of one choice that goes on and holds nothing that has to be looked at but its text. */
function plainDelta(chunk: unknown): unknown {
  const [choice] = (chunk as { readonly choices: readonly ChunkChoice[] }).choices
  if (typeof choice !== 'object' || choice === null || typeof choice.finish_reason === 'string') return null
  const { delta, text } = choice
  if (typeof delta !== 'object' || delta === null || text !== undefined) return null
  return (delta as { readonly content?: unknown }).content
}

/** How the chunks of an endpoint differ. */
interface ChunkKind {
  readonly object: string
  readonly idPrefix: string
  /** What a chunk's choice holds beside its index and its end, when nothing more comes. */
  readonly nothing: object
}

const chat: ChunkKind = { object: 'chat.completion.chunk', idPrefix: 'chatcmpl-', nothing: { delta: {} } }

/** Follows a streamed chat completion: `chat.completion.chunk` events, closed by `[DONE]`. */
export function chatReader(call: Call, fallback: AnswerIdentity): StreamReader {
  return new ChunkReader(call, fallback, chat)
}

/** What reads the legacy `text` of a choice: bytes of it that were generated. */
interface TextCounter {
  count(index: number, text: unknown): number
}

const allText: TextCounter = { count: (_index, text) => generatedBytes(text) }

/** Follows chunks with choices, of chat completions and of the completions before them. */
export class ChunkReader implements StreamReader {
  textBytes = 0
  deltas = 0
  usage: Usage | null = null
  /** The event that was read last, or its text until somebody asks for it. */
  #parsed: unknown
  #unparsed: string | null = null
  readonly #like = new LikeChunks()
  /** Bytes of text of chunks that are like the model, beside the text in which they differ. */
  #likeBytes = 0
  readonly #call: Call
  readonly #finish = new Map<number, string>()
  /** Choices that the last event finished. */
  #justFinished: number[] = []
  #head: Head | null = null
  readonly #fallback: AnswerIdentity
  readonly #kind: ChunkKind
  readonly #text: TextCounter

  constructor(call: Call, fallback: AnswerIdentity, kind: ChunkKind, text: TextCounter = allText) {
    this.#call = call
    this.#fallback = fallback
    this.#kind = kind
    this.#text = text
  }

  get finishReasons(): readonly string[] {
    return [...this.#finish.values()]
  }

  get finished(): boolean {
    return this.#finish.size >= this.#call.choices
  }

  get parsed(): unknown {
    if (this.#unparsed !== null) this.#parsed = JSON.parse(this.#unparsed)
    this.#unparsed = null
    return this.#parsed
  }

  read(data: string): 'pass' | 'hide' | 'done' | 'error' | 'unreadable' {
    if (this.#justFinished.length > 0) this.#justFinished = []
    this.#parsed = undefined
    this.#unparsed = null
    const text = this.#like.textOf(data)
    if (text !== null) {
      this.#unparsed = data
      this.#add(this.#likeBytes + Buffer.byteLength(text))
      return 'pass'
    }
    // As OpenAI's own library reads it, which asks for no more than this start.
    if (data.startsWith('[DONE]')) return 'done'
    let chunk: Chunk
    try {
      chunk = JSON.parse(data) as Chunk
    } catch {
      return 'unreadable'
    }
    this.#parsed = chunk
    if (typeof chunk !== 'object' || chunk === null) return 'unreadable'
    // Some servers write `"error": ""` where there is none, and client libraries go by its truth too.
    if (chunk.error) return 'error'
    const choices = Array.isArray(chunk.choices) ? (chunk.choices as readonly ChunkChoice[]) : []
    // Chunks without a choice are of other kinds: Azure's first one, for instance, has an empty id.
    if (choices.length > 0) this.#head ??= this.#headOf(chunk)
    const usage = readUsage(chunk.usage)
    if (usage !== null) this.usage = usage
    const isUsage = typeof chunk.usage === 'object' && chunk.usage !== null
    // Not a chunk as we know it: all text in it counts, or another format would pass unmetered.
    let bytes = Array.isArray(chunk.choices) || isUsage ? 0 : generatedBytes(chunk)
    for (const choice of choices) bytes += this.#readChoice(choice)
    this.#add(bytes)
    // The first ones are often of another kind than all that follow.
    if (this.deltas > FIRST_DELTAS && this.#text === allText && !isUsage && choices.length === 1) {
      const content = plainDelta(chunk)
      if (typeof content === 'string') {
        this.#like.take(data, plainDelta)
        this.#likeBytes = bytes - Buffer.byteLength(content)
      }
    }
    return isUsage && choices.length === 0 && !this.#call.wantsUsage ? 'hide' : 'pass'
  }

  #add(bytes: number): void {
    if (bytes === 0) return
    this.textBytes += bytes
    this.deltas++
  }

  #readChoice(choice: ChunkChoice): number {
    if (typeof choice !== 'object' || choice === null) return 0
    const index = typeof choice.index === 'number' ? choice.index : 0
    // An upstream that invents choices must not grow this map.
    if (
      typeof choice.finish_reason === 'string' &&
      this.#finish.size < Math.max(MAX_STRAY_CHOICES, this.#call.choices)
    ) {
      if (!this.#finish.has(index)) this.#justFinished.push(index)
      this.#finish.set(index, choice.finish_reason)
    }
    const { delta, text, message } = choice
    // Beside deltas some servers repeat the whole message so far; one that stands alone is new.
    if (delta === undefined && text === undefined) return generatedBytes(message)
    return generatedBytes(delta) + this.#text.count(index, text)
  }

  cut(usage: Usage): Uint8Array {
    const { id, created, model } = this.#head ?? this.#headOf({})
    const { object, nothing } = this.#kind
    const head = { id, object, created, model }
    let text = ''
    for (let index = 0; index < this.#call.choices; index++) {
      // The last event is the one that was withheld, so what it finished is still open for the client.
      if (this.#finish.has(index) && !this.#justFinished.includes(index)) continue
      const choice = { index, ...nothing, logprobs: null, finish_reason: 'length' }
      text += `data: ${JSON.stringify({ ...head, choices: [choice] })}\n\n`
    }
    if (this.#call.wantsUsage) {
      text += `data: ${JSON.stringify({ ...head, choices: [], usage: wireUsage(usage) })}\n\n`
    }
    return Buffer.from(`${text}data: [DONE]\n\n`)
  }

  #headOf(chunk: Chunk): Head {
    return {
      id: typeof chunk.id === 'string' ? chunk.id : `${this.#kind.idPrefix}${this.#fallback.id}`,
      created: typeof chunk.created === 'number' ? chunk.created : this.#fallback.createdS,
      model: typeof chunk.model === 'string' ? chunk.model : this.#call.model,
    }
  }
}
