import type { Profile } from './principal.ts'

/** An exchange as a log has it, whatever the log's format: what `weir replay` and `weir calibrate` read. */
export interface RecordedExchange {
  readonly timeMs: number
  readonly key: string
  readonly tenant: string | null
  readonly user: string | null
  readonly ip: string | null
  readonly asn: number | null
  /** Such as `hosting`, `residential`, `proxy`, `tor`; as the log says it. */
  readonly asnType: string | null
  readonly country: string | null
  readonly userAgent: string | null
  readonly fingerprint: string | null
  readonly session: string | null
  readonly profile: Profile | null
  readonly accountCreatedMs: number | null
  readonly endpoint: string | null
  readonly model: string | null
  readonly stream: boolean | null
  /** The conversation as it was sent, oldest first; a bare prompt is one turn of the user's. Empty where the log holds no text. */
  readonly turns: readonly RecordedTurn[]
  readonly params: Readonly<Record<string, unknown>>
  /** The answer's text, where the log holds it. */
  readonly answer: string | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly cachedTokens: number | null
  readonly reasoningTokens: number | null
  readonly costNanoUsd: number | null
  readonly status: number | null
  readonly finishReason: string | null
  readonly latencyMs: number | null
  readonly clientAborted: boolean
}

export interface RecordedTurn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly text: string
}

/** An exchange of which a log says nothing. */
export const nothingRecorded: RecordedExchange = {
  timeMs: 0,
  key: '',
  tenant: null,
  user: null,
  ip: null,
  asn: null,
  asnType: null,
  country: null,
  userAgent: null,
  fingerprint: null,
  session: null,
  profile: null,
  accountCreatedMs: null,
  endpoint: null,
  model: null,
  stream: null,
  turns: [],
  params: {},
  answer: null,
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  reasoningTokens: null,
  costNanoUsd: null,
  status: null,
  finishReason: null,
  latencyMs: null,
  clientAborted: false,
}
