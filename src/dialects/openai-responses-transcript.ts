import type { Usage } from '../core/usage.ts'
import { isObject } from './body.ts'
import type { AnswerIdentity, Body } from './dialect.ts'
import { KeptItem, type Budget } from './openai-responses-kept.ts'
import { wireResponseUsage } from './openai-usage.ts'

/**
 * What a client has seen of a streamed response, so that the stream can be ended as the vendor ends one that ran into
 * its bound: client libraries build the response from the closing events, which repeat all text. Up to `MAX_KEPT_CHARS`
 * are kept of a stream; the closing events of a longer one carry the text up to there.
 */
const MAX_KEPT_CHARS = 1024 * 1024
const MAX_ITEMS = 1024

export class ResponseTranscript {
  readonly #model: string
  readonly #fallback: AnswerIdentity
  readonly #items = new Map<number, KeptItem>()
  readonly #budget: Budget = { left: MAX_KEPT_CHARS }
  #response: Body | null = null
  #sequence = -1

  constructor(model: string, fallback: AnswerIdentity) {
    this.#model = model
    this.#fallback = fallback
  }

  /** Takes an event that was passed on; `chars` is how long it was. */
  add(event: Body, chars: number): void {
    const { type, sequence_number: sequence, output_index: index, item, response } = event
    this.#sequence = Number.isSafeInteger(sequence) ? (sequence as number) : this.#sequence + 1
    if (typeof type !== 'string') return
    if (isObject(response)) {
      this.#response = response
      return
    }
    if (!Number.isSafeInteger(index)) return
    const at = index as number
    if (isObject(item) && !this.#items.has(at) && this.#items.size < MAX_ITEMS) {
      this.#items.set(at, new KeptItem(item, chars, this.#budget))
    }
    if (type === 'response.output_item.added') return
    if (type === 'response.output_item.done' && isObject(item)) this.#items.get(at)?.finish(item, chars)
    else this.#items.get(at)?.add(type, event, chars)
  }

  /** The events that end the stream. */
  close(usage: Usage): Uint8Array {
    let text = ''
    const write = (type: string, fields: object): void => {
      text += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: ++this.#sequence, ...fields })}\n\n`
    }
    const begun = this.#begun()
    // Nothing has been passed on: clients know a response by its first event.
    if (this.#response === null && this.#items.size === 0) write('response.created', { response: begun })
    const output: Body[] = []
    for (const [index, item] of [...this.#items].toSorted(([a], [b]) => a - b)) {
      if (item.open) item.close(index, write)
      output.push(item.whole())
    }
    const response = {
      ...begun,
      status: 'incomplete',
      error: null,
      incomplete_details: { reason: 'max_output_tokens' },
      output,
      usage: wireResponseUsage(usage),
    }
    write('response.incomplete', { response })
    return Buffer.from(text)
  }

  #begun(): Body {
    const { id, createdS } = this.#fallback
    const own = { id: `resp_${id}`, object: 'response', created_at: createdS, model: this.#model }
    return { ...own, status: 'in_progress', output: [], ...this.#response }
  }
}
