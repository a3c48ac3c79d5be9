import type { Call } from '../core/call.ts'
import type { Usage } from '../core/usage.ts'
import { isObject } from './body.ts'
import type { AnswerIdentity, Body, StreamReader } from './dialect.ts'
import { ResponseCount } from './openai-responses-count.ts'
import { countToolRuns, isToolRun } from './openai-responses-text.ts'
import { ResponseTranscript } from './openai-responses-transcript.ts'
import { readResponseUsage } from './openai-usage.ts'

/** Follows a streamed response: typed events with a running number, closed by the one that says how it ended. */
export function responsesReader(call: Call, fallback: AnswerIdentity): StreamReader {
  return new ResponsesReader(call, fallback)
}

class ResponsesReader implements StreamReader {
  deltas = 0
  usage: Usage | null = null
  parsed: unknown
  finishReasons: readonly string[] = []
  finished = false
  readonly #count = new ResponseCount()
  readonly #transcript: ResponseTranscript
  /** The event that was read last: only the next read, or none, tells that the client has it. */
  #last: { readonly event: Body; readonly chars: number } | null = null
  #toolCalls = 0

  constructor(call: Call, fallback: AnswerIdentity) {
    this.#transcript = new ResponseTranscript(call.model, fallback)
  }

  get textBytes(): number {
    return this.#count.bytes
  }

  read(data: string): 'pass' | 'hide' | 'done' | 'error' | 'unreadable' {
    if (this.#last !== null) this.#transcript.add(this.#last.event, this.#last.chars)
    this.#last = null
    this.parsed = undefined
    // OpenAI sends none here; other servers do.
    if (data.startsWith('[DONE]')) return 'done'
    let event: unknown
    try {
      event = JSON.parse(data)
    } catch {
      return 'unreadable'
    }
    this.parsed = event
    if (typeof event !== 'object' || event === null) return 'unreadable'
    // No event as we know it: all text in it counts, or another format would pass unmetered.
    if (!isObject(event)) return this.#counted(this.#count.addUnknown(event))
    this.#last = { event, chars: data.length }
    const { type, response, error } = event
    // Some servers write an empty one where there is none, and client libraries go by its truth too.
    if (type === 'error' || error) return 'error'
    if (isLifecycle(type)) return this.#response(type, isObject(response) ? response : {})
    if (type === 'response.output_item.done' && isToolRun(event['item'])) this.#toolCalls++
    return this.#counted(this.#count.add(event))
  }

  #response(type: Lifecycle, response: Body): 'pass' | 'done' | 'error' {
    const output = outputOf(response)
    const { usage, tool_usage: toolUsage } = response
    // Where the output is not repeated at the end, what was seen of it counts.
    const runs = output.length > 0 ? countToolRuns(output, toolUsage) : this.#toolCalls
    this.usage = readResponseUsage(usage, toolUsage, runs) ?? this.usage
    if (type === 'response.failed' || type === 'response.cancelled') return 'error'
    const fresh = this.#count.addOutput(output)
    if (type !== 'response.completed' && type !== 'response.incomplete') return this.#counted(fresh)
    this.finished = true
    this.finishReasons = [endOf(response) ?? type.slice('response.'.length)]
    // What is told only here has to find room like any other text, and the stream then ends by itself.
    return fresh > 0 ? this.#counted(fresh) : 'done'
  }

  #counted(fresh: number): 'pass' {
    if (fresh > 0) this.deltas++
    return 'pass'
  }

  cut(usage: Usage): Uint8Array {
    return this.#transcript.close(usage)
  }
}

const lifecycle = [
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
] as const
type Lifecycle = (typeof lifecycle)[number]

const isLifecycle = (type: unknown): type is Lifecycle => (lifecycle as readonly unknown[]).includes(type)

/** The items of a response; some servers give its text alone. */
export function outputOf({ output, output_text: text }: Body): readonly unknown[] {
  const items: readonly unknown[] = Array.isArray(output) ? output : []
  return items.length === 0 && typeof text === 'string' ? [text] : items
}

/** Why a response ended: the reason that it is incomplete, else its status. */
export function endOf(response: Body): string | null {
  const { status, incomplete_details: details } = response
  if (isObject(details) && typeof details['reason'] === 'string') return details['reason']
  return typeof status === 'string' ? status : null
}
