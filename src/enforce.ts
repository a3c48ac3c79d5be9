import type { AppliedAction, InForceName } from './core/action.ts'
import type { Facts } from './core/dimensions.ts'
import type { Draft } from './core/draft.ts'
import type { Exchange } from './core/exchange.ts'
import type { Principal } from './core/principal.ts'
import type { LimitsUnavailable, OverQuota, Refusal } from './core/refusal.ts'
import { effectOf, firmer, noEffect, type Effect } from './actions/effect.ts'
import { reachOf } from './actions/reach.ts'
import type { Endpoint, ReadCall } from './dialects/dialect.ts'
import { hasLean, leanCall, swapsModel } from './dialects/lean.ts'
import type { Selection } from './quota/ledger.ts'
import type { Limit } from './quota/limit.ts'
import { isAlone } from './quota/tightening.ts'
import { early, earlyFacts, type Known } from './describe.ts'
import { isDesk } from './desk.ts'
import type { RequestPath } from './pipeline.ts'
import { mayBeExempt, type ModelTarget, type Policy, type Standing } from './policy.ts'
import type { Route } from './reception.ts'

/**
 * ENFORCE: actions in force become what a request meets. In three steps, each as early as it can be: who is shut out is
 * told so before its body is read, what else there is bounds the request before it is admitted, and grace is taken when
 * nothing else stands in the way any more, so that no request that is refused for another reason uses it up.
 */

