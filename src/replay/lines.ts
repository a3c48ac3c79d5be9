const LF = 10
const CR = 13
const none = Buffer.alloc(0)

/** A line without its end; null where it was too long to be kept. The bytes are the caller's until it returns. */
export type TakeLine = (line: Buffer | null, isFirstOfFile: boolean) => void

/**
 * Cuts chunks of bytes into lines. A line longer than the cap is passed over and never kept whole, so that memory does
 * not depend on what a file holds.
 */
export class LineSplitter {
  readonly #maxBytes: number
  readonly #take: TakeLine
  #parts: Buffer[] = []
  #length = 0
  #isFirst = true

  constructor(maxBytes: number, take: TakeLine) {
    this.#maxBytes = maxBytes
    this.#take = take
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      this.#end(chunk.subarray(from, at))
      from = at + 1
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
  }

  /** The last line of a file need not end. */
  endOfFile(): void {
    if (this.#length > 0) this.#end(none)
    this.#isFirst = true
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length
    if (this.#length > this.#maxBytes) this.#parts = []
    else this.#parts.push(bytes)
  }

  #end(bytes: Buffer): void {
    let line: Buffer | null = bytes
    if (this.#length > 0 || bytes.length > this.#maxBytes) {
      this.#keep(bytes)
      line = this.#length > this.#maxBytes ? null : Buffer.concat(this.#parts, this.#length)
      this.#parts = []
      this.#length = 0
    }
    if (line !== null && line.at(-1) === CR) line = line.subarray(0, -1)
    const isFirst = this.#isFirst
    this.#isFirst = false
    this.#take(line, isFirst)
  }
}
