import type { Cancel, Clock } from '../core/clock.ts'
import type { TarpitPlace } from './tarpit.ts'

/** How an answer drips. */
export interface Pace {
  /** How long after the last piece the next one leaves; drawn anew each time. */
  nextMs(): number
  readonly place: TarpitPlace
}

export interface DripSink {
  /** False when the client reads slower than it drips. */
  write(piece: Buffer): boolean
  /** The next piece is due: `go` is to be called. */
  due(): void
}

/**
 * Lets an answer out event by event, each at its time, with one timer for all of them. What waits is counted at the
 * tarpit; where that has no room, the answer leaves as it comes.
 */
export class Drip {
  readonly #pace: Pace
  readonly #clock: Clock
  readonly #sink: DripSink
  #queue: Buffer[] = []
  /** Waiting bytes. */
  bytes = 0
  #nextAtMs = 0
  #cancel: Cancel | null = null
  #blocked = false

  constructor(pace: Pace, clock: Clock, sink: DripSink) {
    this.#pace = pace
    this.#clock = clock
    this.#sink = sink
  }

  push(chunk: Buffer): void {
    if (this.#pace.place.keep(chunk.length)) {
      this.#queue.push(chunk)
      this.bytes += chunk.length
      this.go()
    } else {
      this.flush()
      this.#write(chunk)
    }
  }

  /** Nothing more should be pushed for now. */
  get full(): boolean {
    return this.bytes > 0 && this.bytes >= this.#pace.place.readAheadBytes
  }

  /** Lets out what is due. */
  go(): void {
    while (this.#queue.length > 0 && !this.#blocked && this.#cancel === null) {
      const waitMs = this.#nextAtMs - this.#clock.now()
      if (waitMs > 0) {
        this.#cancel = this.#clock.after(waitMs, () => {
          this.#cancel = null
          this.#sink.due()
        })
        return
      }
      const piece = this.#take()
      this.#nextAtMs = this.#clock.now() + this.#pace.nextMs()
      this.#write(piece)
    }
  }

  /** The client has caught up. */
  unblock(): void {
    this.#blocked = false
    this.go()
  }

  /** Lets out everything, however fast the client reads. */
  flush(): void {
    const rest = this.#queue
    this.stop()
    for (const piece of rest) this.#write(piece)
  }

  /** Drops what waits. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#pace.place.release(this.bytes)
    this.#queue = []
    this.bytes = 0
  }

  #write(piece: Buffer): void {
    if (!this.#sink.write(piece)) this.#blocked = true
  }

  #take(): Buffer {
    const head = this.#queue[0]!
    const end = pieceEnd(head)
    if (end === head.length) this.#queue.shift()
    else this.#queue[0] = head.subarray(end)
    this.bytes -= end
    this.#pace.place.release(end)
    return head.subarray(0, end)
  }
}

const LF = 0x0a
const CR = 0x0d

/** Where the first event ends. Nothing rests on it: bytes leave in their order however they are cut. */
function pieceEnd(chunk: Buffer): number {
  for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
    if (chunk[at + 1] === LF) return at + 2
    if (chunk[at + 1] === CR && chunk[at + 2] === LF) return at + 3
  }
  return chunk.length
}
