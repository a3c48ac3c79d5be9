import { isObject } from './body.ts'
import type { Body } from './dialect.ts'

/** Items and parts of a streamed response as far as the client has them, and the events that close them. */
export interface Budget {
  /** Characters that may still be kept of the stream. */
  left: number
}

type Write = (type: string, fields: object) => void

/** Text that comes in many small pieces: joined in blocks, since a rope of them takes ten times their memory. */
class KeptText {
  #text = ''
  #pieces: string[] = []
  /** A hole in the middle would be worse than an early end. */
  #full = false
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  get empty(): boolean {
    return this.#text === '' && this.#pieces.length === 0
  }

  add(piece: unknown): void {
    if (typeof piece !== 'string' || piece === '' || this.#full) return
    this.#full = piece.length > this.#budget.left
    const kept = this.#full ? piece.slice(0, this.#budget.left).toWellFormed() : piece
    this.#budget.left -= kept.length
    this.#pieces.push(kept)
    if (this.#pieces.length >= 512) this.#join()
  }

  /** Gives up the text and makes room for other. */
  free(): void {
    this.#join()
    this.#budget.left += this.#text.length
    this.#text = ''
    this.#full = false
  }

  toString(): string {
    this.#join()
    return this.#text
  }

  #join(): void {
    this.#text += this.#pieces.join('')
    this.#pieces = []
  }
}

/** A part of a message's or reasoning's text. */
class KeptPart {
  readonly #added: Body
  readonly #annotations: unknown[] = []
  readonly text: KeptText
  textOpen = true
  done: Body | null = null

  constructor(added: Body, fits: boolean, budget: Budget) {
    this.#added = fits ? added : { type: added['type'] }
    this.text = new KeptText(budget)
    this.text.add(added[this.field])
  }

  get field(): string {
    return this.#added['type'] === 'refusal' ? 'refusal' : 'text'
  }

  annotate(annotation: unknown): void {
    this.#annotations.push(annotation)
  }

  whole(): Body {
    if (this.done !== null) return this.done
    const annotations = this.#annotations.length > 0 ? { annotations: this.#annotations } : {}
    return { ...this.#added, ...annotations, [this.field]: this.text.toString() }
  }
}

/** Items whose text is a field of their own: the field, and the events that bring it. */
const ownText: ReadonlyMap<unknown, readonly [field: string, events: string]> = new Map([
  ['function_call', ['arguments', 'response.function_call_arguments']],
  ['mcp_call', ['arguments', 'response.mcp_call_arguments']],
  ['custom_tool_call', ['input', 'response.custom_tool_call_input']],
  ['code_interpreter_call', ['code', 'response.code_interpreter_call_code']],
])

const partText: ReadonlyMap<unknown, string> = new Map([
  ['output_text', 'response.output_text'],
  ['refusal', 'response.refusal'],
  ['reasoning_text', 'response.reasoning_text'],
  ['summary_text', 'response.reasoning_summary_text'],
])

/** These have no state for what was broken off. */
const failing: ReadonlySet<unknown> = new Set(['web_search_call', 'image_generation_call'])

const MAX_PARTS = 256

export class KeptItem {
  /** The item's last known form: as it was added, then closed by us or done by the upstream. */
  #item: Body
  readonly #budget: Budget
  readonly #contents = new Map<number, KeptPart>()
  readonly #summaries = new Map<number, KeptPart>()
  readonly #text: KeptText
  #textOpen = true
  #charged = 0
  open = true

  constructor(item: Body, chars: number, budget: Budget) {
    this.#budget = budget
    this.#text = new KeptText(budget)
    this.#item = this.#fits(chars) ? item : stubOf(item)
  }