/** Who is shut out whatever it asks for; null: nobody that can be told yet. */
export function bar(
  { endpoint }: Route,
  who: Principal,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Refusal | null {
  // A mere claim to be somebody must not learn what stands against it, and without a body there is nothing to save.
  if (draft.who === null || endpoint.method === 'GET' || isAppeal(endpoint)) return null
  const facts = earlyFacts(who, path.actions.campaignOf(who.account), draft)
  const effect = meet(endpoint, facts, isEarly, policy, path, draft)
  if (effect.refusal === null) return null
  if (mayBeExempt(policy.exemptions, 'actions', facts, early, path.clock.now())) return null
  note(effect, draft)
  return effect.refusal
}

/** What the request meets, now that everything is known of it. */
export function enforce(
  { endpoint }: Route,
  { facts, exempt }: Known,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Effect {
  if (exempt.from.has('actions')) return noEffect
  const kept = isAppeal(endpoint) ? isSwitch : isDesk(endpoint) || isListing(endpoint) ? shutsOut : anything
  const effect = meet(endpoint, facts, kept, policy, path, draft)
  if (effect !== noEffect) note(effect, draft)
  return effect
}

/** The last step before a request goes on: whoever is asked for a step-up has grace left, or is refused. */
export function insist(
  { stepUp }: Effect,
  exchange: Exchange,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Refusal | null {
  if (stepUp.length === 0) return null
  const graceful = hasGrace(stepUp, policy, path, draft)
  draft.actions = [...draft.actions, ...stepUp]
  draft.action = firmer(draft.action, graceful ? 'restrict' : 'step_up')
  return graceful ? null : { kind: 'step_up', url: pageFor(exchange, policy) }
}

/** Where somebody who still has grace is to confirm its account: told with every answer until then; null: nothing is asked. */
export const announced = ({ stepUp }: Effect, exchange: Exchange, policy: Policy): string | null =>
  stepUp.length === 0 ? null : pageFor(exchange, policy)

function hasGrace(stepUp: readonly string[], policy: Policy, path: RequestPath, draft: Draft): boolean {
  try {
    return stepUp.every((id) => path.actions.takeGrace(id, draft.who!.account))
  } catch (error) {
    failed(error, policy, path, draft)
    return true
  }
}

function meet(
  endpoint: Endpoint,
  facts: Facts,
  kept: (action: AppliedAction) => boolean,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Effect {
  try {
    const nowMs = path.clock.now()
    const found = path.actions.find(facts, nowMs)
    if (found.length === 0) return noEffect
    const met = found.filter((action) => kept(action) && canBeMet(action, endpoint, policy, draft))
    return effectOf(met, nowMs)
  } catch (error) {
    failed(error, policy, path, draft)
    return noEffect
  }
}

function failed(error: unknown, policy: Policy, path: RequestPath, draft: Draft): void {
  if (policy.onError.enforce === 'deny') throw error
  path.fault(draft.id, error)
  draft.fault = 'enforce_failed'
}

function note({ action, actions, shadowActions }: Effect, draft: Draft): void {
  draft.action = action
  draft.actions = actions
  draft.shadowActions = shadowActions
}

const shuttingOut: ReadonlySet<InForceName> = new Set(['cooldown', 'quarantine', 'block'])

const anything = (): boolean => true
/** The desk and the list of models stay open to whoever is merely asked, slowed or bounded. */
const shutsOut = (action: AppliedAction): boolean => shuttingOut.has(reachOf(action).action)
/** Whoever is shut out can still show who it is; what is switched off is off. */
const isSwitch = (action: AppliedAction): boolean => action.subject.kind === 'descriptor' && shutsOut(action)
/** Whether nothing that is still to be read can make the action meet another request than this one. */
const isEarly = (action: AppliedAction): boolean =>
  shutsOut(action) &&
  action.subject.kind !== 'user' &&
  action.subject.kind !== 'fingerprint' &&
  action.scope.every(({ dimension }) => early.has(dimension))

const APPEAL = '/weir/step-up'
const isAppeal = ({ path }: Endpoint): boolean => path === APPEAL || path.startsWith(`${APPEAL}/`)
const isListing = ({ name }: Endpoint): boolean => name === 'models' || name === 'model'

/** A host and a port, and nothing that could be read as more of an address. */
const HOST = /^(?:[a-z0-9][a-z0-9.-]{0,252}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i
const PAGE = `${APPEAL}/page`

/**
 * Where people are sent. The host asked is what the client says it is, and only this client is told; but behind somebody
 * else's TLS nobody here knows the address that is asked, and a page where people show who they are is never plain HTTP.
 */
function pageFor(exchange: Exchange, { stepUp }: Policy): string {
  if (stepUp.url !== null) return stepUp.url
  const host = exchange.header('host') ?? ''
  if (stepUp.https && HOST.test(host)) return `https://${host}${PAGE}`
  return !stepUp.https && LOOPBACK.test(host) ? `http://${host}${PAGE}` : PAGE
}

/** The limits of a caller, and beside them those that actions in force have made. */
export function limitsUnder(
  { throttles, squeezes }: Effect,
  { limits }: Standing,
  policy: Policy,
  { tightening }: RequestPath,
): readonly Limit[] {
  if (throttles.length === 0 && squeezes.length === 0) return limits
  const made = throttles.map(({ subject, requestsPerMinute }) => tightening.throttle(subject, requestsPerMinute))
  const own = squeezes.filter(({ subject, requestsPerDay }) => isAlone(subject) && requestsPerDay === null)
  if (own.length > 0) {
    // Probation: each limit stays the caller's own, so that of several the tightest is meant and none counts twice.
    const { subject, factor } = own.reduce((a, b) => (b.factor < a.factor ? b : a))
    made.push(...tightening.squeeze(limits, subject, factor, false))
  }
  for (const squeeze of squeezes) {
    if (own.includes(squeeze)) continue
    const { subject, factor, requestsPerDay } = squeeze
    // What many share has one amount, whatever each of them may have alone.
    made.push(...tightening.squeeze(isAlone(subject) ? limits : policy.limits, subject, factor, true))
    if (requestsPerDay !== null) made.push(tightening.perDay(subject, requestsPerDay))
  }
  return [...limits, ...made]
}

/**
 * A refusal by such a limit as the client may know it: without the action's name, and without a number where others fill
 * the same counter, since who is counted together is what a campaign would like to know.
 */
export function toldOf(refusal: OverQuota | LimitsUnavailable, selection: Selection, { throttles }: Effect): Refusal {
  if (refusal.kind !== 'over_quota') return refusal
  const made = selection.find(({ limit }) => limit.name === refusal.limit)?.limit.ofAction
  if (made === undefined) return refusal
  const plain = { ...refusal, limit: refusal.resource }
  if (made.tells === 'numbers') return plain
  const { retryAfterMs } = refusal
  if (retryAfterMs === null) return { ...plain, used: 0 }
  return { kind: 'throttled', retryAfterMs, tell: throttles.find(({ tell }) => tell !== null)?.tell ?? null }
}

/** What is sent up, and where to, once an effect has had its say. */
export interface Sent {
  readonly read: ReadCall
  readonly target: ModelTarget
  /** The answer's bound over all choices; null: no action bounds it. */
  readonly boundTokens: number | null
}

/** Makes a request lean where the effect restricts its caller: fields dropped, one choice, shorter, by another model. */
export function restricted(
  { endpoint, target: asked }: Route,
  read: ReadCall,
  target: ModelTarget,
  { restrict }: Effect,
  ownKey: boolean,
  policy: Policy,
): Sent {
  if (restrict === null || !hasLean(endpoint)) return { read, target, boundTokens: null }
  const other = restrict.model === null || !swapsModel(endpoint) ? null : restrict.model
  const cheaper = other === null ? null : policy.routes.find(other, endpoint.dialect.name)
  // A client's own key goes to the upstream that it is for, and to no other.
  const swap = cheaper !== null && (!ownKey || cheaper.upstream.name === target.upstream.name)
  const swapped = swap ? leanCall(endpoint, asked, read, other, policy) : null
  // A tool may name the model that was asked for: then that one answers.
  const lean = swapped?.ok === true ? swapped : leanCall(endpoint, asked, read, null, policy)
  if (!lean.ok) throw new Error(`a lean request cannot be read: ${lean.error.message}`)
  const to = swapped?.ok === true ? cheaper! : target
  const { call } = lean.value
  // Where a request names no bound, the one that is put in its place must not make the answer longer.
  const unsaid = Math.min(endpoint.unsaidMaxTokens ?? to.maxOutputTokens, to.maxOutputTokens)
  const most = call.maxOutputTokens === null ? unsaid : Infinity
  const each = restrict.maxTokens === null ? null : Math.min(restrict.maxTokens, most)
  return { read: lean.value, target: to, boundTokens: each === null ? null : each * call.choices }
}

/** Where a decoy answers: the honest model's price and bounds stay, because the caller is to see what it always sees. */
export function detoured(
  target: ModelTarget,
  { decoy }: Effect,
  { dialect }: Endpoint,
  { detours }: Policy,
  { rerouting }: RequestPath,
): ModelTarget {
  const detour = detours.get(decoy ?? rerouting?.rerouted(target.upstream.name) ?? '')
  // Nothing is translated: who cannot be understood there goes where it would have gone.
  if (detour === undefined || !detour.dialects.includes(dialect.name)) return target
  const { upstream, streamUsage, times } = detour
  return { ...target, upstream, streamUsage, times }
}

/** A decoy that is not there, or speaks another dialect, must not shut anybody out: the operator is told, nobody meets it. */
function canBeMet({ spec }: AppliedAction, endpoint: Endpoint, policy: Policy, draft: Draft): boolean {
  if (spec.action !== 'decoy') return true
  if (!endpoint.generates) return false
  const can = policy.detours.get(spec.upstream)?.dialects.includes(endpoint.dialect.name) === true
  if (!can) draft.fault ??= 'no_decoy'
  return can
}
