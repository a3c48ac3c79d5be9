/**
 * Cuts a byte stream into server-sent events without changing a byte of it: what goes to the client is the upstream's
 * own bytes, so a parser that gives back fields would not do. Line ends are LF, CR or CRLF, in any mix, and a read may
 * end anywhere, inside a character too (WHATWG HTML, 9.2.6).
 */
export interface SseEvent {
  /** The event's bytes, its blank line included. */
  readonly raw: Buffer
  /** Its `data` lines joined by LF; null when it has none (a comment, a bare id). */
  readonly data: string | null
  /** No event: the LF of the CRLF that ended the one before, torn off by a read. It shares that one's fate. */
  readonly belated: boolean
}

const LF = 0x0a
const CR = 0x0d

export class SseFramer {
  readonly #maxEventBytes: number
  /** Earlier reads of the event that is not complete yet. */
  #parts: Buffer[] = []
  #partBytes = 0
  /** The last byte seen ended a line, so that a line end now means a blank line. */
  #lineStart = true
  /** The last byte seen was a CR: an LF now belongs to it. */
  #afterCr = false
  #first = true
  /** Lines of the event so far, its blank one apart, and whether a CR stands in it. */
  #lines = 0
  #hasCr = false

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes
  }

  /** Gives `onEvent` every event that `chunk` completes; false when an event outgrows the bound. */
  push(chunk: Buffer, onEvent: (event: SseEvent) => void): boolean {
    let start = 0
    let at = 0
    // Each is looked for anew only once it is passed, so that a read costs its length in any mix of line ends.
    let nextLf = -1
    let nextCr = -1
    while (at < chunk.length) {
      const byte = chunk[at]!
      if (this.#afterCr) {
        this.#afterCr = false
        if (byte === LF) {
          at++
          if (at === 1 && this.#lineStart && this.#parts.length === 0) {
            onEvent({ raw: chunk.subarray(0, 1), data: null, belated: true })
            start = 1
          }
          continue
        }
      }
      if (byte === LF || byte === CR) {
        this.#afterCr = byte === CR
        if (byte === CR) this.#hasCr = true
        at++
        if (!this.#lineStart) {
          this.#lineStart = true
          this.#lines++
          continue
        }
        // A CR may be half of a CRLF whose LF is here already: it belongs to this event.
        if (byte === CR && chunk[at] === LF) {
          at++
          this.#afterCr = false
        }
        // Whether an event fits must not depend on how it was cut into reads.
        if (this.#partBytes + at - start > this.#maxEventBytes) return false
        onEvent(this.#take(chunk.subarray(start, at)))
        start = at
        continue
      }
      this.#lineStart = false
      if (nextLf < at) nextLf = indexOrEnd(chunk, LF, at)
      if (nextCr < at) nextCr = indexOrEnd(chunk, CR, at)
      at = Math.min(nextLf, nextCr)
    }
    if (start < chunk.length) {
      this.#parts.push(chunk.subarray(start))
      this.#partBytes += chunk.length - start
    }
    return this.#partBytes <= this.#maxEventBytes
  }

  /** Bytes of an event that is not complete: true while the upstream is in the middle of one. */
  get pendingBytes(): number {
    return this.#partBytes
  }

  /** What came after the last blank line, once the stream has ended; some servers leave the blank line out. */
  rest(): SseEvent | null {
    return this.#partBytes === 0 ? null : this.#take(Buffer.alloc(0))
  }

  #take(last: Buffer): SseEvent {
    const raw = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last])
    this.#parts = []
    this.#partBytes = 0
    this.#lineStart = true
    const data =
      this.#lines === 1 && !this.#hasCr && isOneDataLine(raw)
        ? raw.toString('utf8', 6, raw.length - 2)
        : eventData(raw, this.#first)
    this.#first = false
    this.#lines = 0
    this.#hasCr = false
    return { raw, data, belated: false }
  }
}

function indexOrEnd(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from)
  return at < 0 ? chunk.length : at
}

/** By far the most common event: `data: `, and a blank line behind it. That there is no other line the caller knows. */
const isOneDataLine = (raw: Buffer): boolean =>
  raw.length >= 8 &&
  raw[0] === 0x64 &&
  raw[1] === 0x61 &&
  raw[2] === 0x74 &&
  raw[3] === 0x61 &&
  raw[4] === 0x3a &&
  raw[5] === 0x20 &&
  raw[raw.length - 1] === LF &&
  raw[raw.length - 2] === LF

function eventData(raw: Buffer, first: boolean): string | null {
  let text = raw.toString('utf8')
  if (first && text.charCodeAt(0) === 0xfeff) text = text.slice(1)
  const lines: string[] = []
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === 'data') lines.push('')
    else if (line.startsWith('data:')) lines.push(line.slice(line[5] === ' ' ? 6 : 5))
  }
  return lines.length === 0 ? null : lines.join('\n')
}
