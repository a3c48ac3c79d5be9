import type { Tarpit } from './actions/part.ts'
import type { Call } from './core/call.ts'
import type { Draft } from './core/draft.ts'
import type { Exchange } from './core/exchange.ts'
import type { Principal } from './core/principal.ts'
import type { Refusal } from './core/refusal.ts'
import type { UpstreamFault, UpstreamRequest } from './core/upstream.ts'
import { tokens, type Usage } from './core/usage.ts'
import { forget } from './dialects/body.ts'
import type { Dialect, Endpoint, ReadCall, StreamReader } from './dialects/dialect.ts'
import type { LeanAnswer } from './dialects/lean-answer.ts'
import { wireAnswer } from './gateway/refuse.ts'
import { relay, type RelayEnd, type RelayPlan, type StreamPlan, type WholeAnswer } from './gateway/relay.ts'
import { sitOut } from './gateway/tarpit.ts'
import { faultWire, passedHeaders, upstreamError } from './gateway/upstream-answer.ts'
import { costOf } from './metering/cost.ts'
import { SseFramer } from './metering/sse-framer.ts'
import { Tap } from './metering/tap.ts'
import type { Reservation } from './quota/reservation.ts'
import { tightest } from './quota/rates.ts'
import type { CallEstimate } from './admission.ts'
import { doneDripping, goOn, letDrip, placeFor, startWaiting, type Held } from './held.ts'
import { observe, OBSERVE_FAILED } from './observing.ts'
import { startGuard, type Guard } from './guarding.ts'
import type { RequestPath } from './pipeline.ts'
import { countFailedAttempt } from './reception.ts'
import type { ModelTarget, Policy } from './policy.ts'

/** The second half of the request path: the call goes to its upstream, and what comes back is metered as it passes. */
export interface Forwarding {
  readonly exchange: Exchange
  readonly read: ReadCall
  readonly call: Call
  readonly draft: Draft
  readonly dialect: Dialect
  readonly endpoint: Endpoint
  readonly who: Principal
  /** The client's own key where the upstream is called with it. */
  readonly credential: string | null
  readonly target: ModelTarget
  readonly estimate: CallEstimate
  readonly impliedTokens: number | null
  readonly reservation: Reservation
  readonly path: RequestPath
  readonly policy: Policy
  /** How the caller is kept waiting; both waits are drawn anew each time, evenly in their range. */
  readonly tarpit: Tarpit | null
  /** Only what a restricted caller may see leaves. */
  readonly lean: boolean
  /** Where the caller is asked to confirm its account; null: nothing is asked. */
  readonly confirmAt: string | null
}

/**
 * Sends the call and moves the answer; fills the draft with how it ended and what was used. The refusal, if there is one,
 * is of a call that was not sent.
 */
export function forward(f: Forwarding): Promise<Refusal | null> {
  const guard = startGuard(f)
  const request = requestOf(f, guard?.read ?? f.read)
  const { tarpit } = f
  return tarpit === null || !f.endpoint.generates ? send(f, request, guard, null) : sendLater(f, request, guard, tarpit)
}

async function sendLater(
  f: Forwarding,
  request: UpstreamRequest,
  guard: Guard | null,
  tarpit: Tarpit,
): Promise<Refusal | null> {
  // It may wait long, and beside the body that is sent on nothing that was read of it is needed after this.
  const observed = observe(f.read, f.policy, f.path, f.draft)
  forget(f.read)
  f.exchange.forget()
  const place = placeFor(f, request.body?.length ?? 0)
  if (!place.ok) return place.error
  let held: Held | null = null
  try {
    const waiting = startWaiting(f, tarpit)
    const stayed = await sitOut(f.exchange, waiting.waitMs, f.path.clock)
    const waited = goOn(f, tarpit, place.value, waiting, stayed)
    if (!waited.ok) {
      if (waited.error !== 'gone') return waited.error
      f.draft.outcome = 'client_left'
      return null
    }
    held = waited.value
    return await send(f, request, guard, held)
  } finally {
    place.value.leave()
    if (held !== null) doneDripping(held, f.path)
    if (!observed) f.draft.fault ??= OBSERVE_FAILED
  }
}

