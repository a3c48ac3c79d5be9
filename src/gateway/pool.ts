import type { IncomingHttpHeaders } from 'node:http'
import { Pool, type Dispatcher } from 'undici'
import type { Upstream, UpstreamFault } from '../core/upstream.ts'

export interface PoolOptions {
  readonly name: string
  /** With the version segment, without a trailing slash. The only host this upstream ever talks to. */
  readonly baseUrl: string
  readonly connections: number
  readonly connectTimeoutMs: number
}

/**
 * An upstream behind HTTP. Uses the dispatcher's own callbacks: streams and promises on top of them cost more than
 * everything else that is done with a chunk. Time-outs after connecting are the relay's, which has the clock.
 */
export function createPoolUpstream(options: PoolOptions): Upstream {
  const url = new URL(options.baseUrl)
  const prefix = url.pathname === '/' ? '' : url.pathname
  const pool = new Pool(url.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    // A keep-alive connection that the upstream closes in the same moment would look like a dead upstream.
    keepAliveTimeout: 4000,
  })
  return {
    name: options.name,
    send(request, sink) {
      let controller: Dispatcher.DispatchController | null = null
      let over = false
      let aborted = false
      let pauseEarly = false
      pool.dispatch(
        {
          method: request.method,
          path: prefix + request.path,
          headers: request.headers,
          body: request.body,
        },
        {
          onRequestStart(control) {
            controller = control
            if (over) control.abort(new Error('aborted'))
            else if (pauseEarly) control.pause()
          },
          onResponseStart(_control, status, headers) {
            // 1xx answers are not the answer.
            if (!over && status >= 200) sink.onHead(status, single(headers))
          },
          onResponseData(_control, chunk) {
            if (!over) sink.onData(chunk)
          },
          onResponseEnd() {
            if (over) return
            over = true
            sink.onEnd()
          },
          onResponseError(_control, error) {
            if (over) return
            over = true
            // Errors before anything was sent arrive while `send` is still running.
            queueMicrotask(() => {
              if (!aborted) sink.onFault(faultOf(error))
            })
          },
        },
      )
      return {
        abort() {
          aborted = true
          if (over) return
          over = true
          controller?.abort(new Error('aborted'))
        },
        pause() {
          if (controller === null) pauseEarly = true
          else controller.pause()
        },
        resume() {
          pauseEarly = false
          controller?.resume()
        },
      }
    },
    close: () => pool.close(),
  }
}

/** A header that is sent twice has no one meaning; its first value is the one that came first. */
function single(headers: IncomingHttpHeaders): Readonly<Record<string, string | undefined>> {
  for (const name in headers) if (Array.isArray(headers[name])) headers[name] = headers[name][0]
  return headers as Record<string, string | undefined>
}

const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

function faultOf(error: Error): UpstreamFault {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const detail = `${code}: ${error.message}`
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return { kind: 'timeout', detail }
  if (unreachable.has(code)) return { kind: 'unreachable', detail }
  // The parser's own errors have a code only some of the time.
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return { kind: 'protocol', detail }
  return { kind: 'dropped', detail }
}
