import type { Effect } from './actions/effect.ts'
import type { ActionsInForce } from './core/action.ts'
import type { Clock } from './core/clock.ts'
import { finishDraft, startDraft, type Draft } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import type { Exchange } from './core/exchange.ts'
import { globMatches } from './core/glob.ts'
import type { Journal } from './core/journal.ts'
import type { Refusal } from './core/refusal.ts'
import { err, ok, type Result } from './core/result.ts'
import { tokens } from './core/usage.ts'
import { noRates, type Dialect, type Rates, type ReadCall } from './dialects/dialect.ts'
import { dialectOf } from './dialects/index.ts'
import type { Rerouting } from './containment.ts'
import type { OverloadGate } from './gateway/overload.ts'
import { jittered, refusalAnswer, wireAnswer } from './gateway/refuse.ts'
import type { WholeAnswer } from './gateway/relay.ts'
import type { TarpitGate } from './gateway/tarpit.ts'
import type { Fingerprinter } from './identity/fingerprint.ts'
import type { Identified } from './identity/identify.ts'
import type { SignatureChecker } from './identity/signature.ts'
import type { Estimates } from './metering/estimates.ts'
import type { Book } from './quota/book.ts'
import type { Reservation } from './quota/reservation.ts'
import type { Tightening } from './quota/tightening.ts'
import type { Extractor } from './signals/extract.ts'
import { estimateOf, hold, priorityOf, type CallEstimate } from './admission.ts'
import { forward } from './answer.ts'
import { announced, bar, detoured, enforce, insist, restricted } from './enforce.ts'
import { observe, OBSERVE_FAILED } from './observing.ts'
import { decoyTarget, nameStranger, programBehind, touchRoute, type DecoyState } from './decoying.ts'
import { answerAtDesk, isDesk, type Desk } from './desk.ts'
import { priceTag, type ModelTarget, type Policy } from './policy.ts'
import {
  capsOf,
  describe,
  findEndpoint,
  identify,
  impliedMaxTokens,
  mayUse,
  openPage,
  permit,
  readCall,
  withinCaps,
  type Known,
  type Route,
} from './reception.ts'
import type { TermsBook } from './terms.ts'

/**
 * THE REQUEST PATH. `handle` is the list of its stages; each one either gives the next what it needs or says why the
 * request ends here. Whatever happens, the reservation is settled once and one event is emitted.
 */
export async function handle(exchange: Exchange, path: RequestPath): Promise<void> {
  const { clock, policy, overload } = path
  const draft = startDraft(exchange.id, exchange.receivedAtMs, policy.hash, routeOf(exchange), agentOf(exchange))
  draft.network = policy.network.read(exchange.peerAddress, exchange)
  let reservation: Reservation | null = null
  let entered = false
  let dialect = dialectOf(exchange.target)
  let unseen: ReadCall | null = null
  try {
    const route = findEndpoint(exchange, draft)
    const touched = touchRoute(exchange, policy, draft)
    if (!route.ok) {
      refuse(exchange, draft, dialect, route.error, clock)
      return touched || policy.decoys.hasKeys ? await nameStranger(exchange, dialect, policy, path, draft) : undefined
    }
    const { endpoint } = route.value
    dialect = endpoint.dialect
    const page = openPage(endpoint, path)
    if (page !== null)
      return page.ok ? show(exchange, draft, page.value) : refuse(exchange, draft, dialect, page.error, clock)
    const identifying = identify(exchange, route.value, policy, path, draft)
    const who = identifying instanceof Promise ? await identifying : identifying
    if (!who.ok) return refuse(exchange, draft, dialect, who.error, clock)
    const { principal, passThrough } = who.value
    const barred = bar(route.value, principal, policy, path, draft)
    if (barred !== null) return refuse(exchange, draft, dialect, barred, clock)
    entered = overload.enter(priorityOf(principal, policy, path, draft))
    if (!entered) return refuse(exchange, draft, dialect, { kind: 'overloaded' }, clock)
    const read = await readCall(exchange, route.value, who.value, policy, path, draft)
    if (!read.ok) return read.error === 'gone' ? leave(draft) : refuse(exchange, draft, dialect, read.error, clock)
    unseen = read.value
    const known = describe(exchange, principal, read.value, policy, path, draft)
    const effect = enforce(route.value, known, policy, path, draft)
    if (effect.refusal !== null) return refuse(exchange, draft, dialect, effect.refusal, clock)
    const forbidden = permit(who.value, route.value, read.value, known, policy, path, draft)
    if (forbidden !== null) return refuse(exchange, draft, dialect, forbidden, clock)
    const target = targetOf(route.value, read.value, known, who.value, effect, policy, path, draft)
    if (!target.ok) return refuse(exchange, draft, dialect, target.error, clock)
    const estimate = target.value.estimate
    const holding = hold(estimate, known, effect, policy, path, draft)
    const held = holding instanceof Promise ? await holding : holding
    if (!held.ok) return refuse(exchange, draft, dialect, held.error, clock)
    reservation = held.value
    if (exchange.gone) return leave(draft)
    const asked = insist(effect, exchange, policy, path, draft)
    if (asked !== null) return refuse(exchange, draft, dialect, asked, clock)
    path.journal?.open({ ...draft, ...ifInterrupted(reservation, estimate) })
    unseen = null
    const refusal = await forward({
      exchange,
      draft,
      dialect,
      endpoint,
      reservation,
      path,
      policy,
      call: target.value.read.call,
      who: principal,
      // A client's own key is for the upstream that it knows.
      credential: effect.decoy === null ? passThrough : null,
      tarpit: effect.tarpit,
      lean: effect.restrict !== null,
      confirmAt: announced(effect, exchange, policy),
      ...target.value,
    })
    if (refusal !== null) refuse(exchange, draft, dialect, refusal, clock)
  } catch (error) {
    fail(exchange, draft, dialect, error, path)
  } finally {
    if (reservation !== null) settle(reservation, draft, clock.now())
    if (entered) overload.leave()
    if (unseen !== null && !observe(unseen, policy, path, draft)) draft.fault ??= OBSERVE_FAILED
    if (draft.decoys.length > 0) draft.client ??= programBehind(exchange, path, draft)
    path.emit(finishDraft(draft, clock.now()))
    if (reservation !== null) path.journal?.close(draft.id)
  }
}

