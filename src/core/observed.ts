import type { Observation } from './observation.ts'
import type { Touch } from './touch.ts'
import type { NetworkType, Profile } from './principal.ts'

/**
 * One exchange as the decision path sees it, from live traffic or from a log: who, from where, when, what came of it, and
 * the numbers of its prompt. Strings are names that were already bounded where they were read.
 */
export interface Observed {
  readonly timeMs: number
  /** The tenant if it is known, else the key. */
  readonly account: string
  readonly key: string
  readonly user: string | null
  readonly session: string | null
  readonly ipPrefix: string | null
  readonly asn: number | null
  readonly country: string | null
  readonly networkType: NetworkType
  /** The calling program: a keyed fingerprint, and what it calls itself. */
  readonly fingerprint: string | null
  readonly userAgent: string | null
  readonly profile: Profile
  readonly createdMs: number | null
  readonly endpoint: string | null
  readonly model: string | null
  readonly outcome: 'answered' | 'refused' | 'failed' | 'left'
  readonly status: number
  readonly finishReason: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly costNanoUsd: number
  /** Decoys that it touched. */
  readonly touches: readonly Touch[]
  /** null: the prompt was not read, or there is none. */
  readonly observation: Observation | null
}
