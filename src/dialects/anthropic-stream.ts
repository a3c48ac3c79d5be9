import type { Call } from '../core/call.ts'
import type { Usage } from '../core/usage.ts'
import { blockBytes } from './anthropic-blocks.ts'
import { addReport, noReport, usageOf, wireUsage, type UsageReport } from './anthropic-usage.ts'
import { isObject } from './body.ts'
import type { AnswerIdentity, Body, StreamReader } from './dialect.ts'
import { generatedBytes } from './prompt-text.ts'

/** Follows a streamed message: `message_start`, blocks one after the other, `message_delta`, `message_stop`. */
export function messagesReader(call: Call, fallback: AnswerIdentity): StreamReader {
  return new MessagesReader(call, fallback)
}

/** An upstream that invents blocks must not grow what is kept of them. */
const MAX_OPEN_BLOCKS = 1024

class MessagesReader implements StreamReader {
  textBytes = 0
  deltas = 0
  usage: Usage | null = null
  parsed: unknown
  readonly #call: Call
  readonly #fallback: AnswerIdentity
  readonly #open = new Set<number>()
  #id: string | null = null
  #model: string | null = null
  #report: UsageReport = noReport
  #searches = 0
  #started = false
  #stopReason: string | null = null
  /** `message_delta` has told how many tokens were generated: what came before is no count of the end. */
  #counted = false
  /** What the last event changed for a client that was passed it; a cut withholds the last event. */
  #last: 'started' | 'opened' | 'closed' | 'stopped' | null = null
  #lastIndex = 0

  constructor(call: Call, fallback: AnswerIdentity) {
    this.#call = call
    this.#fallback = fallback
  }

  get finishReasons(): readonly string[] {
    return this.#stopReason === null ? [] : [this.#stopReason]
  }

  get finished(): boolean {
    return this.#stopReason !== null
  }

  read(data: string): 'pass' | 'hide' | 'done' | 'error' | 'unreadable' {
    this.#last = null
    this.parsed = undefined
    let event: unknown
    try {
      event = JSON.parse(data)
    } catch {
      return 'unreadable'
    }
    this.parsed = event
    if (typeof event !== 'object' || event === null) return 'unreadable'
    const fields: Body = isObject(event) ? event : { event }
    if (fields['type'] === 'error' || fields['error']) return 'error'
    const bytes = this.#readEvent(fields)
    if (bytes > 0) {
      this.textBytes += bytes
      this.deltas++
    }
    if (fields['type'] !== 'message_stop') return 'pass'
    this.#setUsage(true)
    return 'done'
  }

  /** Takes in one event and returns the bytes of generated text in it. */
  #readEvent(event: Body): number {
    switch (event['type']) {
      case 'message_start':
        return this.#readStart(isObject(event['message']) ? event['message'] : {})
      case 'content_block_start':
        this.#move('opened', event['index'])
        if (isSearch(event['content_block'])) {
          this.#searches++
          this.#setUsage(false)
        }
        return blockBytes(event['content_block'])
      case 'content_block_delta': {
        const delta = event['delta']
        // A quote from a document: the vendor adds its text and counts none of it.
        return isObject(delta) && delta['type'] === 'citations_delta' ? 0 : generatedBytes(delta)
      }
      case 'content_block_stop':
        this.#move('closed', event['index'])
        return 0
      case 'message_delta':
        this.#readDelta(event)
        return 0
      case 'message_stop':
      case 'ping':
        return 0
      default:
        // Not an event as we know it: all text in it counts, or another format would pass unmetered.
        return generatedBytes(event)
    }
  }

  #readStart(message: Body): number {
    if (!this.#started) this.#last = 'started'
    this.#started = true
    const { id, model, usage, content } = message
    if (typeof id === 'string') this.#id = id
    if (typeof model === 'string') this.#model = model
    this.#report = addReport(this.#report, usage)
    this.#setUsage(false)
    return Array.isArray(content) ? (content as unknown[]).reduce((sum: number, b) => sum + blockBytes(b), 0) : 0
  }

  #readDelta({ delta, usage }: Body): void {
    if (isObject(delta) && typeof delta['stop_reason'] === 'string') {
      if (this.#stopReason === null) this.#last = 'stopped'
      this.#stopReason = delta['stop_reason']
    }
    const counts = addReport(noReport, usage)
    if (counts.output !== null) this.#counted = true
    this.#report = addReport(this.#report, usage)
    this.#setUsage(this.finished)
  }

  /** At the end only a count of the end will do: the one of `message_start` says 1, whatever was generated. */
  #setUsage(ended: boolean): void {
    const usage = ended && !this.#counted ? null : usageOf(this.#report)
    this.usage = usage === null || ended ? usage : { ...usage, toolCalls: Math.max(usage.toolCalls, this.#searches) }
  }

  #move(what: 'opened' | 'closed', value: unknown): void {
    const index = typeof value === 'number' ? value : 0
    const wasOpen = this.#open.has(index)
    if (what === 'opened' ? wasOpen || this.#open.size >= MAX_OPEN_BLOCKS : !wasOpen) return
    if (what === 'opened') this.#open.add(index)
    else this.#open.delete(index)
    this.#last = what
    this.#lastIndex = index
  }

  cut(usage: Usage): Uint8Array {
    const last = this.#last
    const open = new Set(this.#open)
    if (last === 'opened') open.delete(this.#lastIndex)
    if (last === 'closed') open.add(this.#lastIndex)
    const events: Body[] = []
    if (!this.#started || last === 'started') events.push(this.#startEvent(usage))
    for (const index of [...open].sort((a, b) => a - b)) events.push({ type: 'content_block_stop', index })
    if (!this.finished || last === 'stopped') {
      const delta = { stop_reason: 'max_tokens', stop_sequence: null }
      events.push({ type: 'message_delta', delta, usage: wireUsage(usage) })
    }
    events.push({ type: 'message_stop' })
    return Buffer.from(
      events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
    )
  }

  /** A stream that begins with its end is none to the client's library. */
  #startEvent(usage: Usage): Body {
    const message = {
      id: this.#id ?? `msg_${this.#fallback.id}`,
      type: 'message',
      role: 'assistant',
      model: this.#model ?? this.#call.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...wireUsage(usage), output_tokens: 0 },
    }
    return { type: 'message_start', message }
  }
}

const isSearch = (block: unknown): boolean =>
  isObject(block) && block['type'] === 'server_tool_use' && block['name'] === 'web_search'
