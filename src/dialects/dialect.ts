import type { Call } from '../core/call.ts'
import type { WireRefusal } from '../core/refusal.ts'
import type { Result } from '../core/result.ts'
import type { Usage } from '../core/usage.ts'

/**
 * The room of LLM wire formats: one file per endpoint, bytes in and numbers out. It reads and edits bodies and knows
 * nothing of who is calling, of limits, or of sockets. What a body says is a claim of the client's; what leaves here is
 * bounded and typed.
 */
export interface Dialect {
  readonly name: string
  /** The vendor's error body for a refusal of ours. */
  errorBody(wire: WireRefusal, requestId: string): Uint8Array
  /** What `errorBody` says, as the event that breaks off a stream. */
  errorEvent(wire: WireRefusal, requestId: string): Uint8Array
  /** The vendor's headers for what is left of the tightest limits. */
  rateHeaders(requests: Rate | null, tokens: Rate | null): Record<string, string>
}

/** A limit as a client sees it. */
export interface Rate {
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

export interface Endpoint {
  readonly name: string
  readonly dialect: Dialect
  readonly method: 'GET' | 'POST'
  /** `/v1/...`; a last segment `{id}` stands for one non-empty segment. */
  readonly path: string
  /** False where nothing is generated: such a call counts as a request and holds no tokens. */
  readonly generates: boolean
  /** Reads a request. `id` is what stood for `{id}` in the path. */
  read(body: Uint8Array, id: string | null, bounds: BodyBounds): Result<ReadCall, BadBody>
  /** Reads a whole answer with a success status; null when it is not what the endpoint answers. */
  readAnswer(body: Uint8Array): Answer | null
  /** Follows a streamed answer. */
  reader(call: Call, fallback: AnswerIdentity): StreamReader
}

export interface BodyBounds {
  readonly maxMessages: number
  readonly maxDepth: number
}

export interface BadBody {
  readonly message: string
  readonly param: string | null
}

export interface ReadCall {
  readonly call: Call
  /** Path below the upstream's base URL. */
  readonly upstreamPath: string
  /** The body to send on. Without a reason to change it these are the client's own bytes. */
  encode(change: BodyChange): Uint8Array | null
}

export interface BodyChange {
  /** Make the upstream report usage at the end of a stream. */
  readonly askUsage: boolean
  /** Lower the bound on output tokens over all choices to this; null leaves it. */
  readonly maxOutputTokens: number | null
}

export interface Answer {
  /** null when the upstream reported none; an explicit zero is zero. */
  readonly usage: Usage | null
  readonly textBytes: number
  readonly choices: number
  readonly finishReasons: readonly string[]
}

/** What the closing chunks of a cut stream say when the upstream had not yet said it. */
export interface AnswerIdentity {
  readonly id: string
  readonly createdS: number
}

/** Follows one streamed answer; sums grow with every event. */
export interface StreamReader {
  /** Bytes of generated text so far, over all choices, tool calls and reasoning included. */
  readonly textBytes: number
  /** Events that carried such text. */
  readonly deltas: number
  readonly usage: Usage | null
  readonly finishReasons: readonly string[]
  /** Every choice that was asked for has its finish reason. */
  readonly finished: boolean
  /** Reads one event's data. `hide`: the client did not ask for it. `error`: the upstream reports a failure. */
  read(data: string): 'pass' | 'hide' | 'done' | 'error' | 'unreadable'
  /** The events that end the stream at the budget, complete for the client's library; `usage` is what was charged. */
  cut(usage: Usage): Uint8Array
}
