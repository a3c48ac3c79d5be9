import type { BodyFault, ClientCertificate, Exchange } from '../core/exchange.ts'
import { err, ok, type Result } from '../core/result.ts'

export interface MemoryRequest {
  readonly id: string
  readonly receivedAtMs: number
  readonly method?: string
  readonly target?: string
  /** In the order in which they are sent. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly peerAddress?: string
  readonly clientCertificate?: ClientCertificate | null
}

/** The other end of an in-memory exchange: what a client would have received, and its chance to leave. */
export interface MemoryExchange extends Exchange {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly received: Buffer
  /** How the answer ended for the client: not yet, properly, or by a broken connection. */
  readonly ending: 'open' | 'end' | 'broken'
  leave(): void
}

/** An exchange without a network: the transport of tests and of the lab. */
export function memoryExchange(request: MemoryRequest): MemoryExchange {
  const headers = new Map(Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? new Uint8Array())
  const parts: Uint8Array[] = []
  let onGone: (() => void) | null = null
  const exchange = {
    id: request.id,
    receivedAtMs: request.receivedAtMs,
    method: request.method ?? 'POST',
    target: request.target ?? '/v1/chat/completions',
    peerAddress: request.peerAddress ?? '127.0.0.1',
    status: 0,
    headers: {} as Readonly<Record<string, string>>,
    started: false,
    gone: false,
    ending: 'open' as 'open' | 'end' | 'broken',
    header: (name: string) => headers.get(name),
    headerNames: [...headers.keys()],
    clientCertificate: request.clientCertificate ?? null,
    readBody: (maxBytes: number): Promise<Result<Uint8Array, BodyFault>> =>
      Promise.resolve(body.length > maxBytes ? err('too_large') : ok(body)),
    forget() {},
    start(status: number, answerHeaders: Readonly<Record<string, string>>) {
      exchange.started = true
      exchange.status = status
      exchange.headers = answerHeaders
    },
    write(bytes: Uint8Array) {
      if (!exchange.gone) parts.push(bytes)
      return true
    },
    onDrain() {},
    end(bytes?: Uint8Array) {
      if (exchange.gone) return
      if (bytes !== undefined) parts.push(bytes)
      exchange.ending = 'end'
    },
    destroy() {
      exchange.ending = 'broken'
    },
    onGone(fn: () => void) {
      onGone = fn
    },
    leave() {
      if (exchange.ending !== 'open' || exchange.gone) return
      exchange.gone = true
      onGone?.()
    },
    get received() {
      return Buffer.concat(parts)
    },
  }
  return exchange
}
