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
  /** Without a credential: that is the upstream's own, which it adds itself. */
  readonly headers: Readonly<Record<string, string>>
  /** The client's own key where it is passed through; null: the upstream's own. */
  readonly credential: string | null
  readonly keyStyle: KeyStyle
  readonly body: Uint8Array | null
}

/** Where a vendor's servers look for the key. */
export type KeyStyle = 'bearer' | 'x-api-key' | 'x-goog-api-key'

/** Never called before `send` has returned. */
export interface UpstreamSink {
  /** `by` names the upstream that answers, where a request can reach more than one. */
  onHead(status: number, headers: Readonly<Record<string, string | undefined>>, by?: string): void
  onData(bytes: Uint8Array): void
  onEnd(): void
  onFault(fault: UpstreamFault): void
}

export interface UpstreamCall {
  /**
   * Closes the connection to the upstream at once, so that it stops generating. Idempotent. `timeout`: the upstream let
   * us wait too long, which is its failure and not the client's wish.
   */
  abort(reason?: 'timeout'): void
  pause(): void
  resume(): void
}

export interface UpstreamFault {
  readonly kind: 'unreachable' | 'dropped' | 'timeout' | 'protocol'
  /** For the operator's log; never sent to a client. */
  readonly detail: string
  /** False only where it is certain that the upstream has not seen the request. */
  readonly sent: boolean
}
