import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../core/clock.ts'
import type { Exchange } from '../core/exchange.ts'
import type { NextId } from '../core/ids.ts'
import { HttpExchange } from './http-exchange.ts'

/**
 * HTTP mechanics of the data plane and no policy: it makes exchanges out of requests and hands them on. What node's
 * strict parser refuses (conflicting lengths, bad chunking, stray line ends) never becomes an exchange.
 */
export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  readonly nextId: NextId
  readonly bodyTimeoutMs: number
  /** Takes every exchange. Must not reject. */
  handle(exchange: Exchange): Promise<void>
  /** A request that could not be parsed: `status` and the body to answer it with, already counted by the callee. */
  unparsable(
    code: string,
    id: string,
    peerAddress: string,
  ): { status: number; headers: Readonly<Record<string, string>>; body: Uint8Array }
}

export interface RunningServer {
  readonly url: string
  /** Stops taking connections, waits for exchanges up to `graceMs`, then breaks what is left. */
  close(graceMs: number): Promise<void>
}

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { clock, nextId } = options
  /** The latest request of each connection, for errors in the middle of it. */
  const latest = new WeakMap<
    Duplex,
    { readonly request: IncomingMessage; readonly response: ServerResponse; readonly exchange: HttpExchange }
  >()
  const server = createServer(
    {
      keepAliveTimeout: 65_000,
      headersTimeout: 15_000,
      // Slow bodies are answered by the pipeline; this is the net under it.
      requestTimeout: options.bodyTimeoutMs + 20_000,
      maxHeaderSize: 16_384,
      // Checked below, where the refusal is counted (RFC 9112, 3.2).
      requireHostHeader: false,
      noDelay: true,
    },
    (request, response) => {
      request.on('error', () => {})
      response.on('error', () => {})
      if (request.headers.host === undefined && request.httpVersion === '1.1') {
        const { status, headers, body } = options.unparsable('no_host', nextId(), request.socket.remoteAddress ?? '')
        response.writeHead(status, { ...headers, connection: 'close' }).end(body)
        return
      }
      const exchange = new HttpExchange(request, response, nextId(), clock)
      latest.set(request.socket, { request, response, exchange })
      void options.handle(exchange).then(() => linger(request, clock))
    },
  )
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    const known = latest.get(socket)
    if (known !== undefined && !known.request.complete) {
      // The request was under way: it is answered and counted as the exchange that it already is.
      known.exchange.malformed()
      return setImmediate(() => socket.destroySoon())
    }
    if (error.code === 'ECONNRESET') return socket.destroy()
    const { status, headers, body } = options.unparsable(error.code ?? 'unknown', nextId(), socket.remoteAddress ?? '')
    // In the middle of another answer nothing can be said.
    if (!socket.writable || known?.response.writableEnded === false) return socket.destroy()
    const lines = Object.entries({ ...headers, connection: 'close' })
    socket.write(
      `HTTP/1.1 ${status} ${statusText[status] ?? 'Error'}\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`,
    )
    return socket.end(body)
  })
  await listen(server, options.host, options.port)
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    close: (graceMs) => closeServer(server, graceMs, clock),
  }
}

const statusText: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
}

/** How much of a refused body is still taken in, and for how long, so that its sender gets to read our answer. */
const LINGER_BYTES = 64 * 1024 * 1024
const LINGER_MS = 5000

/** Closing at once would reset the connection under a client that is still sending, and our answer with it. */
function linger(request: IncomingMessage, clock: Clock): void {
  if (request.complete || request.destroyed) return
  let left = LINGER_BYTES
  const cancel = clock.after(LINGER_MS, () => request.destroy())
  request.on('data', (part: Buffer) => {
    left -= part.length
    if (left < 0) request.destroy()
  })
  request.once('close', cancel)
  request.resume()
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closeServer(server: Server, graceMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(graceMs, () => server.closeAllConnections())
    server.close(() => {
      cancel()
      resolve()
    })
    server.closeIdleConnections()
  })
}
