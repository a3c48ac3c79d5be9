import type { ActionName } from './decision.ts'
import type { AnswerShape, Charge, Outcome, RequestEvent, RequestShape } from './event.ts'
import type { Observation } from './observation.ts'
import { plainNetwork, type Client, type Network, type Principal } from './principal.ts'
import type { PromptClass } from './prompt-class.ts'
import { noCost, type Cost } from './price.ts'
import type { Refusal } from './refusal.ts'
import type { Touch } from './touch.ts'
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
  client: Client | null
  reputation: number
  who: Principal | null
  user: string | null
  session: string | null
  endpoint: string | null
  model: string | null
  upstream: string | null
  promptClass: PromptClass | null
  request: RequestShape | null
  flags: readonly string[]
  exemptions: readonly string[]
  outcome: Outcome
  status: number
  refusal: Refusal | null
  fault: string | null
  usage: Usage
  usageSource: UsageSource
  cost: Cost
  charges: readonly Charge[]
  shadow: readonly string[]
  playbook: string | null
  action: ActionName
  actions: readonly string[]
  shadowActions: readonly string[]
  cutBy: string | null
  decoys: readonly Touch[]
  answer: AnswerShape | null
  observation: Observation | null
}

/** Of whom nothing is known. */
export const UNKNOWN_REPUTATION = 50

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
  network: plainNetwork('unknown', 'unknown'),
  client: null,
  reputation: UNKNOWN_REPUTATION,
  who: null,
  user: null,
  session: null,
  endpoint: null,
  model: null,
  upstream: null,
  promptClass: null,
  request: null,
  flags: [],
  exemptions: [],
  outcome: 'failed',
  status: 0,
  refusal: null,
  fault: null,
  usage: noUsage,
  usageSource: 'none',
  cost: noCost,
  charges: [],
  shadow: [],
  playbook: null,
  action: 'allow',
  actions: [],
  shadowActions: [],
  cutBy: null,
  decoys: [],
  answer: null,
  observation: null,
})

/** The draft becomes its event: nothing may write to it from here on. */
export function finishDraft(draft: Draft, endMs: number): RequestEvent {
  draft.endMs = endMs
  return draft
}
