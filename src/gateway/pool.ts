import type { IncomingHttpHeaders } from 'node:http'
import { Pool, type Dispatcher } from 'undici'
import type { Clock } from '../core/clock.ts'
import type { Upstream, UpstreamCall, UpstreamFault, UpstreamRequest, UpstreamSink } from '../core/upstream.ts'
import { EqualServers, type EqualServer } from './equal-servers.ts'

export interface PoolOptions {
  readonly name: string
  /**
   * Servers that are equal to each other: with the version segment, without a trailing slash. The only hosts this
   * upstream ever talks to, and so the only ones that see its key: a redirect is an answer like any other.
   */
  readonly baseUrls: readonly string[]
  /** The key of requests that bring none of their own; null: those go without. */
  readonly apiKey: string | null
  readonly tls: UpstreamTls | null
  /** To each server. */
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly clock: Clock
}

/** PEM texts: the authorities trusted in place of the usual ones, and the certificate that is shown to the server. */
export interface UpstreamTls {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
}

interface Server {
  readonly pool: Pool
  readonly prefix: string
}

/**
 * An upstream behind HTTP. Uses the dispatcher's own callbacks: streams and promises on top of them cost more than
 * everything else that is done with a chunk. Time-outs after connecting are the relay's, which has the clock.
 */
export function createPoolUpstream(options: PoolOptions): Upstream {
  const { name, apiKey, clock } = options
  const servers = new EqualServers(options.baseUrls.map((baseUrl) => openServer(baseUrl, options)))
  return {
    name,
    send(request, sink) {
      const server = servers.pick(clock.now())
      const { pool, prefix } = server.value
      const call = new PoolCall(server, sink, clock)
      pool.dispatch(
        {
          method: request.method,
          path: prefix + request.path,
          headers: withCredential(request, apiKey),
          body: request.body,
        },
        call,
      )
      return call
    },
    close: async () => void (await Promise.all(servers.all.map(({ value }) => value.pool.close()))),
  }
}

function openServer(baseUrl: string, { connections, connectTimeoutMs, tls }: PoolOptions): Server {
  const url = new URL(baseUrl)
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1,
    // One request to a connection: only then can a fault say for certain whether its request was sent, and breaking one
    // off stops the server at once.
    allowH2: false,
    connect: { timeout: connectTimeoutMs, ...pemOf(tls) },
    headersTimeout: 0,
    bodyTimeout: 0,
    // A keep-alive connection that the upstream closes in the same moment would look like a dead upstream.
    keepAliveTimeout: 4000,
  })
  return { pool, prefix: url.pathname === '/' ? '' : url.pathname }
}

const pemOf = (tls: UpstreamTls | null): { ca?: string[]; cert?: string; key?: string } => ({
  // In a list, so that an empty text means that nobody is trusted; alone, node would take it for "the usual ones".
  ...(tls === null || tls.ca === null ? {} : { ca: [tls.ca] }),
  ...(tls === null || tls.cert === null ? {} : { cert: tls.cert }),
  ...(tls === null || tls.key === null ? {} : { key: tls.key }),
})

/** A client's own key, even an empty one, is never replaced by ours: it would have our account pay. */
function withCredential({ headers, credential, keyStyle }: UpstreamRequest, apiKey: string | null): Headers {
  const key = credential ?? apiKey
  if (key === null) return headers
  return keyStyle === 'bearer' ? { ...headers, authorization: `Bearer ${key}` } : { ...headers, [keyStyle]: key }
}

type Headers = Readonly<Record<string, string>>

/** One request under way. A class, because one is made for every request: methods need no making. */
class PoolCall implements UpstreamCall, Dispatcher.DispatchHandler {
  readonly #server: EqualServer<Server>
  readonly #sink: UpstreamSink
  readonly #clock: Clock
  #controller: Dispatcher.DispatchController | null = null
  #over = false
  #aborted = false
  #pauseEarly = false

  constructor(server: EqualServer<Server>, sink: UpstreamSink, clock: Clock) {
    this.#server = server
    this.#sink = sink
    this.#clock = clock
    server.enter()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#server.connected()
    if (this.#over) controller.abort(new Error('aborted'))
    else if (this.#pauseEarly) controller.pause()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 1xx answers are not the answer.
    if (!this.#over && status >= 200) this.#sink.onHead(status, single(headers))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#sink.onData(chunk)
  }

  onResponseEnd(): void {
    if (!this.#end()) return
    this.#sink.onEnd()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const fault = faultOf(error, this.#controller !== null)
    // Also where nobody waits for the answer any more: the server is out of reach for the next one too.
    if (!fault.sent && fault.kind !== 'protocol') this.#server.failed(this.#clock.now())
    if (!this.#end()) return
    // Errors before anything was sent arrive while `send` is still running.
    queueMicrotask(() => {
      if (!this.#aborted) this.#sink.onFault(fault)
    })
  }

  abort(): void {
    this.#aborted = true
    if (this.#end()) this.#controller?.abort(new Error('aborted'))
  }

  pause(): void {
    if (this.#controller === null) this.#pauseEarly = true
    else this.#controller.pause()
  }

  resume(): void {
    this.#pauseEarly = false
    this.#controller?.resume()
  }

  /** False if it was over before. */
  #end(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#server.left()
    return true
  }
}

/** A header that is sent twice has no one meaning; its first value is the one that came first. */
function single(headers: IncomingHttpHeaders): Readonly<Record<string, string | undefined>> {
  for (const name in headers) if (Array.isArray(headers[name])) headers[name] = headers[name][0]
  return headers as Record<string, string | undefined>
}

/** The dispatcher's refusals of a request that cannot be sent to anybody: they say nothing of the server. */
const unsendable: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
])

/** `sent`: the dispatcher had a connection and began to write. */
function faultOf(error: Error, sent: boolean): UpstreamFault {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const detail = `${code}: ${error.message}`
  if (!sent) {
    if (unsendable.has(code)) return { kind: 'protocol', detail, sent }
    // A name that cannot be resolved, a refused connection, a certificate that is not accepted.
    return { kind: code === 'UND_ERR_CONNECT_TIMEOUT' ? 'timeout' : 'unreachable', detail, sent }
  }
  // The parser's own errors have a code only some of the time.
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return { kind: 'protocol', detail, sent }
  return { kind: 'dropped', detail, sent }
}
