import type { Call } from './core/call.ts'
import type { Clock } from './core/clock.ts'
import { finishDraft, startDraft, type Draft } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import type { Exchange } from './core/exchange.ts'
import type { Journal } from './core/journal.ts'
import type { Network, Principal } from './core/principal.ts'
import type { Refusal } from './core/refusal.ts'
import { err, ok, type Result } from './core/result.ts'
import type { Upstream } from './core/upstream.ts'
import type { Dialect, Endpoint, ReadCall } from './dialects/dialect.ts'
import { endpoints, findRoute } from './dialects/index.ts'
import { jittered, refusalAnswer, wireAnswer } from './gateway/refuse.ts'
import type { RelayTimes } from './gateway/relay.ts'
import { bearer, type KeyCheck } from './identity/keys.ts'
import type { Estimates, Estimator } from './metering/estimates.ts'
import type { Book } from './quota/book.ts'
import { admit, prepare, select, uncounted, type Demand } from './quota/ledger.ts'
import type { Facts, Limit } from './quota/limit.ts'
import type { Reservation } from './quota/reservation.ts'
import { forward } from './answer.ts'

/**
 * THE REQUEST PATH. `handle` is the list of its stages; each one either gives the next what it needs or says why the
 * request ends here. Whatever happens, the reservation is settled once and one event is emitted.
 */