/** What the request path works with. `policy` is read once per request, so that a reload never splits one. */
export interface RequestPath {
  readonly policy: Policy
  readonly clock: Clock
  readonly book: Book
  /** Failed attempts to authenticate, counted by each process for itself. */
  readonly failures: Book
  readonly estimates: Estimates
  readonly fingerprinter: Fingerprinter
  readonly signatures: SignatureChecker
  readonly terms: TermsBook
  readonly desk: Desk
  readonly overload: OverloadGate
  /** Written by the decision path and by operators; here they are only read. */
  readonly actions: ActionsInForce
  /** Upstreams that an operator has put others in the place of; null: nobody can. */
  readonly rerouting: Rerouting | null
  readonly tightening: Tightening
  readonly tarpit: TarpitGate
  /** A whole number from 0 to below its argument. */
  random(below: number): number
  /** Makes a prompt into numbers. */
  readonly extractor: Extractor
  readonly decoys: DecoyState
  readonly journal: Journal | null
  readonly draining: boolean
  /** false: the log does not reach the disk, and the configuration says to refuse then. */
  readonly canRecord: boolean
  emit(event: RequestEvent): void
  /** Says a fault of ours to the operator. */
  fault(id: string, error: unknown): void
}

interface Targeted {
  /** What is sent on of what was asked. */
  readonly read: ReadCall
  readonly target: ModelTarget
  readonly estimate: CallEstimate
  /** A bound on the answer that has to be sent on, because the client named none or an action allows less. */
  readonly impliedTokens: number | null
}

