/** The port to a model server: the gateway implements it over HTTP, the lab inside the process. */
export interface Upstream {
  readonly name: string
  /** Starts a request. Exactly one of `onEnd` and `onFault` follows, once; after `abort` neither does. */
  send(request: UpstreamRequest, sink: UpstreamSink): UpstreamCall
  close(): Promise<void>
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST'
  /** Below the upstream's base URL, for instance `/chat/completions`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}

/** Never called before `send` has returned. */
export interface UpstreamSink {
  onHead(status: number, headers: Readonly<Record<string, string | undefined>>): void
  onData(bytes: Uint8Array): void
  onEnd(): void
  onFault(fault: UpstreamFault): void
}

export interface UpstreamCall {
  /** Closes the connection to the upstream at once, so that it stops generating. Idempotent. */
  abort(): void
  pause(): void
  resume(): void
}

export interface UpstreamFault {
  readonly kind: 'unreachable' | 'dropped' | 'timeout' | 'protocol'
  /** For the operator's log; never sent to a client. */
  readonly detail: string
}
