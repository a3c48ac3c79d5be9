import type { Call } from '../core/call.ts'
import type { Usage } from '../core/usage.ts'
import { isObject } from './body.ts'
import type { AnswerIdentity, Body, StreamReader } from './dialect.ts'
import { contentBytes } from './gemini-parts.ts'
import { readUsage, searchesOf, wireUsage } from './gemini-usage.ts'
import { generatedBytes } from './prompt-text.ts'

/** Follows a streamed answer of Gemini's: each event is a whole answer with the next bit of text; nothing closes it. */
export function generateReader(call: Call, fallback: AnswerIdentity): StreamReader {
  return new GenerateReader(call, fallback)
}

/** An upstream that invents candidates must not grow what is kept of them. */
const MAX_CANDIDATES = 1024

class GenerateReader implements StreamReader {
  textBytes = 0
  deltas = 0
  usage: Usage | null = null
  parsed: unknown
  readonly #call: Call
  readonly #fallback: AnswerIdentity
  readonly #finish = new Map<number, string>()
  /** Candidates that the last event finished: for the client of a cut stream, which is not given it, they are open. */
  #justFinished: number[] = []
  /** Candidates that have begun and not ended. */
  readonly #unfinished = new Set<number>()
  #blocked: string | null = null
  #justBlocked = false
  #searches = 0
  #responseId: string | null = null
  #modelVersion: string | null = null

  constructor(call: Call, fallback: AnswerIdentity) {
    this.#call = call
    this.#fallback = fallback
  }

  get finishReasons(): readonly string[] {
    return this.#blocked === null ? [...this.#finish.values()] : [...this.#finish.values(), this.#blocked]
  }

  get finished(): boolean {
    return this.#blocked !== null || this.#finish.size >= this.#call.choices
  }

  get mayEnd(): boolean {
    return this.#finish.size > 0 && this.#unfinished.size === 0
  }

  read(data: string): 'pass' | 'hide' | 'done' | 'error' | 'unreadable' {
    this.#justFinished = []
    this.#justBlocked = false
    this.parsed = undefined
    let chunk: unknown
    try {
      chunk = JSON.parse(data)
    } catch {
      return 'unreadable'
    }
    this.parsed = chunk
    if (typeof chunk !== 'object' || chunk === null) return 'unreadable'
    // Where Google answers with a list, its errors stand in it.
    if ((Array.isArray(chunk) ? (chunk as unknown[]) : [chunk]).some(isError)) return 'error'
    const bytes = isObject(chunk) ? this.#readChunk(chunk) : generatedBytes(chunk)
    if (bytes > 0) {
      this.textBytes += bytes
      this.deltas++
    }
    return 'pass'
  }

  /** Takes in one chunk and returns the bytes of generated text in it. */
  #readChunk(chunk: Body): number {
    const { candidates, promptFeedback, usageMetadata, responseId, modelVersion } = chunk
    if (typeof responseId === 'string') this.#responseId ??= responseId
    if (typeof modelVersion === 'string') this.#modelVersion ??= modelVersion
    let bytes = 0
    if (Array.isArray(candidates)) {
      for (const candidate of candidates as unknown[]) bytes += this.#readCandidate(candidate)
    } else if (!isObject(usageMetadata) && !isObject(promptFeedback)) {
      // Not a chunk as we know it: all text in it counts, or another format would pass unmetered.
      bytes = generatedBytes(chunk)
    }
    if (isObject(promptFeedback) && typeof promptFeedback['blockReason'] === 'string') {
      this.#justBlocked = this.#blocked === null
      this.#blocked = promptFeedback['blockReason']
    }
    this.#setUsage(usageMetadata, searchesOf(candidates))
    return bytes
  }

  #readCandidate(candidate: unknown): number {
    if (!isObject(candidate)) return generatedBytes(candidate)
    // Proto JSON leaves out what is zero.
    const index = typeof candidate['index'] === 'number' ? candidate['index'] : 0
    const reason = candidate['finishReason']
    if (isFinish(reason) && this.#finish.size < MAX_CANDIDATES) {
      if (!this.#finish.has(index)) this.#justFinished.push(index)
      this.#finish.set(index, reason)
      this.#unfinished.delete(index)
    } else if (!this.#finish.has(index) && this.#unfinished.size < MAX_CANDIDATES) this.#unfinished.add(index)
    return contentBytes(candidate['content'])
  }

  #setUsage(value: unknown, searches: number): void {
    this.#searches = Math.max(this.#searches, searches)
    const usage = readUsage(value)
    if (usage !== null) this.usage = { ...usage, toolCalls: this.#searches }
    // Counts given before the end are no count of the end.
    else if (this.#justBlocked || (this.#justFinished.length > 0 && this.finished)) this.usage = null
    else if (this.usage !== null && this.usage.toolCalls < this.#searches)
      this.usage = { ...this.usage, toolCalls: this.#searches }
  }

  cut(usage: Usage): Uint8Array {
    const candidates: object[] = []
    for (let index = 0; index < this.#call.choices; index++) {
      if (this.#finish.has(index) && !this.#justFinished.includes(index)) continue
      // Chats of the official library drop an answer whose candidate has no part.
      candidates.push({ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'MAX_TOKENS', index })
    }
    const chunk = {
      ...(candidates.length > 0 && { candidates }),
      usageMetadata: wireUsage(usage),
      modelVersion: this.#modelVersion ?? this.#call.model,
      responseId: this.#responseId ?? this.#fallback.id,
    }
    return Buffer.from(`data: ${JSON.stringify(chunk)}\r\n\r\n`)
  }
}

const isError = (chunk: unknown): boolean => isObject(chunk) && Boolean(chunk['error'])

const isFinish = (reason: unknown): reason is string =>
  typeof reason === 'string' && reason !== '' && reason !== 'FINISH_REASON_UNSPECIFIED'
