import type { Cancel, Clock } from '../core/clock.ts'
import type { Upstream, UpstreamCall, UpstreamRequest, UpstreamSink } from '../core/upstream.ts'
import { makeAnswer, streamGroups, wholeBody } from './demo-answer.ts'
import { demoModels, readDemoRequest, type DemoProblem, type DemoRequest } from './demo-request.ts'
import { createSecretFunction } from './secret-function.ts'

/**
 * An upstream inside the process that speaks OpenAI's chat dialect: the demo's model, and the one that tests and the lab
 * measure with. It is deterministic by seed and counts its own tokens exactly. It is no language model and says so; what
 * makes it worth stealing is a private labelling of texts.
 *
 * A directive in the last user message steers it, `[[demo: key=value flag ...]]`:
 * `status=429|500|…` error answer, `delay_ms=N` before the first byte, `pace_tps=N` tokens per second, `drop_after=N` and
 * `stall_after=N` tokens, `tokens=N` length; flags `no_usage`, `zero_usage`, `bad_json`, `crlf`, `no_done`, `error_event`.
 */
export interface DemoModelOptions {
  readonly clock: Clock
  readonly seed: string
  readonly name?: string
  /** Before the first byte, and between tokens; 0 is as fast as it goes. */
  readonly firstByteMs?: number
  readonly tokensPerSecond?: number
}

/** An answer as it is sent: bytes, and how many tokens they carry. */
interface Piece {
  readonly tokens: number
  readonly bytes: Buffer
}

const JSON_HEADERS = { 'content-type': 'application/json' }

export function createDemoModel(options: DemoModelOptions): Upstream {
  const secret = createSecretFunction(options.seed)
  let served = 0
  return {
    name: options.name ?? 'demo',
    send(request, sink) {
      const player = new Player(options.clock, sink)
      if (request.method === 'GET') {
        const { status, body } = models(request.path)
        player.play(status, JSON_HEADERS, [{ tokens: 0, bytes: Buffer.from(JSON.stringify(body)) }], 0, 0)
        return player
      }
      const read = readDemoRequest(request.body)
      const problem = problemOf(request, read)
      if (problem !== null) {
        const headers = problem.status === 429 ? { ...JSON_HEADERS, 'retry-after': '2' } : JSON_HEADERS
        player.play(problem.status, headers, [{ tokens: 0, bytes: errorBody(problem) }], 0, 0)
        return player
      }
      const asked = read as DemoRequest
      const answer = makeAnswer(asked, secret, options.seed, served++, options.clock.now())
      const { directive } = asked
      const tps = directive.tokensPerSecond ?? options.tokensPerSecond ?? 0
      player.dropAfter = directive.dropAfter
      player.stallAfter = directive.stallAfter
      const firstByteMs = directive.delayMs ?? options.firstByteMs ?? 0
      if (asked.stream) {
        player.play(
          200,
          { 'content-type': 'text/event-stream; charset=utf-8' },
          streamPieces(asked, answer),
          firstByteMs,
          tps,
        )
      } else {
        const text = JSON.stringify(wholeBody(asked, answer))
        const bytes = Buffer.from(directive.flags.has('bad_json') ? text.slice(0, -20) : text)
        const tokens = answer.choices.reduce((sum, choice) => sum + choice.tokens.length, 0)
        const generationMs = tps === 0 ? 0 : (tokens * 1000) / tps
        // Half the body before a fault, so that a reader has something to lose.
        const half = Math.floor(bytes.length / 2)
        const halves = [
          { tokens: 0, bytes: bytes.subarray(0, half) },
          { tokens, bytes: bytes.subarray(half) },
        ]
        player.play(200, JSON_HEADERS, halves, firstByteMs + generationMs, 0)
      }
      return player
    },
    close: () => Promise.resolve(),
  }
}