  add(type: string, event: Body, chars: number): void {
    if (!this.open) return
    const { content_index: content, summary_index: summary, part, delta } = event
    if (type === 'response.content_part.added') this.#addPart(this.#contents, content, part, chars)
    else if (type === 'response.reasoning_summary_part.added') this.#addPart(this.#summaries, summary, part, chars)
    else if (content !== undefined) this.#addToPart(this.#contents.get(content as number), type, event, chars)
    else if (summary !== undefined) this.#addToPart(this.#summaries.get(summary as number), type, event, chars)
    else {
      const [field, events] = ownText.get(this.#item['type']) ?? []
      if (type === `${events}.delta`) this.#text.add(delta)
      if (type !== `${events}.done`) return
      if (this.#text.empty) this.#text.add(event[field!])
      this.#textOpen = false
    }
  }

  /** The upstream is done with it. */
  finish(item: Body, chars: number): void {
    if (!this.open) return
    const kept = { ...this.whole(), status: item['status'] }
    const { left } = this.#budget
    this.open = false
    for (const part of [...this.#contents.values(), ...this.#summaries.values()]) part.text.free()
    this.#text.free()
    this.#budget.left += this.#charged
    if (this.#fits(chars)) this.#item = item
    else {
      this.#item = kept
      this.#budget.left = left
    }
    this.#contents.clear()
    this.#summaries.clear()
  }

  /** Writes the events that are still to come for it. */
  close(index: number, write: Write): void {
    const at = { item_id: this.#item['id'], output_index: index }
    for (const [key, summary] of inOrder(this.#summaries)) {
      closePart(summary, { ...at, summary_index: key }, 'response.reasoning_summary_part.done', write)
    }
    for (const [key, content] of inOrder(this.#contents)) {
      closePart(content, { ...at, content_index: key }, 'response.content_part.done', write)
    }
    const own = ownText.get(this.#item['type'])
    if (own !== undefined && this.#textOpen && !this.#text.empty) {
      write(`${own[1]}.done`, { ...at, ...this.#named(), [own[0]]: this.#text.toString() })
    }
    this.#item = { ...this.whole(), status: failing.has(this.#item['type']) ? 'failed' : 'incomplete' }
    this.open = false
    write('response.output_item.done', { output_index: index, item: this.#item })
  }

  whole(): Body {
    if (!this.open) return this.#item
    const item: Record<string, unknown> = { ...this.#item }
    if (this.#contents.size > 0) item['content'] = inOrder(this.#contents).map(([, part]) => part.whole())
    if (this.#summaries.size > 0) item['summary'] = inOrder(this.#summaries).map(([, part]) => part.whole())
    const own = ownText.get(item['type'])
    if (own !== undefined && !this.#text.empty) item[own[0]] = this.#text.toString()
    return item
  }

  #named(): object {
    return this.#item['type'] === 'function_call' ? { name: this.#item['name'] } : {}
  }

  #addPart(parts: Map<number, KeptPart>, index: unknown, part: unknown, chars: number): void {
    if (typeof index !== 'number' || !isObject(part) || parts.size >= MAX_PARTS) return
    parts.set(index, new KeptPart(part, this.#fits(chars), this.#budget))
  }

  #addToPart(part: KeptPart | undefined, type: string, event: Body, chars: number): void {
    if (part === undefined || part.done !== null) return
    if (type === 'response.output_text.annotation.added') {
      if (this.#fits(chars)) part.annotate(event['annotation'])
    } else if (type.endsWith('.delta')) part.text.add(event['delta'])
    else if (type.endsWith('_part.done')) this.#finishPart(part, event['part'], chars)
    else if (type.endsWith('.done')) {
      if (part.text.empty) part.text.add(event[part.field])
      part.textOpen = false
    }
  }

  #finishPart(part: KeptPart, done: unknown, chars: number): void {
    part.textOpen = false
    if (!isObject(done)) return
    const text = part.text.toString()
    part.text.free()
    if (this.#fits(chars)) part.done = done
    else {
      part.text.add(text)
      part.done = part.whole()
    }
  }

  #fits(chars: number): boolean {
    if (chars > this.#budget.left) return false
    this.#budget.left -= chars
    this.#charged += chars
    return true
  }
}

function closePart(part: KeptPart, at: object, done: string, write: Write): void {
  if (part.done !== null) return
  const whole = part.whole()
  const events = partText.get(whole['type'])
  if (part.textOpen && events !== undefined) {
    const logprobs = events === 'response.output_text' ? { logprobs: [] } : {}
    write(`${events}.done`, { ...at, [part.field]: whole[part.field], ...logprobs })
  }
  write(done, { ...at, part: whole })
}

const inOrder = (parts: ReadonlyMap<number, KeptPart>): (readonly [number, KeptPart])[] =>
  [...parts].toSorted(([a], [b]) => a - b)

const MAX_STUB_CHARS = 256

/** What is left of an item that is too large to keep: its names and states. */
function stubOf(item: Body): Body {
  const small = Object.entries(item).filter(([, value]) =>
    typeof value === 'string' ? value.length <= MAX_STUB_CHARS : typeof value !== 'object' || value === null,
  )
  const lists = { message: { content: [] }, reasoning: { summary: [] } } as Readonly<Record<string, object>>
  const [field] = ownText.get(item['type']) ?? []
  const text = field === undefined ? {} : { [field]: '' }
  return { ...lists[String(item['type'])], ...text, ...Object.fromEntries(small) }
}
