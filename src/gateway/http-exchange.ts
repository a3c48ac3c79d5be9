import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BodyFault, Exchange } from '../core/exchange.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Clock } from '../core/clock.ts'

/** An exchange over node:http. `malformed` tells it that the parser gave up on the rest of its request. */
export function httpExchange(
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  clock: Clock,
): Exchange & { malformed(): void } {
  const receivedAtMs = clock.now()
  let gone = false
  let onGone: (() => void) | null = null
  response.once('close', () => {
    if (response.writableFinished) return
    gone = true
    onGone?.()
  })
  return {
    id,
    receivedAtMs,
    method: request.method ?? '',
    target: request.url ?? '',
    peerAddress: request.socket.remoteAddress ?? '',
    get headerNames() {
      return request.rawHeaders.filter((_, i) => i % 2 === 0)
    },
    header(name) {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    readBody: (maxBytes, timeoutMs) => readBody(request, maxBytes, timeoutMs, clock),
    malformed: () => void request.emit(MALFORMED),
    start(status, headers) {
      if (!gone) response.writeHead(status, headers)
    },
    write: (bytes) => gone || response.write(bytes),
    onDrain: (fn) => void response.on('drain', fn),
    end(bytes) {
      if (gone) return
      if (bytes === undefined) response.end()
      else response.end(bytes)
    },
    destroy: () => void response.destroy(),
    get started() {
      return response.headersSent
    },
    get gone() {
      return gone
    },
    onGone(fn) {
      onGone = fn
    },
  }
}

/** An event of our own on a request, beside node's. */
const MALFORMED = 'weir:malformed'

function readBody(
  request: IncomingMessage,
  maxBytes: number,
  timeoutMs: number,
  clock: Clock,
): Promise<Result<Uint8Array, BodyFault>> {
  // An honest client says how much is coming; one that says too much need not send it.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(err('too_large'))
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let bytes = 0
    const cancel = clock.after(timeoutMs, () => settle(err('timeout')))
    const settle = (result: Result<Uint8Array, BodyFault>): void => {
      cancel()
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('close', onClose)
      request.off(MALFORMED, onMalformed)
      // What still comes is thrown away, so that the client can read our answer.
      if (!result.ok) request.resume()
      resolve(result)
    }
    const onData = (part: Buffer): void => {
      bytes += part.length
      if (bytes > maxBytes) settle(err('too_large'))
      else parts.push(part)
    }
    const onEnd = (): void => settle(ok(parts.length === 1 ? parts[0]! : Buffer.concat(parts, bytes)))
    const onClose = (): void => settle(err('aborted'))
    const onMalformed = (): void => settle(err('malformed'))
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('close', onClose)
    request.on(MALFORMED, onMalformed)
  })
}
