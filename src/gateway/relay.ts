import type { Cancel, Clock } from '../core/clock.ts'
import type { Exchange } from '../core/exchange.ts'
import type { Upstream, UpstreamCall, UpstreamFault, UpstreamRequest, UpstreamSink } from '../core/upstream.ts'
import { Drip, type Pace } from './drip.ts'
import { Watch, type Wait } from './watch.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** A whole answer, ready for the client. */
export interface WholeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A streamed answer in progress: what to pass on of each read, and whether it goes on. */
export interface StreamPlan {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** How it drips where its caller is held up; null: it leaves as it comes. */
  readonly pace: Pace | null
  /** Bytes to pass on, or null. */
  push(chunk: Buffer): Buffer | null
  /** After a `push`: the upstream has said all it will (`finished`), or must be stopped (`stop`). */
  readonly over: 'no' | 'finished' | 'stop'
  /** What ends the stream for the client: closing events of a cut, the error event of a broken one, or nothing. */
  close(why: 'over' | 'ended' | UpstreamFault): { readonly bytes: Buffer | null; readonly destroy: boolean }
}

/** What the pipeline decides, as the answer comes in. */
export interface RelayPlan {
  /** A plan for an answer that is streamed; null where it is to be read as a whole. */
  stream(status: number, headers: Headers): StreamPlan | null
  whole(status: number, headers: Headers, body: Buffer): WholeAnswer
  fault(fault: UpstreamFault): WholeAnswer
}

export interface RelayTimes {
  readonly firstByteMs: number
  readonly idleMs: number
  /** How long a client may leave its side of a stream unread. */
  readonly stallMs: number
  readonly maxDurationMs: number
  readonly maxAnswerBytes: number
}

export interface RelayEnd {
  /** `sent`: the client has everything that was meant for it. `gone`: it left before. */
  readonly client: 'sent' | 'gone'
  readonly fault: UpstreamFault | null
  /** Status sent; 0 if nothing was. */
  readonly status: number
  /** The upstream that answered, where there was a choice. */
  readonly by: string | null
  readonly bytes: number
  /** Bytes that were meant for the client and had not left when it was gone. */
  readonly unsentBytes: number
  readonly firstByteAtMs: number | null
}

/**
 * Moves one answer from an upstream to a client and watches both ends: backpressure, time-outs, a client that leaves,
 * an upstream that dies. Resolves exactly once, when nothing more will happen on either side. Knows nothing of limits
 * or dialects: those are in the plan.
 */
export function relay(
  exchange: Exchange,
  upstream: Upstream,
  request: UpstreamRequest,
  plan: RelayPlan,
  times: RelayTimes,
  clock: Clock,
): Promise<RelayEnd> {
  return new Promise((resolve, reject) =>
    new Relay(exchange, plan, times, clock, resolve, reject).run(upstream, request),
  )
}

/** One answer under way. A class, because one is made for every request: methods need no making. */
class Relay implements UpstreamSink {
  readonly #exchange: Exchange
  readonly #plan: RelayPlan
  readonly #times: RelayTimes
  readonly #clock: Clock
  readonly #resolve: (end: RelayEnd) => void
  readonly #reject: (error: Error) => void
  readonly #watch: Watch
  #call: UpstreamCall | null = null
  #stream: StreamPlan | null = null
  #head: { readonly status: number; readonly headers: Headers } | null = null
  #whole: Buffer[] = []
  #bytes = 0
  #by: string | null = null
  #status = 0
  #firstByteAtMs: number | null = null
  #ended = false
  #drip: Drip | null = null
  /** The stream is over; what is left of it drips out, and then this. */
  #last: { readonly bytes: Buffer | null; readonly fault: UpstreamFault | null } | null = null
  /** The upstream waits: for a client that does not read, or for what drips. */
  #stalled = false
  #full = false
  #draining: Cancel | null = null

  constructor(
    exchange: Exchange,
    plan: RelayPlan,
    times: RelayTimes,
    clock: Clock,
    resolve: (end: RelayEnd) => void,
    reject: (error: Error) => void,
  ) {
    this.#exchange = exchange
    this.#plan = plan
    this.#times = times
    this.#clock = clock
    this.#resolve = resolve
    this.#reject = reject
    this.#watch = new Watch(clock, (wait) => this.#guard(() => this.#expired(wait)))
  }

