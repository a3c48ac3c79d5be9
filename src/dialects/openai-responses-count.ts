import type { Body } from './dialect.ts'
import { eventBytes, itemBytes } from './openai-responses-text.ts'
import { generatedBytes } from './prompt-text.ts'

/** Parts and items whose text is remembered; what an upstream invents beyond is counted whenever it is sent. */
const MAX_TRACKED = 4096

/**
 * Counts the text of a streamed response once, though it is sent up to four times: in deltas, in the part that is done,
 * in the item that is done and in the whole response. Each repetition counts by what it has more than was counted.
 */
export class ResponseCount {
  bytes = 0
  readonly #parts = new Map<string, number>()
  readonly #items = new Map<unknown, number>()

  /** Takes an event that is about an item; returns the bytes that are new in it. */
  add(event: Body): number {
    const { type, output_index: index, item } = event
    if (item !== undefined) return this.#grow(index, itemBytes(item) - (this.#items.get(index) ?? 0))
    const bytes = eventBytes(event)
    if (bytes === 0) return 0
    const part = partOf(event)
    const counted = this.#parts.get(part) ?? 0
    const fresh = isRepetition(type) ? bytes - counted : bytes
    if (fresh <= 0) return 0
    if (typeof index === 'number' && (this.#parts.has(part) || this.#parts.size < MAX_TRACKED)) {
      this.#parts.set(part, counted + fresh)
    }
    return this.#grow(index, fresh)
  }

  /** Takes what is no event at all. */
  addUnknown(value: unknown): number {
    return this.#grow(null, generatedBytes(value))
  }

  /** Takes the whole output as it is told at the end. */
  addOutput(output: readonly unknown[]): number {
    const more = output.reduce((sum: number, item) => sum + itemBytes(item), 0) - this.bytes
    if (more > 0) this.bytes += more
    return Math.max(0, more)
  }

  #grow(index: unknown, bytes: number): number {
    if (bytes <= 0) return 0
    this.bytes += bytes
    if (typeof index === 'number' && (this.#items.has(index) || this.#items.size < MAX_TRACKED)) {
      this.#items.set(index, (this.#items.get(index) ?? 0) + bytes)
    }
    return bytes
  }
}

/** A part that is added holds what its deltas go on from. */
const isRepetition = (type: unknown): boolean => typeof type === 'string' && type.endsWith('.done')

const partOf = ({ output_index: item, content_index: content, summary_index: summary, command_index: command }: Body) =>
  `${number(item)} ${number(content)} ${number(summary)} ${number(command)}`

const number = (value: unknown): number | '' => (typeof value === 'number' ? value : '')