export async function handle(exchange: Exchange, path: RequestPath): Promise<void> {
  const policy = path.policy
  const { clock } = path
  const draft = startDraft(exchange.id, exchange.receivedAtMs, policy.hash, routeOf(exchange), agentOf(exchange))
  draft.network = policy.network(exchange.peerAddress, exchange.header('x-forwarded-for'))
  let reservation: Reservation | null = null
  let dialect = endpoints[0]!.dialect
  try {
    const route = findEndpoint(exchange, draft)
    if (!route.ok) return refuse(exchange, draft, dialect, route.error)
    dialect = route.value.endpoint.dialect
    const who = identify(exchange, policy, path, draft)
    if (!who.ok) return refuse(exchange, draft, dialect, who.error)
    const read = await readCall(exchange, route.value, policy, draft)
    if (!read.ok) return read.error === 'gone' ? leave(draft) : refuse(exchange, draft, dialect, read.error)
    const { model } = read.value.call
    const target = model === '' ? policy.listing : policy.modelRoute(model)
    if (target === null) return refuse(exchange, draft, dialect, { kind: 'unknown_model', model })
    draft.upstream = target.upstream.name
    const estimate = estimateOf(
      read.value.call,
      target,
      path.estimates.of(who.value.account, model),
      route.value.endpoint,
    )
    const held = await hold(read.value.call, who.value, estimate, policy, path, draft)
    if (!held.ok) return refuse(exchange, draft, dialect, held.error)
    reservation = held.value
    path.journal?.open({ ...draft, ...ifInterrupted(reservation, estimate) })
    if (exchange.gone) return leave(draft)
    await forward({
      exchange,
      draft,
      dialect,
      reservation,
      estimate,
      target,
      path,
      policy,
      ...route.value,
      ...read.value,
      who: who.value,
    })
  } catch (error) {
    fail(exchange, draft, dialect, error, path)
  } finally {
    if (reservation !== null) settle(reservation, draft, clock.now())
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
  readonly journal: Journal | null
  readonly draining: boolean
  emit(event: RequestEvent): void
  /** Says a fault of ours to the operator. */
  fault(id: string, error: unknown): void
}

/** The part of the configuration that decides, compiled and frozen. */
export interface Policy {
  readonly hash: string
  readonly limits: readonly Limit[]
  /** Failed attempts to authenticate, per network. */
  readonly authFailures: Limit
  readonly maxBodyBytes: number
  readonly maxMessages: number
  readonly maxDepth: number
  readonly bodyTimeoutMs: number
  readonly onError: { readonly admit: 'deny' | 'allow'; readonly meter: 'deny' | 'allow' }
  checkKey(presented: string | undefined): KeyCheck
  network(peer: string, forwardedFor: string | undefined): Network
  modelRoute(model: string): ModelTarget | null
  /** Where a request goes that is about no one model: the list of all of them. */
  readonly listing: ModelTarget
}

export interface ModelTarget {
  readonly upstream: Upstream
  readonly apiKey: string | null
  /** Whether the upstream may be asked for a usage chunk. */
  readonly streamUsage: boolean
  /** Output tokens of an answer whose request names no bound. */
  readonly maxOutputTokens: number
  readonly times: RelayTimes
}

/** Tokens that a call is expected to take, before it is sent. */
export interface CallEstimate extends Demand {
  readonly prompt: { readonly bytes: number; readonly extraTokens: number }
  readonly estimator: Estimator
}

interface Route {
  readonly endpoint: Endpoint
  readonly id: string | null
}

const MAX_ROUTE_CHARS = 128

/** The path as it was asked for, for the event: without a query, which can hold anything, and bounded. */
function routeOf({ method, target }: Exchange): string {
  const query = target.indexOf('?')
  return `${method} ${(query < 0 ? target : target.slice(0, query)).slice(0, MAX_ROUTE_CHARS)}`
}

const agentOf = (exchange: Exchange): string | null => exchange.header('user-agent')?.slice(0, 256) ?? null

function findEndpoint(exchange: Exchange, draft: Draft): Result<Route, Refusal> {
  const found = findRoute(exchange.method, exchange.target)
  if (found === null) return err({ kind: 'unknown_route' })
  if ('allow' in found) return err({ kind: 'wrong_method', allow: found.allow })
  draft.endpoint = found.endpoint.name
  return ok(found)
}

function identify(exchange: Exchange, policy: Policy, path: RequestPath, draft: Draft): Result<Principal, Refusal> {
  if (path.draining) return err({ kind: 'draining' })
  const who = policy.checkKey(bearer(exchange.header('authorization')))
  if (typeof who !== 'string') {
    draft.who = who
    return ok(who)
  }
  // A right key always works: whoever shares an address with a guesser must not notice.
  const facts = { ...factsOf('-', '-'), ip: draft.network.ip, ip_prefix: draft.network.ipPrefix }
  const nowMs = path.clock.now()
  const failures = path.failures.counter(policy.authFailures, facts, nowMs)
  if (failures.room(nowMs) < 1)
    return err({ kind: 'too_many_failures', retryAfterMs: failures.waitMs(1, nowMs) ?? 1000 })
  failures.owe(1, nowMs)
  return err({ kind: 'unauthenticated', why: who })
}

/** What is known of a caller before its request is: "-" stands for what nobody has said. */
export const factsOf = (key: string, account: string): Facts => ({
  key,
  tenant: account,
  user: `${account}:-`,
  ip: '-',
  ip_prefix: '-',
  model: '-',
  endpoint: '-',
  route: '-',
  global: '',
})

async function readCall(
  exchange: Exchange,
  { endpoint, id }: Route,
  policy: Policy,
  draft: Draft,
): Promise<Result<ReadCall, Refusal | 'gone'>> {
  const encoding = exchange.header('content-encoding')
  if (encoding !== undefined && encoding !== 'identity') {
    return err({ kind: 'unsupported_encoding', encoding: encoding.slice(0, 32) })
  }
  let body: Uint8Array = new Uint8Array()
  if (endpoint.method === 'POST') {
    const read = await exchange.readBody(policy.maxBodyBytes, policy.bodyTimeoutMs)
    if (!read.ok) {
      if (read.error === 'aborted') return err('gone')
      if (read.error === 'malformed')
        return err({ kind: 'bad_request', message: 'The body is not valid HTTP.', param: null })
      if (read.error === 'timeout') return err({ kind: 'body_timeout', timeoutMs: policy.bodyTimeoutMs })
      return err({ kind: 'too_large', maxBytes: policy.maxBodyBytes })
    }
    body = read.value
  }
  const call = endpoint.read(body, id, { maxMessages: policy.maxMessages, maxDepth: policy.maxDepth })
  if (!call.ok) return err({ kind: 'bad_request', ...call.error })
  const { stream, promptBytes, messages, choices, maxOutputTokens, opaqueParts, model, user } = call.value.call
  draft.request = { stream, bodyBytes: body.length, promptBytes, messages, choices, maxOutputTokens, opaqueParts }
  draft.model = model === '' ? null : model
  draft.user = user
  return call
}

/** An answer shorter than this is not worth starting. */
const MIN_OUTPUT_TOKENS = 16

function estimateOf(call: Call, target: ModelTarget, estimator: Estimator, endpoint: Endpoint): CallEstimate {
  const prompt = { bytes: call.promptBytes, extraTokens: call.promptExtraTokens }
  if (!endpoint.generates) {
    const none = { inputTokens: 0, expectedInputTokens: 0, outputTokens: 0, mostOutputTokens: 0, minOutputTokens: 0 }
    return { prompt, estimator, ...none }
  }
  const input = estimator.input(prompt)
  const bound = call.maxOutputTokens ?? target.maxOutputTokens * call.choices
  const outputTokens = Math.min(bound, estimator.output() * call.choices)
  return {
    prompt,
    estimator,
    inputTokens: input.margined,
    expectedInputTokens: input.expected,
    outputTokens,
    mostOutputTokens: call.stream ? outputTokens : bound,
    minOutputTokens: Math.min(bound, MIN_OUTPUT_TOKENS),
  }
}

async function hold(
  call: Call,
  who: Principal,
  demand: Demand,
  policy: Policy,
  path: RequestPath,
  draft: Draft,
): Promise<Result<Reservation, Refusal>> {
  const facts: Facts = {
    ...factsOf(who.keyId, who.account),
    // A user's name means something only to the account that gave it.
    user: `${who.account}:${call.user ?? '-'}`,
    ip: draft.network.ip,
    ip_prefix: draft.network.ipPrefix,
    model: call.model,
    endpoint: draft.endpoint!,
    route: draft.route,
  }
  try {
    const selection = select(policy.limits, path.book, facts, path.clock.now())
    const waiting = prepare(selection, demand, path.clock.now())
    if (waiting !== null) await waiting
    const held = admit(selection, demand, path.clock.now())
    if (held.ok) draft.shadow = held.value.shadow
    return held
  } catch (error) {
    if (policy.onError.admit === 'deny') throw error
    path.fault(draft.id, error)
    draft.fault = 'admit_failed'
    return ok(uncounted(demand))
  }
}

/** What the event says if this process does not live to end the exchange: everything held counts as used. */
const ifInterrupted = (reservation: Reservation, estimate: CallEstimate): Partial<RequestEvent> => ({
  outcome: 'interrupted',
  usage: {
    inputTokens: estimate.inputTokens,
    outputTokens: reservation.outputTokens,
    cachedTokens: 0,
    reasoningTokens: 0,
  },
  usageSource: 'estimate',
  charges: reservation.inFull,
})

function refuse(exchange: Exchange, draft: Draft, dialect: Dialect, refusal: Refusal): void {
  const caller = draft.who?.keyId ?? draft.network.ip
  const answer = refusalAnswer(refusal, dialect, draft.id, caller)
  draft.outcome = 'refused'
  draft.refusal = refusal
  draft.status = answer.status
  exchange.start(answer.status, { ...answer.headers, ...rateHeaders(refusal, dialect, caller) })
  exchange.end(answer.body)
}

/** What is left of the limit that refused; its reset is the very wait that the retry headers name. */
function rateHeaders(refusal: Refusal, dialect: Dialect, caller: string): Record<string, string> {
  if (refusal.kind !== 'over_quota' || refusal.resource === 'concurrent' || refusal.retryAfterMs === null) return {}
  const rate = {
    limit: refusal.amount,
    remaining: Math.max(0, refusal.amount - refusal.used),
    resetMs: jittered(refusal.retryAfterMs, caller),
  }
  return refusal.resource === 'requests' ? dialect.rateHeaders(rate, null) : dialect.rateHeaders(null, rate)
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
  draft.charges = reservation.settle({ requests, inputTokens, outputTokens }, nowMs)
  draft.shadow = reservation.shadow
  draft.cutBy = draft.outcome === 'cut' ? reservation.cutBy : null
}
