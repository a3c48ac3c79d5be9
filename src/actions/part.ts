import type { ActionSpec, ActionSubject, AppliedAction, InForceName, Range } from '../core/action.ts'
import type { Refusal } from '../core/refusal.ts'

/** What one action makes of a request: pure data, of which `effect.ts` makes one effect. */
export interface Part {
  readonly refusal?: Refusal
  readonly throttle?: Throttle
  readonly tarpit?: Tarpit
  readonly restrict?: Restrict
  readonly squeeze?: Squeeze
  /** The upstream that answers instead. */
  readonly decoy?: string
  /** The id under which grace is counted. */
  readonly stepUp?: string
}

export interface Throttle {
  readonly subject: ActionSubject
  readonly requestsPerMinute: number
  readonly tell: string | null
}

/** Both waits are drawn from their range each time. */
export interface Tarpit {
  readonly firstByteMs: Range
  readonly perChunkMs: Range
}

export interface Restrict {
  readonly maxTokens: number | null
  readonly model: string | null
}

export interface Squeeze {
  readonly subject: ActionSubject
  readonly factor: number
  readonly requestsPerDay: number | null
}

/** One action's file: what it makes of a request that it meets. */
export type Make<Name extends InForceName> = (
  spec: Extract<ActionSpec, { action: Name }>,
  action: AppliedAction,
  nowMs: number,
) => Part
