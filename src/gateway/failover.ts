import type { Upstream, UpstreamCall, UpstreamFault, UpstreamRequest, UpstreamSink } from '../core/upstream.ts'
import type { Breaker } from './breaker.ts'

export interface FailoverTarget {
  readonly upstream: Upstream
  /** The target's own, wherever else the target is used. */
  readonly breaker: Breaker
}

export interface FailoverOptions {
  readonly name: string
  /** In order of preference. */
  readonly targets: readonly FailoverTarget[]
}

/** With these a server says that it has not carried the request out; 529 is Anthropic's `overloaded_error`. */
const notCarriedOut: ReadonlySet<number> = new Set([429, 502, 503, 529])
/** With these it says that something is wrong with it, not with the request. */
const failing: ReadonlySet<number> = new Set([500, 502, 503, 504, 529])

/**
 * Several upstreams as one: what the first cannot take goes to the next. Only where that is safe: once a request was sent
 * and no answer says otherwise, a model may be generating, and a second attempt would be billed a second time.
 */
export function createFailover(options: FailoverOptions): Upstream {
  return {
    name: options.name,
    send(request, sink) {
      const call = new FailoverCall(options, request, sink)
      call.start()
      return call
    },
    // The targets are closed by whoever opened them.
    close: () => Promise.resolve(),
  }
}

/** One request under way, to one target after the other. A class, because one is made for every request. */
class FailoverCall implements UpstreamCall, UpstreamSink {
  readonly #options: FailoverOptions
  readonly #request: UpstreamRequest
  readonly #sink: UpstreamSink
  #call: UpstreamCall | null = null
  #at = -1
  #retried = false
  /** Of the breaker, when it allowed the attempt that is under way. */
  #turn = 0
  /** What the breaker has heard of the attempt that is under way. */
  #told: 'nothing' | 'success' | 'other' = 'nothing'
  /** A target has seen the request. */
  #seen = false
  /** An answer goes to the client: there is no other attempt from here on. */
  #answering = false
  #over = false
  #paused = false
  /** Attempts that came to nothing, for the operator. */
  #trail = ''

  constructor(options: FailoverOptions, request: UpstreamRequest, sink: UpstreamSink) {
    this.#options = options
    this.#request = request
    this.#sink = sink
  }

  start(): void {
    if (this.#choose()) return this.#send()
    const detail = `no target of ${this.#options.name} is in service`
    // Nothing is told before `send` has returned.
    return queueMicrotask(() => this.#fail({ kind: 'unreachable', detail, sent: false }))
  }

  onHead(status: number, headers: Readonly<Record<string, string | undefined>>, by?: string): void {
    if (this.#over) return
    if (failing.has(status)) this.#failed()
    else if (status >= 400 && status < 500) this.#undecided()
    else this.#succeeded()
    const attempt = this.#call
    const { name } = this.#target.upstream
    if (notCarriedOut.has(status) && !this.#answering && this.#choose()) {
      this.#note(name, `status ${status}`)
      this.#seen = true
      attempt?.abort()
      this.#again()
      return
    }
    this.#answering = true
    this.#sink.onHead(status, headers, by ?? name)
  }

  onData(bytes: Uint8Array): void {
    if (!this.#over) this.#sink.onData(bytes)
  }

  onEnd(): void {
    if (this.#over) return
    // An answer without a head is none.
    this.#failed()
    this.#over = true
    this.#sink.onEnd()
  }

  onFault(fault: UpstreamFault): void {
    if (this.#over) return
    // What could not be sent to anybody is no target's fault, and a client must not close one for all others with it.
    const unsendable = fault.kind === 'protocol' && !fault.sent
    if (unsendable) this.#undecided()
    else this.#failed(true)
    const { name } = this.#target.upstream
    this.#note(name, fault.detail)
    const safe = !fault.sent && !unsendable && !this.#answering
    if (safe && (this.#choose() || this.#chooseAgain())) this.#again()
    else this.#fail({ ...fault, detail: this.#trail, sent: fault.sent || this.#seen })
  }

  abort(reason?: 'timeout'): void {
    if (this.#over) return
    this.#over = true
    if (this.#call === null) return
    if (reason === 'timeout') this.#failed(true)
    else this.#undecided()
    this.#call.abort(reason)
  }

  pause(): void {
    this.#paused = true
    this.#call?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#call?.resume()
  }

  get #target(): FailoverTarget {
    return this.#options.targets[this.#at]!
  }

  /** A key of the client's own is a key of the first target: another one might belong to somebody else. */
  get #choices(): number {
    return this.#request.credential === null ? this.#options.targets.length : 1
  }

  /** Moves on to the next target whose breaker allows it; stays where it is if there is none. */
  #choose(): boolean {
    for (let at = this.#at + 1; at < this.#choices; at++) {
      if (this.#options.targets[at]!.breaker.allows()) {
        this.#at = at
        return true
      }
    }
    return false
  }

  /** Where there is no other target, the same one gets a second chance: it may have several servers. */
  #chooseAgain(): boolean {
    if (this.#retried || this.#choices > 1) return false
    this.#retried = true
    return this.#target.breaker.allows()
  }

  #send(): void {
    const { upstream, breaker } = this.#target
    this.#turn = breaker.turn
    this.#told = 'nothing'
    try {
      this.#call = upstream.send(this.#request, this)
    } catch (error) {
      // A bug; but the one trial of a breaker must not be lost to it.
      this.#undecided()
      throw error
    }
    if (this.#paused) this.#call.pause()
  }

  /** Called from within an upstream's callback, where an exception would have no one to catch it. */
  #again(): void {
    try {
      this.#send()
    } catch (error) {
      this.#note(this.#target.upstream.name, String(error))
      this.#fail({ kind: 'dropped', detail: this.#trail, sent: true })
    }
  }

  #fail(fault: UpstreamFault): void {
    if (this.#over) return
    this.#over = true
    this.#sink.onFault(fault)
  }

  #succeeded(): void {
    if (this.#told !== 'nothing') return
    this.#told = 'success'
    this.#target.breaker.success(this.#turn)
  }

  #undecided(): void {
    if (this.#told !== 'nothing') return
    this.#told = 'other'
    this.#target.breaker.undecided(this.#turn)
  }

  /** `late`: also after a head that looked like success. */
  #failed(late = false): void {
    const told = this.#told
    if (told === 'other' || (told === 'success' && !late)) return
    this.#told = 'other'
    this.#target.breaker.failure(this.#turn, told === 'success')
  }

  #note(name: string, what: string): void {
    this.#trail += `${this.#trail === '' ? '' : '; '}${name}: ${what}`
  }
}
