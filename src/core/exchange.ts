import type { Result } from './result.ts'

/** `malformed`: its framing is broken, so nobody can say where it would end. */
export type BodyFault = 'too_large' | 'timeout' | 'aborted' | 'malformed'

/**
 * One request and its answer, without a transport. HTTP is one implementation, the in-memory one is the other;
 * the pipeline cannot tell them apart.
 */
export interface Exchange {
  readonly id: string
  /** Epoch ms at which the request line was complete. */
  readonly receivedAtMs: number
  readonly method: string
  /** Request target as sent, query included. */
  readonly target: string
  /** The other end of the socket; who is behind a trusted proxy is for identity to say. */
  readonly peerAddress: string
  /** A header's value by lower-case name; undefined when absent. */
  header(name: string): string | undefined
  /** Lower-case names in the order sent, those sent twice standing twice. */
  readonly headerNames: readonly string[]
  /** The client's certificate, if the listener asked for one and an authority that it trusts has signed it. */
  readonly clientCertificate: ClientCertificate | null
  readBody(maxBytes: number, timeoutMs: number): Promise<Result<Uint8Array, BodyFault>>

  /** Nobody asks for headers or the body any more: what they take up may go, however long the answer takes. */
  forget(): void
  /** Sends status and headers. Once. */
  start(status: number, headers: Readonly<Record<string, string>>): void
  /** False when the client reads slower than we write: wait for `onDrain`. */
  write(bytes: Uint8Array): boolean
  onDrain(fn: () => void): void
  end(bytes?: Uint8Array): void
  /** Breaks the connection, so that the client sees a failure and never a clean end. */
  destroy(): void
  /** True once `start` was called. */
  readonly started: boolean
  /** True once the client has left before the answer was complete. */
  readonly gone: boolean
  /** Called once, when the client leaves before the answer is complete. */
  onGone(fn: () => void): void
}

export interface ClientCertificate {
  /** SHA-256 over the certificate, lower-case hex. */
  readonly sha256: string
  /** Its common name, else its first alternative name. */
  readonly subject: string
}
