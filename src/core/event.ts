import type { ActionName } from './decision.ts'
import type { Observation } from './observation.ts'
import type { Cost } from './price.ts'
import type { Client, Network, Principal } from './principal.ts'
import type { PromptClass } from './prompt-class.ts'
import type { Refusal } from './refusal.ts'
import type { Touch } from './touch.ts'
import type { Usage, UsageSource } from './usage.ts'

/**
 * How an exchange ended.
 * - `ok`: the client has the whole answer
 * - `refused`: Weir said no, before the upstream was asked
 * - `cut`: a limit ran out in mid-stream and the stream was ended gracefully
 * - `client_left`: the client went away before the answer was complete
 * - `upstream_error`: the upstream answered with an error status
 * - `upstream_lost`: the upstream was unreachable, died, or timed out
 * - `failed`: a fault of our own
 * - `interrupted`: the process died with the exchange open; written by the next one from what was held
 */
export const outcomes = [
  'ok',
  'refused',
  'cut',
  'client_left',
  'upstream_error',
  'upstream_lost',
  'failed',
  'interrupted',
] as const
export type Outcome = (typeof outcomes)[number]

/** One limit's part in an exchange: the units it was charged, and the debt that was left for its next window. */
export interface Charge {
  readonly limit: string
  readonly resource: string
  readonly units: number
  readonly debt: number
}

/**
 * Exactly one per request, whatever happened to it. Detection, audit and replay live on this record, so it holds
 * numbers, names and keyed hashes, and never text of a prompt or an answer, nor a secret.
 */
export interface RequestEvent {
  readonly v: 1
  readonly id: string
  /** Epoch ms of arrival, and of the last byte sent. */
  readonly atMs: number
  readonly endMs: number
  /** Hash of the configuration that decided. */
  readonly config: string

  readonly who: Principal | null
  readonly network: Network
  readonly client: Client | null
  /** 0 worst to 100 best; 50 where nothing is known. */
  readonly reputation: number
  /** The end user: as an issuer vouches for it, else as the client names it. */
  readonly user: string | null
  readonly session: string | null
  readonly userAgent: string | null

  readonly route: string
  readonly endpoint: string | null
  readonly model: string | null
  readonly upstream: string | null
  readonly promptClass: PromptClass | null
  readonly request: RequestShape | null
  /** What the screens found in the prompt, in their words. */
  readonly flags: readonly string[]
  /** Reasons of the exemptions that let this request out of something. */
  readonly exemptions: readonly string[]

  readonly outcome: Outcome
  /** HTTP status sent; 0 when none was. */
  readonly status: number
  readonly refusal: Refusal | null
  /** A short machine word for what went wrong on the upstream's side or ours. */
  readonly fault: string | null

  readonly usage: Usage
  readonly usageSource: UsageSource
  readonly cost: Cost
  readonly charges: readonly Charge[]
  /** Limits in shadow mode that would have refused or cut this exchange. */
  readonly shadow: readonly string[]
  /** The playbook that holds for such requests; null: none, or the request was not read. */
  readonly playbook: string | null
  /** The firmest action that the exchange met, all that it met, and those in shadow mode that it would have. */
  readonly action: ActionName
  readonly actions: readonly string[]
  readonly shadowActions: readonly string[]
  /** The limit that cut the stream. */
  readonly cutBy: string | null
  /** Decoys that the exchange touched. */
  readonly decoys: readonly Touch[]

  readonly answer: AnswerShape | null

  /** What detection keeps of the prompt; null: there is none, or nobody looked. */
  readonly observation: Observation | null
}

export interface RequestShape {
  readonly stream: boolean
  readonly bodyBytes: number
  readonly promptBytes: number
  readonly messages: number
  readonly choices: number
  readonly maxOutputTokens: number | null
  readonly opaqueParts: number
}

export interface AnswerShape {
  /** Bytes that went to the client. */
  readonly bytes: number
  /** Bytes of generated text in them. */
  readonly textBytes: number
  readonly chunks: number
  readonly finishReasons: readonly string[]
  readonly firstByteMs: number | null
}
