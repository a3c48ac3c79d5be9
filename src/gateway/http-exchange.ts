import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../core/clock.ts'
import type { BodyFault, ClientCertificate, Exchange } from '../core/exchange.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { ClientCertificates } from './tls.ts'

type Body = Result<Uint8Array, BodyFault>

/** For requests that were forgotten; shared, since there can be many. */
const noNames: string[] = []
const noHeaders = {}

/** An event of our own on a request, beside node's: its framing is broken. */
const MALFORMED = 'weir:malformed'

/** An exchange over node:http. A class, because one is made for every request and its methods need no making. */
export class HttpExchange implements Exchange {
  readonly id: string
  readonly receivedAtMs: number
  gone = false
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #clock: Clock
  readonly #certificates: ClientCertificates | null
  #malformed = false
  #headerNames: readonly string[] | null = null
  #onGone: (() => void) | null = null
  #onDrain: (() => void) | null = null
  #listensToDrain = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    clock: Clock,
    certificates: ClientCertificates | null,
  ) {
    this.id = id
    this.receivedAtMs = clock.now()
    this.#request = request
    this.#response = response
    this.#clock = clock
    this.#certificates = certificates
    // `once` would wrap it, for every request.
    response.on('close', () => {
      if (response.writableFinished || this.gone) return
      this.gone = true
      this.#onGone?.()
    })
  }

  get method(): string {
    return this.#request.method ?? ''
  }

  get target(): string {
    return this.#request.url ?? ''
  }

  get peerAddress(): string {
    return this.#request.socket.remoteAddress ?? ''
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  get headerNames(): readonly string[] {
    if (this.#headerNames !== null) return this.#headerNames
    const { rawHeaders } = this.#request
    const names: string[] = []
    // Names and values in turns.
    for (let i = 0; i < rawHeaders.length; i += 2) names.push(rawHeaders[i]!.toLowerCase())
    this.#headerNames = names
    return names
  }

  get clientCertificate(): ClientCertificate | null {
    return this.#certificates?.of(this.#request.socket) ?? null
  }

  /** The parser has given up on the rest of this request. */
  malformed(): void {
    this.#malformed = true
    this.#request.emit(MALFORMED)
  }

  readBody(maxBytes: number, timeoutMs: number): Promise<Body> {
    const request = this.#request
    // An honest client says how much is coming; one that says too much need not send it.
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(err('too_large'))
    // Both can have happened while somebody was asked who this is.
    if (this.#malformed) return Promise.resolve(err('malformed'))
    if (this.gone || request.destroyed) return Promise.resolve(err('aborted'))
    return new Promise((resolve) => {
      const parts: Buffer[] = []
      let bytes = 0
      const cancel = this.#clock.after(timeoutMs, () => resolve(err('timeout')))
      // Only the first word counts. What still comes after it is thrown away, so that the client can read our answer.
      const onData = (part: Buffer): void => {
        bytes += part.length
        if (bytes <= maxBytes) parts.push(part)
        else {
          parts.length = 0
          resolve(err('too_large'))
        }
      }
      const onEnd = (): void => {
        finish(ok(parts.length === 1 ? parts[0]! : Buffer.concat(parts)))
      }
      const onMalformed = (): void => resolve(err('malformed'))
      const onClose = (): void => finish(err('aborted'))
      // The request lives as long as its answer; with its listeners it would keep the body.
      const finish = (body: Body): void => {
        cancel()
        request.off('data', onData).off('end', onEnd).off(MALFORMED, onMalformed).off('close', onClose)
        resolve(body)
      }
      request.on('data', onData).on('end', onEnd).on(MALFORMED, onMalformed).on('close', onClose)
    })
  }

  forget(): void {
    this.#headerNames = noNames
    this.#request.headers = noHeaders
    this.#request.rawHeaders = noNames
  }

  start(status: number, headers: Readonly<Record<string, string>>): void {
    if (!this.gone) this.#response.writeHead(status, headers)
  }

  write(bytes: Uint8Array): boolean {
    if (this.gone || this.#response.write(bytes)) return true
    // Few answers ever wait, and a listener on every one costs more than it looks.
    if (!this.#listensToDrain) this.#response.on('drain', () => this.#onDrain?.())
    this.#listensToDrain = true
    return false
  }

  onDrain(fn: () => void): void {
    this.#onDrain = fn
  }

  end(bytes?: Uint8Array): void {
    if (this.gone) return
    if (bytes === undefined) this.#response.end()
    else this.#response.end(bytes)
  }

  destroy(): void {
    this.#response.destroy()
  }

  get started(): boolean {
    return this.#response.headersSent
  }

  onGone(fn: () => void): void {
    this.#onGone = fn
  }
}
