import type { Call } from '../core/call.ts'
import type { WireRefusal } from '../core/refusal.ts'
import type { Result } from '../core/result.ts'
import type { KeyStyle } from '../core/upstream.ts'
import type { Usage } from '../core/usage.ts'
import type { Span } from './json-scan.ts'
import type { LeanAnswer } from './lean-answer.ts'

/**
 * The room of LLM wire formats: one file per endpoint, bytes in and numbers out. It reads and edits bodies and knows
 * nothing of who is calling, of limits, or of sockets. What a body says is a claim of the client's; what leaves here is
 * bounded and typed.
 */
export interface Dialect {
  readonly name: DialectName
  /** Where this vendor's client libraries put the key, in the order they are looked at. */
  readonly keyPlaces: readonly KeyPlace[]
  /** How this vendor's servers take it. */
  readonly keyStyle: KeyStyle
  /** The answer header that carries the request's id. */
  readonly requestIdHeader: 'x-request-id' | 'request-id'
  /** Headers of an upstream's answer that may reach the client, lower case, beside `content-type`. */
  readonly answerHeaders: readonly string[]
  /** Headers that the vendor's servers need; takes of the client's only what it has checked. */
  requestHeaders(source: HeaderSource): Readonly<Record<string, string>>
  /** The status for a refusal, where the vendor uses another one. */
  status(wire: WireRefusal): number
  /** The vendor's error body for a refusal of ours. */
  errorBody(wire: WireRefusal, requestId: string): Uint8Array
  /** What `errorBody` says, as the event that breaks off a stream. */
  errorEvent(wire: WireRefusal, requestId: string): Uint8Array
  /** The vendor's headers for what is left of the tightest limits. */
  rateHeaders(rates: Rates, nowMs: number): Record<string, string>
}

/** Whatever has headers: the value of one by its lower-case name. */
export interface HeaderSource {
  header(name: string): string | undefined
}

export const dialectNames = ['openai', 'anthropic', 'gemini'] as const
export type DialectName = (typeof dialectNames)[number]

/** `bearer`: the Authorization header's scheme. A query parameter is only looked at where a vendor's library uses it. */
export type KeyPlace = { readonly bearer: true } | { readonly header: string } | { readonly query: string }

/** What is left of the tightest limit of each kind; null where there is no such limit. */
export interface Rates {
  readonly requests: Rate | null
  readonly tokens: Rate | null
  readonly inputTokens: Rate | null
  readonly outputTokens: Rate | null
}

export const noRates: Rates = { requests: null, tokens: null, inputTokens: null, outputTokens: null }

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
  /** `/v1/...`; `{id}` in the last segment stands for one or more characters other than a slash. */
  readonly path: string
  /** False where nothing is generated or embedded: such a call counts as a request and holds no tokens. */
  readonly generates: boolean
  /**
   * What the fields are called here that can be bounded, where OpenAI's chat calls them something else: `messages`,
   * `max_tokens`, `n`, `stop`, `temperature`. Of several names the one that a request has is meant.
   */
  readonly fieldNames?: Readonly<Record<string, readonly string[]>>
  /** Output tokens of each answer where a request names no bound, if the vendor has a number for that. */
  readonly unsaidMaxTokens?: number
  /** Reads a request: pure, and bounded by the body. */
  read(body: Uint8Array, target: Target, bounds: BodyBounds): Result<ReadCall, BadBody>
  /** The body to send on. Without a reason to change it these are the client's own bytes; null where there is none. */
  encode(read: ReadCall, change: BodyChange): Uint8Array | null
  /** Reads a whole answer with a success status; null when it is not what the endpoint answers. */
  readAnswer(body: Uint8Array, call: Call): Answer | null
  /** How a restricted caller gets the answer; none: as it is. */
  readonly lean?: LeanAnswer
  /** Follows a streamed answer. */
  reader(call: Call, fallback: AnswerIdentity): StreamReader
}

/** What the request line says beside the path's fixed parts. */
export interface Target {
  /** What stood for `{id}`, decoded. */
  readonly id: string | null
  readonly query: URLSearchParams
}

export interface BodyBounds {
  readonly maxMessages: number
  readonly maxDepth: number
}

export interface BadBody {
  readonly message: string
  readonly param: string | null
}

/** A request body as every endpoint reads it: a JSON object that no two parsers can read differently. */
export interface ReadBody {
  /** As sent. */
  readonly bytes: Buffer
  readonly body: Body
  /** Where the top-level fields stand in the bytes. */
  readonly fields: ReadonlyMap<string, Span>
}

export type Body = Readonly<Record<string, unknown>>

export interface ReadCall extends ReadBody {
  readonly call: Call
  /** Path below the upstream's base URL, with a query where the upstream needs one. */
  readonly upstreamPath: string
  /** Every text that the model will read, in order: the strings of the parsed body, not copied. */
  readonly texts: readonly string[]
  /** The text of the latest user turn: whole, or its start and its end. */
  readonly asked: string
  /** null: nobody says anything here that a model would answer. */
  readonly turn: Turn | null
}

/** What a request adds to its conversation, as detection needs it. Texts are the body's own where there is one. */
export interface Turn {
  /** A person, or whatever writes in a person's place; or a tool whose result goes back to the model. */
  readonly role: 'human' | 'tool'
  readonly text: string
  /** Messages of the conversation, the system's among them. */
  readonly turns: number
  readonly system: string | null
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
  /** The request's own id, for the vendor's prefix to be put before it. */
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
  /**
   * Where a dialect has no last word: nothing that was begun is unfinished, so a clean end is one, even if fewer choices
   * came than were asked for.
   */
  readonly mayEnd?: boolean
  /** The event that was read last, as it was parsed; undefined: it was no JSON. */
  readonly parsed: unknown
  /** Reads one event's data. `hide`: the client did not ask for it. `error`: the upstream reports a failure. */
  read(data: string): 'pass' | 'hide' | 'done' | 'error' | 'unreadable'
  /** The events that end the stream at the budget, complete for the client's library; `usage` is what was charged. */
  cut(usage: Usage): Uint8Array
}
