import type { AnswerShape, Charge, Outcome, RequestEvent, RequestShape } from './event.ts'
import type { Network, Principal } from './principal.ts'
import type { Refusal } from './refusal.ts'
import { noUsage, type Usage, type UsageSource } from './usage.ts'

/** An event while its request is still under way: each stage writes down what it found out. */
export interface Draft {
  readonly v: 1
  readonly id: string
  readonly atMs: number
  endMs: number
  readonly config: string
  readonly route: string
  readonly userAgent: string | null
  network: Network
  who: Principal | null
  user: string | null
  endpoint: string | null
  model: string | null
  upstream: string | null
  request: RequestShape | null
  outcome: Outcome
  status: number
  refusal: Refusal | null
  fault: string | null
  usage: Usage
  usageSource: UsageSource
  charges: readonly Charge[]
  shadow: readonly string[]
  cutBy: string | null
  answer: AnswerShape | null
}

/** `failed` until a stage says otherwise: an exchange that nobody could account for is a fault of ours. */
export const startDraft = (
  id: string,
  atMs: number,
  config: string,
  route: string,
  userAgent: string | null,
): Draft => ({
  v: 1,
  id,
  atMs,
  endMs: atMs,
  config,
  route,
  userAgent,
  network: { ip: 'unknown', ipPrefix: 'unknown' },
  who: null,
  user: null,
  endpoint: null,
  model: null,
  upstream: null,
  request: null,
  outcome: 'failed',
  status: 0,
  refusal: null,
  fault: null,
  usage: noUsage,
  usageSource: 'none',
  charges: [],
  shadow: [],
  cutBy: null,
  answer: null,
})

/** The draft becomes its event: nothing may write to it from here on. */
export function finishDraft(draft: Draft, endMs: number): RequestEvent {
  draft.endMs = endMs
  return draft
}