  run(upstream: Upstream, request: UpstreamRequest): void {
    this.#guard(() => {
      const times = this.#times
      this.#exchange.onGone(() => this.#left())
      this.#exchange.onDrain(() => this.#drained())
      this.#watch.limit(times.maxDurationMs, Math.min(times.firstByteMs, times.idleMs))
      this.#watch.arm(times.firstByteMs, 'first byte')
      this.#call = upstream.send(request, this)
      if (this.#exchange.gone) this.#left()
    })
  }

  onHead(status: number, headers: Headers, by?: string): void {
    this.#guard(() => {
      this.#by = by ?? null
      this.#watch.arm(this.#times.idleMs, 'next byte')
      this.#head = { status, headers }
      this.#stream = this.#plan.stream(status, headers)
      if (this.#stream === null) return
      const { pace } = this.#stream
      if (pace !== null) {
        this.#drip = new Drip(pace, this.#clock, { write: (piece) => this.#write(piece), due: () => this.#due() })
      }
      this.#status = this.#stream.status
      this.#exchange.start(this.#stream.status, this.#stream.headers)
    })
  }

  onData(data: Uint8Array): void {
    this.#guard(() => {
      if (this.#last !== null) return
      const chunk = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      if (!this.#stalled && !this.#full) this.#watch.touch()
      if (this.#stream === null) this.#collect(chunk)
      else this.#pass(this.#stream, chunk)
    })
  }

  onEnd(): void {
    this.#over()
    this.#guard(() => {
      if (this.#last !== null) return undefined
      if (this.#stream !== null) return this.#closeStream(this.#stream, 'ended')
      if (this.#head === null) return this.#lost({ kind: 'protocol', detail: 'no answer head', sent: true })
      const body = this.#whole.length === 1 ? this.#whole[0]! : Buffer.concat(this.#whole)
      return this.#answer(this.#plan.whole(this.#head.status, this.#head.headers, body), null)
    })
  }

  onFault(fault: UpstreamFault): void {
    this.#over()
    this.#guard(() => this.#lost(fault))
  }

  /** The answer may drip for long; what its upstream was called with is not needed for that. */
  #over(): void {
    this.#draining?.()
    this.#draining = null
    this.#call = null
  }

  #collect(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= this.#times.maxAnswerBytes) {
      this.#whole.push(chunk)
      return
    }
    this.#bytes = 0
    this.#whole = []
    this.#lost({ kind: 'protocol', detail: `answer larger than ${this.#times.maxAnswerBytes} bytes`, sent: true })
  }

  #pass(stream: StreamPlan, chunk: Buffer): void {
    const pass = stream.push(chunk)
    if (pass !== null) this.#send(pass)
    const { over } = stream
    if (over === 'no') return
    // Breaking off an upstream that is about to end by itself would cost its connection.
    if (over === 'finished') this.#draining = this.#clock.after(DRAIN_MS, () => this.#call?.abort())
    else this.#call?.abort()
    this.#closeStream(stream, 'over')
  }

  #send(chunk: Buffer): void {
    if (this.#drip === null) {
      this.#write(chunk)
      return
    }
    this.#drip.push(chunk)
    if (this.#full || !this.#drip.full) return
    if (!this.#stalled) this.#call?.pause()
    this.#full = true
    if (!this.#stalled) this.#watch.arm(this.#times.maxDurationMs, 'end')
  }

  #write(chunk: Buffer): boolean {
    this.#firstByteAtMs ??= this.#clock.now()
    this.#bytes += chunk.length
    if (this.#exchange.write(chunk)) return true
    if (this.#stalled) return false
    if (!this.#full) this.#call?.pause()
    this.#stalled = true
    this.#watch.arm(this.#times.stallMs, 'client stall')
    return false
  }

  #drained(): void {
    this.#guard(() => {
      if (!this.#stalled) return
      this.#stalled = false
      if (this.#full || this.#last !== null) this.#watch.arm(this.#times.maxDurationMs, 'end')
      if (!this.#full) this.#goOn()
      this.#drip?.unblock()
      this.#dripped()
    })
  }

  #goOn(): void {
    if (this.#last === null) this.#watch.arm(this.#times.idleMs, 'next byte')
    this.#call?.resume()
  }

  #due(): void {
    this.#guard(() => {
      this.#drip!.go()
      this.#dripped()
    })
  }

  /** Some of what waited may have left. */
  #dripped(): void {
    const drip = this.#drip
    if (drip === null) return
    if (this.#last !== null) {
      if (drip.bytes === 0 && !this.#stalled) this.#end(this.#last)
    } else if (this.#full && !drip.full) {
      this.#full = false
      if (!this.#stalled) this.#goOn()
    }
  }

  #answer({ status, headers, body }: WholeAnswer, fault: UpstreamFault | null): void {
    if (this.#ended) return
    this.#status = status
    this.#firstByteAtMs = this.#clock.now()
    this.#bytes = body.length
    this.#exchange.start(status, headers)
    this.#exchange.end(body)
    this.#finish('sent', fault)
  }

  #closeStream(stream: StreamPlan, why: 'over' | 'ended' | UpstreamFault): void {
    if (this.#ended || this.#last !== null) return
    const { bytes, destroy } = stream.close(why)
    const fault = typeof why === 'string' ? null : why
    if (destroy) {
      this.#exchange.destroy()
      this.#finish('sent', fault)
    } else if (this.#drip === null || this.#drip.bytes === 0) this.#end({ bytes, fault })
    else {
      this.#last = { bytes, fault }
      // It may take long, and the plan is not asked again.
      this.#stream = null
      this.#drip.complete()
      // It has nothing more to say, and should end by itself.
      if (this.#full && !this.#stalled) this.#call?.resume()
      this.#full = false
      if (!this.#stalled) this.#watch.arm(this.#times.maxDurationMs, 'end')
    }
  }

  #end({ bytes, fault }: { readonly bytes: Buffer | null; readonly fault: UpstreamFault | null }): void {
    this.#last = null
    if (bytes !== null) {
      this.#firstByteAtMs ??= this.#clock.now()
      this.#bytes += bytes.length
    }
    this.#exchange.end(bytes ?? undefined)
    this.#finish('sent', fault)
  }

  #lost(fault: UpstreamFault, reason?: 'timeout'): void {
    if (this.#ended || this.#last !== null) return
    this.#call?.abort(reason)
    if (this.#stream !== null) this.#closeStream(this.#stream, fault)
    else this.#answer(this.#plan.fault(fault), fault)
  }

  #expired(wait: Wait): void {
    if (wait === 'end') {
      // There is no more time to drip.
      this.#drip?.flush()
      if (this.#last !== null) return this.#end(this.#last)
    }
    if (wait !== 'client stall') {
      // An answer that is only too long is not its upstream's failure.
      const reason = wait === 'end' ? undefined : 'timeout'
      return this.#lost({ kind: 'timeout', detail: `no ${wait} in time`, sent: true }, reason)
    }
    this.#call?.abort()
    this.#exchange.destroy()
    return this.#finish('gone', null)
  }

  #left(): void {
    this.#call?.abort()
    this.#finish('gone', null)
  }

  #finish(client: 'sent' | 'gone', fault: UpstreamFault | null): void {
    if (this.#ended) return
    this.#ended = true
    this.#watch.stop()
    const unsentBytes = (this.#drip?.bytes ?? 0) + (this.#last?.bytes?.length ?? 0)
    this.#drip?.stop()
    this.#resolve({
      client,
      fault,
      status: this.#status,
      by: this.#by,
      bytes: this.#bytes,
      unsentBytes,
      firstByteAtMs: this.#firstByteAtMs,
    })
  }

  /** A bug in the plan must not be lost inside an upstream's callback: both sides end, and the caller hears of it. */
  #guard(run: () => void): void {
    if (this.#ended) return
    try {
      run()
    } catch (error) {
      this.#ended = true
      this.#watch.stop()
      this.#drip?.stop()
      this.#call?.abort()
      this.#reject(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

/** How long an upstream may take to end after it has said so. */
const DRAIN_MS = 2000
