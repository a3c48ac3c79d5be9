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
 * tarpit; where that has no room, neither for more text nor for an upstream that is paused, the answer leaves as it comes.
 */
export class Drip {
  readonly #pace: Pace
  readonly #clock: Clock
  readonly #sink: DripSink
  /** One text, since many small buffers weigh several times what is in them; what waits is from `#start` to `#end`. */
  #text = NOTHING
  #start = 0
  #end = 0
  #nextAtMs = 0
  #cancel: Cancel | null = null
  #blocked = false
  #complete = false
  /** The upstream is to be paused. */
  full = false

  constructor(pace: Pace, clock: Clock, sink: DripSink) {
    this.#pace = pace
    this.#clock = clock
    this.#sink = sink
  }

  push(chunk: Buffer): void {
    if (this.#pace.place.keep(chunk.length)) {
      this.#append(chunk)
      this.go()
    } else {
      this.flush()
      this.#write(chunk)
    }
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#end - this.#start
  }

  /** Nothing more will be pushed. */
  complete(): void {
    this.#complete = true
    this.#overflow()
  }

  /** Lets out what is due. */
  go(): void {
    this.#letOut()
    this.#overflow()
  }

  #letOut(): void {
    while (this.bytes > 0 && !this.#blocked && this.#cancel === null) {
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
    const rest = this.#text.subarray(this.#start, this.#end)
    this.stop()
    if (rest.length > 0) this.#write(rest)
  }

  /** Drops what waits. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#pace.place.release(this.bytes)
    this.#text = NOTHING
    this.#start = 0
    this.#end = 0
    this.#overflow()
  }

  #overflow(): void {
    const { place } = this.#pace
    const over = !this.#complete && this.bytes > 0 && this.bytes >= place.readAheadBytes
    if (over && !this.full) {
      this.full = place.pause()
      if (!this.full) this.flush()
    } else if (!over && this.full) {
      this.full = false
      place.goOn()
    }
  }

  #write(piece: Buffer): void {
    if (!this.#sink.write(piece)) this.#blocked = true
  }

  #take(): Buffer {
    const waiting = this.#text.subarray(this.#start, this.#end)
    const piece = waiting.subarray(0, pieceEnd(waiting))
    this.#start += piece.length
    this.#pace.place.release(piece.length)
    if (this.bytes === 0) {
      this.#text = NOTHING
      this.#start = 0
      this.#end = 0
    }
    return piece
  }

  #append(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#text.length) {
      // Never in place: what has left may still be on its way through the socket.
      const size = this.bytes + chunk.length
      const text = Buffer.allocUnsafeSlow(Math.ceil(size * ROOM_TO_GROW))
      this.#text.copy(text, 0, this.#start, this.#end)
      this.#end -= this.#start
      this.#start = 0
      this.#text = text
    }
    chunk.copy(this.#text, this.#end)
    this.#end += chunk.length
  }
}

const NOTHING: Buffer = Buffer.alloc(0)
const ROOM_TO_GROW = 1.25

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