function* streamPieces(request: DemoRequest, answer: ReturnType<typeof makeAnswer>): Generator<Piece> {
  const { flags } = request.directive
  const end = flags.has('crlf') ? '\r\n\r\n' : '\n\n'
  let sent = 0
  for (const { tokens, events } of streamGroups(request, answer)) {
    let text = events.map((event) => `data: ${event}${end}`).join('')
    if (sent === 3 && flags.has('bad_json')) text = `data: {"id":"broken${end}`
    if (sent === 3 && flags.has('error_event')) {
      text = `data: ${JSON.stringify({ error: { message: 'The demo was asked to fail.', type: 'server_error', code: 'demo' } })}${end}`
    }
    sent++
    yield { tokens, bytes: Buffer.from(text) }
  }
}

/** Plays pieces in time. After `abort` nothing is called and no timer is left. */
class Player implements UpstreamCall {
  dropAfter: number | null = null
  stallAfter: number | null = null
  readonly #clock: Clock
  readonly #sink: UpstreamSink
  #cancel: Cancel | null = null
  #over = false
  #paused = false
  #waiting: (() => void) | null = null

  constructor(clock: Clock, sink: UpstreamSink) {
    this.#clock = clock
    this.#sink = sink
  }

  play(
    status: number,
    headers: Readonly<Record<string, string>>,
    pieces: Iterable<Piece>,
    firstByteMs: number,
    tps: number,
  ): void {
    const iterator = pieces[Symbol.iterator]()
    let sent = 0
    const step = (): void => {
      // A pace above one token a millisecond sends several in one turn.
      const startMs = this.#clock.now()
      let budget = tps === 0 ? 64 : Math.max(1, Math.round(tps / 1000))
      while (budget > 0 && !this.#over) {
        const { value, done } = iterator.next()
        if (done === true) return this.#end()
        if (this.stallAfter !== null && sent + value.tokens > this.stallAfter) return
        if (this.dropAfter !== null && sent + value.tokens > this.dropAfter) return this.#drop()
        sent += value.tokens
        budget -= Math.max(1, value.tokens)
        this.#sink.onData(value.bytes)
        if (this.#paused) break
      }
      if (!this.#over) this.#next(tps === 0 ? 0 : Math.max(1, 1000 / tps) - (this.#clock.now() - startMs), step)
    }
    this.#next(firstByteMs, () => {
      this.#sink.onHead(status, headers)
      step()
    })
  }

  #next(delayMs: number, fn: () => void): void {
    const run = (): void => {
      if (this.#over) return
      this.#cancel = null
      if (this.#paused) this.#waiting = fn
      else fn()
    }
    if (delayMs <= 0) queueMicrotask(run)
    else this.#cancel = this.#clock.after(delayMs, run)
  }

  #end(): void {
    this.#over = true
    this.#sink.onEnd()
  }

  #drop(): void {
    this.#over = true
    this.#sink.onFault({ kind: 'dropped', detail: 'the demo was asked to drop', sent: true })
  }

  abort(): void {
    this.#over = true
    this.#cancel?.()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    const fn = this.#waiting
    this.#waiting = null
    if (fn !== null) this.#next(0, fn)
  }
}

function problemOf(request: UpstreamRequest, read: DemoRequest | DemoProblem): DemoProblem | null {
  if (request.path !== '/chat/completions') return { status: 404, message: 'Unknown URL.', code: 'unknown_url' }
  if ('message' in read) return read
  const { status } = read.directive
  return status === null ? null : { status, message: `The demo was asked to answer with ${status}.`, code: 'demo' }
}

const errorBody = ({ status, message, code }: DemoProblem): Buffer =>
  Buffer.from(
    JSON.stringify({
      error: { message, type: status >= 500 ? 'server_error' : 'invalid_request_error', param: null, code },
    }),
  )

function models(path: string): { status: number; body: object } {
  const entry = (id: string): object => ({ id, object: 'model', created: 1_767_225_600, owned_by: 'weir-demo' })
  if (path === '/models') return { status: 200, body: { object: 'list', data: demoModels.map(entry) } }
  const id = path.slice('/models/'.length)
  if ((demoModels as readonly string[]).includes(id)) return { status: 200, body: entry(id) }
  return {
    status: 404,
    body: {
      error: {
        message: `The model '${id}' does not exist.`,
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_found',
      },
    },
  }
}