async function send(f: Forwarding, request: UpstreamRequest, guard: Guard | null, held: Held | null): Promise<null> {
  const meter = startMeter(f, guard)
  const { times } = f.target
  let end: RelayEnd
  let observed = true
  try {
    const left = held === null ? times : { ...times, maxDurationMs: times.maxDurationMs - held.waitedMs }
    const under = relay(f.exchange, f.target.upstream, request, planOf(f, meter, held), left, f.path.clock)
    // The request is on its way: what it says is made into numbers while its upstream works on it.
    if (held === null) observed = observe(f.read, f.policy, f.path, f.draft)
    end = await under
  } catch (error) {
    // A fault of ours makes nothing free that was passed on before it.
    account(f, meter)
    throw error
  }
  const { draft } = f
  draft.status = end.status
  draft.upstream = end.by ?? draft.upstream
  draft.fault ??= end.fault?.kind ?? (observed ? null : OBSERVE_FAILED)
  // Whoever leaves early has still made the upstream read the prompt.
  if (end.client === 'gone' && !meter.refused) meter.generated = true
  draft.outcome = outcomeOf(end, meter)
  account(f, meter)
  guard?.end(draft, meter.tap === null ? (meter.finishReasons[0] ?? null) : (meter.reader.finishReasons[0] ?? null))
  draft.answer = {
    bytes: end.bytes,
    textBytes: meter.textBytes,
    chunks: meter.deltas,
    finishReasons:
      meter.tap === null ? meter.finishReasons : meter.tap.state === 'cut' ? ['length'] : meter.reader.finishReasons,
    firstByteMs: end.firstByteAtMs === null ? null : end.firstByteAtMs - draft.atMs,
  }
  return null
}

/** What is known of the answer so far. */
interface Meter {
  readonly reader: StreamReader
  readonly guard: Guard | null
  /** Nothing of a whole answer was passed on. */
  emptied: boolean
  tap: Tap | null
  /** The upstream answered with an error status. */
  refused: boolean
  /** The upstream answered with success: something was generated, or may have been. */
  generated: boolean
  /** The upstream said how it ended. */
  complete: boolean
  learned: boolean
  usage: Usage | null
  textBytes: number
  deltas: number
  finishReasons: readonly string[]
}

function startMeter({ endpoint, call, exchange }: Forwarding, guard: Guard | null): Meter {
  const identity = { id: exchange.id, createdS: Math.floor(exchange.receivedAtMs / 1000) }
  const reader = endpoint.reader(call, identity)
  return {
    reader: guard?.over(reader) ?? reader,
    guard,
    emptied: false,
    tap: null,
    refused: false,
    generated: false,
    complete: false,
    learned: false,
    usage: null,
    textBytes: 0,
    deltas: 0,
    finishReasons: [],
  }
}

function requestOf(f: Forwarding, read: ReadCall): UpstreamRequest {
  const { endpoint, dialect, call, target, estimate, reservation, exchange } = f
  const lower = !call.stream && reservation.boundsOutput && estimate.boundTokens > reservation.outputTokens
  const body = endpoint.encode(read, {
    askUsage: target.streamUsage,
    maxOutputTokens: lower ? reservation.outputTokens : f.impliedTokens,
  })
  return {
    method: endpoint.method,
    path: read.upstreamPath,
    // Of the client's headers only what its dialect has checked goes through: others could choose an account, an
    // encoding or a feature to bill.
    headers: {
      accept: call.stream ? 'text/event-stream' : 'application/json',
      // What is compressed cannot be metered.
      'accept-encoding': 'identity',
      'x-request-id': exchange.id,
      ...dialect.requestHeaders(exchange),
      ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) }),
    },
    credential: f.credential,
    keyStyle: dialect.keyStyle,
    body,
  }
}

