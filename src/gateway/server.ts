import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../core/clock.ts'
import type { Exchange } from '../core/exchange.ts'
import type { NextId } from '../core/ids.ts'
import { HttpExchange } from './http-exchange.ts'
import { createListener, type Listener, type ListenerTls } from './tls.ts'

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
  /** null: plain HTTP. */
  readonly tls: ListenerTls | null
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
  /**
   * Puts other certificates in force for new connections; those that are open stay as they are. Gives what is wrong with
   * them, and then leaves the old ones in force.
   */
  setTls(next: ListenerTls | null): string | null
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
  const listener = createListener(
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
    options.tls,
    (request, response) => {
      request.on('error', ignore)
      response.on('error', ignore)
      if (request.headers.host === undefined && request.httpVersion === '1.1') {
        const { status, headers, body } = options.unparsable('no_host', nextId(), request.socket.remoteAddress ?? '')
        response.writeHead(status, { ...headers, connection: 'close' }).end(body)
        return
      }
      const exchange = new HttpExchange(request, response, nextId(), clock, listener.certificates)
      latest.set(request.socket, { request, response, exchange })
      void options.handle(exchange).then(() => linger(request, clock))
    },
  )
  const { server, scheme } = listener
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
    url: `${scheme}://${host}:${port}`,
    setTls: listener.setTls,
    close: (graceMs) => closeServer(listener, graceMs, clock),
  }
}

/** What goes wrong on a socket shows in its exchange. */
const ignore = (): void => {}

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

function closeServer({ server, breakAll }: Listener, graceMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(graceMs, breakAll)
    server.close(() => {
      cancel()
      resolve()
    })
    server.closeIdleConnections()
  })
}
