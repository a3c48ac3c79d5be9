import type { Effect } from './actions/effect.ts'
import type { Call } from './core/call.ts'
import { UNKNOWN_REPUTATION, type Draft } from './core/draft.ts'
import type { Price, PriceTag } from './core/price.ts'
import type { Principal } from './core/principal.ts'
import type { Refusal } from './core/refusal.ts'
import { err, ok, type Result } from './core/result.ts'
import type { Endpoint } from './dialects/dialect.ts'
import { inputNanoUsd, outputNanoUsdPerToken } from './metering/cost.ts'
import type { Estimator } from './metering/estimates.ts'
import { admit, freeOfCharge, prepare, select, uncounted, type Demand, type Selection } from './quota/ledger.ts'
import type { Reservation } from './quota/reservation.ts'
import { networkFacts, type Known } from './describe.ts'
import { limitsUnder, toldOf } from './enforce.ts'
import type { RequestPath } from './pipeline.ts'
import { exemptFrom, keyFacts, type ModelTarget, type Policy } from './policy.ts'

/** The middle of the request path: what the request may come to, and whether the caller's limits hold that much. */
export interface CallEstimate extends Demand {
  readonly prompt: { readonly bytes: number; readonly extraTokens: number }
  readonly estimator: Estimator
  /** null: nobody has written down what the model costs. */
  readonly tag: PriceTag | null
  /** Output tokens that the answer may have at most, over all choices. */
  readonly boundTokens: number
}

/** An answer shorter than this is not worth starting. */
const MIN_OUTPUT_TOKENS = 16

export function estimateOf(
  call: Call,
  endpoint: Endpoint,
  target: ModelTarget,
  tag: PriceTag | null,
  fallback: Price,
  impliedTokens: number | null,
  estimator: Estimator,
): CallEstimate {
  const prompt = { bytes: call.promptBytes, extraTokens: call.promptExtraTokens }
  const said = call.maxOutputTokens ?? impliedTokens ?? target.maxOutputTokens * call.choices
  const boundTokens = Math.min(said, impliedTokens ?? said)
  const common = { prompt, estimator, tag, boundTokens }
  if (!endpoint.generates) {
    const none = { inputTokens: 0, expectedInputTokens: 0, outputTokens: 0, mostOutputTokens: 0, minOutputTokens: 0 }
    return { ...common, ...none, cost: freeOfCharge }
  }
  const input = estimator.input(prompt)
  const outputTokens = Math.min(boundTokens, estimator.output() * call.choices)
  const price = tag?.price ?? fallback
  return {
    ...common,
    inputTokens: input.margined,
    expectedInputTokens: input.expected,
    outputTokens,
    mostOutputTokens: call.stream ? outputTokens : boundTokens,
    minOutputTokens: Math.min(boundTokens, MIN_OUTPUT_TOKENS),
    cost: {
      inputNanoUsd: inputNanoUsd(input.margined, price),
      expectedInputNanoUsd: inputNanoUsd(input.expected, price),
      outputNanoUsd: outputNanoUsdPerToken(price),
    },
  }
}

type Holding = Result<Reservation, Refusal>

/** Holds what the request may come to, on every limit at once. Only a lease that runs short makes anybody wait. */
export function hold(
  demand: Demand,
  { facts, numbers, standing, exempt }: Known,
  effect: Effect,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Holding | Promise<Holding> {
  const failed = (error: unknown): Holding => {
    if (policy.onError.admit === 'deny') throw error
    path.fault(draft.id, error)
    draft.fault = 'admit_failed'
    return ok(uncounted(demand))
  }
  const taken = (selection: Selection, nowMs: number): Holding => {
    const held = admit(selection, demand, nowMs)
    if (!held.ok) return err(toldOf(held.error, selection, effect))
    draft.shadow = held.value.shadow
    return held
  }
  try {
    const limits = limitsUnder(effect, standing, policy, path)
    const nowMs = path.clock.now()
    const selection = select(limits, path.book, facts, numbers, exempt.from, nowMs)
    const waiting = prepare(selection, demand, nowMs)
    if (waiting === null) return taken(selection, nowMs)
    return waiting.then(() => taken(selection, path.clock.now())).catch(failed)
  } catch (error) {
    return failed(error)
  }
}

/** The priority of somebody who is exempt from overload, and of somebody whom nobody vouches for yet. */
const FIRST = 9
const LAST = 0

/**
 * Where this caller stands when there is more to do than can be done at once. Asked before the body is read, because
 * bodies are what fills the memory; so it knows the caller and its network, and nothing of the request.
 */
export function priorityOf(who: Principal, policy: Policy, path: RequestPath, draft: Draft): number {
  // A signature names its key before it is checked: a mere claim gets nobody in before others.
  if (draft.who === null) return LAST
  const { exemptions, standings, reputation } = policy
  let standing = standings.of(who, UNKNOWN_REPUTATION)
  let judged = standings.judgeReputation
  if (exemptions.length > 0) {
    const facts = { ...keyFacts(who), ...networkFacts(draft), trust: standing.trust?.name ?? '-' }
    const { from } = exemptFrom(exemptions, facts, path.clock.now())
    if (from.has('overload')) return FIRST
    judged &&= !from.has('reputation')
  }
  if (judged) {
    const { ip, asn, ja4 } = draft.network
    const { score } = reputation.score({ ip, asn, ja4, keyId: who.keyId, fingerprint: null }, path.clock.now())
    standing = standings.of(who, score)
  }
  return standing.priority
}