/** An image in base64 is one event. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024

function planOf(f: Forwarding, meter: Meter, held: Held | null): RelayPlan {
  const { dialect, exchange, draft, endpoint } = f
  const lean = leanOf(f)
  const invalid = (detail: string): WholeAnswer => {
    draft.fault = 'protocol'
    return wireAnswer(faultWire({ kind: 'protocol', detail, sent: true }), dialect, exchange.id, '')
  }
  return {
    stream(status, headers) {
      const events = headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true
      if (!events || status < 200 || status >= 300 || !readable(headers) || !endpoint.generates) return null
      meter.generated = true
      return streamPlan(f, meter, held, status, headers)
    },
    whole(status, headers, body) {
      if (status < 200 || status >= 300) {
        meter.refused = true
        draft.fault = `status_${status}`
        if (status === 401 && f.credential !== null) countFailedAttempt(f.path, f.policy, draft)
        const said = lean === null ? body : (lean.error(body) ?? Buffer.alloc(0))
        return upstreamError(status, headers, said, shownBy(f), exchange.id, f.credential !== null)
      }
      meter.generated = true
      const answer = readable(headers) ? endpoint.readAnswer(body, f.call) : null
      if (answer === null && f.policy.onError.meter === 'deny') return invalid('answer cannot be metered')
      const shown = meter.guard?.whole(body) ?? body
      const leaves = lean === null ? shown : readable(headers) ? lean.whole(shown) : null
      if (leaves === null) return invalid('answer cannot be made lean')
      meter.complete = true
      meter.usage = answer?.usage ?? null
      meter.textBytes = answer?.textBytes ?? body.length
      meter.finishReasons = answer?.finishReasons ?? []
      if (shown !== body) {
        meter.emptied = true
        meter.finishReasons = ['length']
      }
      account(f, meter)
      // Settled before the answer leaves, so that its headers and the client's next call see the true rest.
      const { inputTokens, outputTokens } = draft.usage
      const costNanoUsd = draft.cost.nanoUsd
      f.reservation.settle({ requests: 1, inputTokens, outputTokens, costNanoUsd }, f.path.clock.now())
      const sent = passedHeaders(headers, shownBy(f))
      sent['content-length'] = String(leaves.length)
      addOwnHeaders(f, sent)
      return { status, headers: sent, body: leaves }
    },
    fault: (fault) => wireAnswer(faultWire(fault), dialect, exchange.id, ''),
  }
}

const leanOf = ({ lean, endpoint }: Forwarding): LeanAnswer | null => (lean ? (endpoint.lean ?? null) : null)

/** How long its server took, and what it runs, are none of a restricted caller's business. */
const shownBy = (f: Forwarding): Dialect => (leanOf(f) === null ? f.dialect : { ...f.dialect, answerHeaders: [] })

type Headers = Readonly<Record<string, string | undefined>>

const readable = (headers: Headers): boolean => (headers['content-encoding'] ?? 'identity') === 'identity'

function streamPlan(f: Forwarding, meter: Meter, held: Held | null, status: number, headers: Headers): StreamPlan {
  const { path, reservation, dialect, exchange } = f
  const { reader } = meter
  const lean = leanOf(f)
  const leanStream = lean?.stream?.() ?? null
  const tap = new Tap(new SseFramer(MAX_EVENT_BYTES), reader, {
    hold(textBytes, deltas) {
      if (meter.guard?.cuts === true) return false
      const total = f.estimate.estimator.count(textBytes, deltas)
      return total <= reservation.outputTokens || reservation.holdOutput(total, path.clock.now())
    },
    passUnreadable: f.policy.onError.meter === 'allow',
    rewrite: lean === null ? null : (event, data) => leanStream?.rewrite(event, data) ?? null,
  })
  meter.tap = tap
  const keep = (): void => {
    meter.usage = reader.usage
    meter.textBytes = tap.textBytes
    meter.deltas = tap.deltas
    meter.complete = tap.state === 'done' || (tap.state === 'open' && reader.finished)
  }
  const sent = passedHeaders(headers, shownBy(f))
  sent['cache-control'] = 'no-cache'
  sent['x-accel-buffering'] = 'no'
  addOwnHeaders(f, sent)
  const broken = (fault: UpstreamFault): Buffer => Buffer.from(dialect.errorEvent(faultWire(fault), exchange.id))
  return {
    status,
    pace: held?.pace ?? null,
    headers: sent,
    push(chunk) {
      const pass = tap.push(chunk)
      keep()
      return pass
    },
    get over() {
      if (tap.state === 'open') return 'no'
      return tap.state === 'done' ? 'finished' : 'stop'
    },
    close(why) {
      if (held !== null) letDrip(held, path)
      const rest = why === 'ended' ? tap.end() : null
      keep()
      if (why === 'ended' && tap.state === 'open' && reader.mayEnd === true) meter.complete = true
      if (tap.state === 'cut') {
        account(f, meter)
        return { bytes: tap.closing(Buffer.from(reader.cut(f.draft.usage))), destroy: false }
      }
      if (tap.state === 'done' || tap.state === 'error') return { bytes: rest, destroy: false }
      if (typeof why === 'string' && tap.state === 'open' && meter.complete) return { bytes: rest, destroy: false }
      const fault: UpstreamFault = typeof why === 'string' ? lostFault(tap) : why
      f.draft.fault = fault.kind
      return { bytes: broken(fault), destroy: false }
    },
  }
}