/** Where the call goes, and what it may come to there. */
function targetOf(
  route: Route,
  asked: ReadCall,
  known: Known,
  { principal: who, passThrough, signedBy }: Identified,
  effect: Effect,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Result<Targeted, Refusal> {
  const { endpoint } = route
  const { model } = asked.call
  const { routes, pricing } = policy
  let found = model === '' ? routes.listing : routes.find(model, endpoint.dialect.name)
  if (isDesk(endpoint)) {
    const { program: fingerprint, standing } = known
    const isSigned = signedBy !== null
    const caller = { who, network: draft.network, fingerprint, isSigned, limits: standing.limits }
    const fault = (error: unknown): void => path.fault(draft.id, error)
    found = { ...routes.desk, upstream: answerAtDesk(path.desk, endpoint, asked, caller, path.clock.now(), fault) }
  }
  found = decoyTarget(endpoint, asked, who, known.facts, found, policy, path)
  if (found === null || !mayUse(known.standing, model, globMatches)) return err({ kind: 'unknown_model', model })
  const { read, target, boundTokens } = restricted(route, asked, found, effect, passThrough !== null, policy)
  const { call } = read
  const to = detoured(target, effect, endpoint, policy, path)
  draft.upstream = to.upstream.name
  const caps = capsOf(policy, target, known.standing)
  const over = withinCaps(call, endpoint, caps)
  if (over !== null) return err(over)
  const tag = endpoint.generates ? priceTag(target, call.model, pricing) : null
  if (tag === null && endpoint.generates && pricing.onUnpriced === 'block') {
    return err({ kind: 'unpriced', model: call.model })
  }
  const implied = impliedMaxTokens(call, endpoint, caps)
  const impliedTokens = boundTokens === null ? implied : Math.min(boundTokens, implied ?? boundTokens)
  const estimator = path.estimates.of(who.account, call.model)
  const estimate = estimateOf(call, endpoint, target, tag, pricing.estimate, impliedTokens, estimator)
  return ok({ read, target: to, estimate, impliedTokens })
}

const MAX_ROUTE_CHARS = 128

/** The path as it was asked for, for the event: without a query, which can hold anything, and bounded. */
function routeOf({ method, target }: Exchange): string {
  const query = target.indexOf('?')
  return `${method} ${(query < 0 ? target : target.slice(0, query)).slice(0, MAX_ROUTE_CHARS)}`
}

const agentOf = (exchange: Exchange): string | null => exchange.header('user-agent')?.slice(0, 256) ?? null

/** What the event says if this process does not live to end the exchange: everything held counts as used. */
const ifInterrupted = (reservation: Reservation, estimate: CallEstimate): Partial<RequestEvent> => ({
  outcome: 'interrupted',
  usage: tokens(estimate.inputTokens, reservation.outputTokens),
  usageSource: 'estimate',
  charges: reservation.inFull,
})

function refuse(exchange: Exchange, draft: Draft, dialect: Dialect, refusal: Refusal, clock: Clock): void {
  const caller = draft.who?.keyId ?? draft.network.ip
  const answer = refusalAnswer(refusal, dialect, draft.id, caller)
  draft.outcome = 'refused'
  draft.refusal = refusal
  draft.status = answer.status
  const rates = dialect.rateHeaders(ratesOf(refusal, caller), clock.now())
  exchange.start(answer.status, { ...answer.headers, ...rates })
  exchange.end(answer.body)
}

/** What anybody gets to see: no reservation, no upstream, and still one event. */
function show(exchange: Exchange, draft: Draft, { status, headers, body }: WholeAnswer): void {
  draft.outcome = 'ok'
  draft.status = status
  exchange.start(status, { ...headers, 'x-request-id': draft.id })
  exchange.end(body)
}

/** What is left of the limit that refused; its reset is the very wait that the retry headers name. */
function ratesOf(refusal: Refusal, caller: string): Rates {
  if (refusal.kind !== 'over_quota' || refusal.retryAfterMs === null) return noRates
  const rate = {
    limit: refusal.amount,
    remaining: Math.max(0, refusal.amount - refusal.used),
    resetMs: jittered(refusal.retryAfterMs, caller),
  }
  switch (refusal.resource) {
    case 'requests':
      return { ...noRates, requests: rate }
    case 'tokens':
      return { ...noRates, tokens: rate }
    case 'input_tokens':
      return { ...noRates, inputTokens: rate }
    case 'output_tokens':
      return { ...noRates, outputTokens: rate }
    default:
      return noRates
  }
}

function leave(draft: Draft): void {
  draft.outcome = 'client_left'
}

/** A bug or a broken world: the client gets its dialect's error, the operator gets the cause. */
function fail(exchange: Exchange, draft: Draft, dialect: Dialect, error: unknown, path: RequestPath): void {
  draft.outcome = 'failed'
  draft.fault = error instanceof Error ? error.name : 'unknown'
  path.fault(draft.id, error)
  if (exchange.started) return exchange.destroy()
  const wire = { status: 500, code: 'internal_error', message: 'Something went wrong in the gateway.', param: null }
  const { status, headers, body } = wireAnswer(wire, dialect, draft.id, '')
  draft.status = status
  exchange.start(status, headers)
  exchange.end(body)
}

function settle(reservation: Reservation, draft: Draft, nowMs: number): void {
  const { inputTokens, outputTokens } = draft.usage
  // What never reached an upstream is given back whole.
  const sent = draft.answer !== null || draft.usageSource !== 'none'
  const requests = sent && draft.fault !== 'unreachable' ? 1 : 0
  const costNanoUsd = draft.cost.nanoUsd
  draft.charges = reservation.settle({ requests, inputTokens, outputTokens, costNanoUsd }, nowMs)
  draft.shadow = reservation.shadow
  draft.cutBy = draft.outcome === 'cut' ? reservation.cutBy : null
}
