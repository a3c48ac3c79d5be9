import type { Cancel, Clock } from '../core/clock.ts'
import type { Exchange } from '../core/exchange.ts'
import type { Upstream, UpstreamCall, UpstreamFault, UpstreamRequest, UpstreamSink } from '../core/upstream.ts'

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
  readonly bytes: number
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
  return new Promise((resolve, reject) => {
    let call: UpstreamCall | null = null
    let stream: StreamPlan | null = null
    let head: { status: number; headers: Headers } | null = null
    let whole: Buffer[] = []
    let bytes = 0
    let status = 0
    let firstByteAtMs: number | null = null
    let ended = false
    let paused = false
    let draining: Cancel | null = null

    const watch = createWatch(clock, (wait) => guard(expired)(wait))
    const finish = (client: 'sent' | 'gone', fault: UpstreamFault | null): void => {
      if (ended) return
      ended = true
      watch.stop()
      resolve({ client, fault, status, bytes, firstByteAtMs })
    }
    const send = (chunk: Uint8Array): void => {
      firstByteAtMs ??= clock.now()
      bytes += chunk.length
      if (!exchange.write(chunk) && !paused) {
        paused = true
        call?.pause()
        watch.arm(times.stallMs, 'client stall')
      }
    }
    const answer = ({ status: code, headers, body }: WholeAnswer, fault: UpstreamFault | null): void => {
      if (ended) return
      status = code
      firstByteAtMs = clock.now()
      bytes = body.length
      exchange.start(code, headers)
      exchange.end(body)
      finish('sent', fault)
    }
    const closeStream = (why: 'over' | 'ended' | UpstreamFault): void => {
      if (ended) return
      const { bytes: last, destroy } = stream!.close(why)
      if (last !== null && !destroy) {
        firstByteAtMs ??= clock.now()
        bytes += last.length
      }
      if (destroy) exchange.destroy()
      else exchange.end(last ?? undefined)
      finish('sent', typeof why === 'string' ? null : why)
    }
    const lost = (fault: UpstreamFault): void => {
      if (ended) return
      call?.abort()
      if (stream !== null) closeStream(fault)
      else answer(plan.fault(fault), fault)
    }
    const expired = (wait: Wait): void => {
      if (wait !== 'client stall') return lost({ kind: 'timeout', detail: `no ${wait} in time` })
      call?.abort()
      exchange.destroy()
      finish('gone', null)
    }

    /** A bug in the plan must not be lost inside an upstream's callback: both sides end, and the caller hears of it. */
    const guard =
      <A extends readonly unknown[]>(run: (...args: A) => void) =>
      (...args: A): void => {
        if (ended) return
        try {
          run(...args)
        } catch (error) {
          ended = true
          watch.stop()
          call?.abort()
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }

    exchange.onGone(() => {
      call?.abort()
      finish('gone', null)
    })
    exchange.onDrain(() => {
      if (!paused) return
      paused = false
      watch.arm(times.idleMs, 'next byte')
      call?.resume()
    })
    watch.limit(times.maxDurationMs, Math.min(times.firstByteMs, times.idleMs))
    watch.arm(times.firstByteMs, 'first byte')
    const sink: UpstreamSink = {
      onHead: guard((code, headers) => {
        watch.arm(times.idleMs, 'next byte')
        head = { status: code, headers }
        stream = plan.stream(code, headers)
        if (stream === null) return
        status = stream.status
        exchange.start(stream.status, stream.headers)
      }),
      onData: guard((data) => {
        const chunk = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
        if (!paused) watch.touch()
        if (stream === null) {
          bytes += chunk.length
          if (bytes > times.maxAnswerBytes) {
            bytes = 0
            whole = []
            lost({ kind: 'protocol', detail: `answer larger than ${times.maxAnswerBytes} bytes` })
          } else whole.push(chunk)
          return
        }
        const pass = stream.push(chunk)
        if (pass !== null) send(pass)
        if (stream.over === 'no') return
        // Breaking off an upstream that is about to end by itself would cost its connection.
        if (stream.over === 'finished') draining = clock.after(DRAIN_MS, () => call?.abort())
        else call?.abort()
        closeStream('over')
      }),
      onEnd() {
        draining?.()
        done()
      },
      onFault(fault) {
        draining?.()
        failed(fault)
      },
    }
    const failed = guard(lost)
    const done = guard(() => {
      if (stream !== null) closeStream('ended')
      else if (head === null) lost({ kind: 'protocol', detail: 'no answer head' })
      else answer(plan.whole(head.status, head.headers, whole.length === 1 ? whole[0]! : Buffer.concat(whole)), null)
    })
    guard(() => {
      call = upstream.send(request, sink)
      if (!exchange.gone) return
      call.abort()
      finish('gone', null)
    })()
  })
}

/** How long an upstream may take to end after it has said so. */
const DRAIN_MS = 2000

type Wait = 'first byte' | 'next byte' | 'client stall' | 'end'

interface Watch {
  /** Starts a wait of `ms` in place of the one that runs. */
  arm(ms: number, wait: Wait): void
  /** Starts the running wait over, at the price of reading the clock. */
  touch(): void
  /** A bound on the whole, and the shortest wait that will be armed: one timer then serves them all. */
  limit(ms: number, shortestMs: number): void
  stop(): void
}

/** One timer that is moved by writing down a time: a timer made anew for every chunk costs more than the chunk. */
function createWatch(clock: Clock, onExpired: (wait: Wait) => void): Watch {
  let deadlineMs = Number.MAX_SAFE_INTEGER
  let endMs = Number.MAX_SAFE_INTEGER
  let waitMs = 0
  let wait: Wait = 'end'
  let cancel: Cancel | null = null
  let firesAtMs = Number.MAX_SAFE_INTEGER

  const fire = (): void => {
    cancel = null
    const now = clock.now()
    if (now >= endMs) onExpired('end')
    else if (now >= deadlineMs) onExpired(wait)
    else schedule()
  }
  const schedule = (): void => {
    const at = Math.min(deadlineMs, endMs)
    if (cancel !== null && firesAtMs <= at) return
    cancel?.()
    firesAtMs = at
    cancel = clock.after(Math.max(0, at - clock.now()), fire)
  }
  return {
    arm(ms, what) {
      wait = what
      waitMs = ms
      deadlineMs = clock.now() + ms
      schedule()
    },
    touch() {
      deadlineMs = clock.now() + waitMs
    },
    limit(ms, shortestMs) {
      endMs = clock.now() + ms
      deadlineMs = clock.now() + shortestMs
      schedule()
    },
    stop() {
      cancel?.()
      cancel = null
    },
  }
}