const lostFault = (tap: Tap): UpstreamFault =>
  tap.state === 'broken'
    ? { kind: 'protocol', detail: 'unreadable event', sent: true }
    : { kind: 'dropped', detail: 'the stream ended without its closing event', sent: true }

/** What was used and what it cost. Written down as soon as it is known; the last word stays. */
function account(f: Forwarding, meter: Meter): void {
  if (!meter.generated || !f.endpoint.generates) return
  accountUsage(f, meter)
  f.draft.cost = costOf(f.draft.usage, f.estimate.tag, f.policy.pricing.estimate)
}

/** Usage as the provider counted it, else as Weir did. */
function accountUsage({ draft, call, estimate }: Forwarding, meter: Meter): void {
  const { usage, textBytes, deltas } = meter
  const counted = estimate.estimator.count(textBytes, deltas)
  if (usage === null) {
    const inputTokens = estimate.expectedInputTokens
    draft.usage = tokens(inputTokens, counted)
    draft.usageSource = 'estimate'
  } else if (meter.complete) {
    draft.usage = usage
    draft.usageSource = 'provider'
    if (meter.learned) return
    meter.learned = true
    estimate.estimator.learn(estimate.prompt, usage, { textBytes, deltas, choices: call.choices })
  } else {
    // A count that was given before the end is no count of the end.
    draft.usage = { ...usage, outputTokens: Math.max(usage.outputTokens, counted) }
    draft.usageSource = usage.outputTokens >= counted ? 'provider' : 'estimate'
  }
}

function outcomeOf(end: RelayEnd, meter: Meter): Draft['outcome'] {
  if (meter.tap?.state === 'cut' || meter.emptied) return 'cut'
  if (end.client === 'gone') return meter.complete && end.unsentBytes === 0 ? 'ok' : 'client_left'
  if (meter.refused || meter.tap?.state === 'error') return 'upstream_error'
  return meter.complete ? 'ok' : 'upstream_lost'
}

/** Headers of our own on every answer: the request's id, what is left of the tightest limits, terms to accept. */
function addOwnHeaders(f: Forwarding, headers: Record<string, string>): void {
  const { dialect, exchange, reservation, path, policy, who, confirmAt } = f
  const nowMs = path.clock.now()
  headers['x-request-id'] = exchange.id
  headers[dialect.requestIdHeader] = exchange.id
  const rates = dialect.rateHeaders(tightest(reservation.counters, nowMs), nowMs)
  for (const name in rates) headers[name] = rates[name]!
  if (confirmAt !== null) headers['weir-step-up'] = `?1;url=${JSON.stringify(confirmAt)}`
  const { terms } = policy
  if (terms === null || terms.onUnaccepted === 'allow') return
  const accepted = path.terms.accepted(who.account) ? '?1' : '?0'
  // A structured field (RFC 9651); the configuration holds visible characters only.
  headers['weir-terms'] = `${JSON.stringify(terms.version)};accepted=${accepted};url=${JSON.stringify(terms.url)}`
}
