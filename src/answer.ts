import type { Draft } from './core/draft.ts'
import type { Exchange } from './core/exchange.ts'
import type { Principal } from './core/principal.ts'
import type { UpstreamFault, UpstreamRequest } from './core/upstream.ts'
import type { Usage } from './core/usage.ts'
import type { Dialect, Endpoint, ReadCall, StreamReader } from './dialects/dialect.ts'
import { wireAnswer } from './gateway/refuse.ts'
import { relay, type RelayEnd, type RelayPlan, type StreamPlan, type WholeAnswer } from './gateway/relay.ts'
import { faultWire, passedHeaders, upstreamError } from './gateway/upstream-answer.ts'
import { SseFramer } from './metering/sse-framer.ts'
import { Tap } from './metering/tap.ts'
import type { Reservation } from './quota/reservation.ts'
import { tightest } from './quota/rates.ts'
import type { CallEstimate, ModelTarget, Policy, RequestPath } from './pipeline.ts'

/** The second half of the request path: the call goes to its upstream, and what comes back is metered as it passes. */
export interface Forwarding extends ReadCall {
  readonly exchange: Exchange
  readonly draft: Draft
  readonly dialect: Dialect
  readonly endpoint: Endpoint
  readonly who: Principal
  readonly target: ModelTarget
  readonly estimate: CallEstimate
  readonly reservation: Reservation
  readonly path: RequestPath
  readonly policy: Policy
}

/** Sends the call and moves the answer; fills the draft with how it ended and what was used. */
export async function forward(f: Forwarding): Promise<void> {
  const meter = startMeter(f)
  let end: RelayEnd
  try {
    end = await relay(f.exchange, f.target.upstream, requestOf(f), planOf(f, meter), f.target.times, f.path.clock)
  } catch (error) {
    // A fault of ours makes nothing free that was passed on before it.
    account(f, meter)
    throw error
  }
  const { draft } = f
  draft.status = end.status
  draft.fault ??= end.fault?.kind ?? null
  // Whoever leaves early has still made the upstream read the prompt.
  if (end.client === 'gone' && !meter.refused) meter.generated = true
  draft.outcome = outcomeOf(end, meter)
  account(f, meter)
  draft.answer = {
    bytes: end.bytes,
    textBytes: meter.textBytes,
    chunks: meter.deltas,
    finishReasons:
      meter.tap === null ? meter.finishReasons : meter.tap.state === 'cut' ? ['length'] : meter.reader.finishReasons,
    firstByteMs: end.firstByteAtMs === null ? null : end.firstByteAtMs - draft.atMs,
  }
}

/** What is known of the answer so far. */
interface Meter {
  readonly reader: StreamReader
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

function startMeter({ endpoint, call, exchange }: Forwarding): Meter {
  const identity = { id: `chatcmpl-${exchange.id}`, createdS: Math.floor(exchange.receivedAtMs / 1000) }
  return {
    reader: endpoint.reader(call, identity),
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

function requestOf({
  endpoint,
  call,
  upstreamPath,
  encode,
  target,
  reservation,
  exchange,
}: Forwarding): UpstreamRequest {
  const bounded = call.maxOutputTokens ?? target.maxOutputTokens * call.choices
  const lower = !call.stream && reservation.boundsOutput && bounded > reservation.outputTokens
  const body = encode({
    askUsage: target.streamUsage,
    maxOutputTokens: lower ? reservation.outputTokens : null,
  })
  return {
    method: endpoint.method,
    path: upstreamPath,
    // Nothing of the client's headers goes through: they could choose an account, an encoding or a feature to bill.
    headers: {
      accept: call.stream ? 'text/event-stream' : 'application/json',
      // What is compressed cannot be metered.
      'accept-encoding': 'identity',
      'x-request-id': exchange.id,
      ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) }),
      ...(target.apiKey === null ? {} : { authorization: `Bearer ${target.apiKey}` }),
    },
    body,
  }
}

const MAX_EVENT_BYTES = 1024 * 1024

function planOf(f: Forwarding, meter: Meter): RelayPlan {
  const { dialect, exchange, draft, endpoint } = f
  const invalid = (detail: string): WholeAnswer => {
    draft.fault = 'protocol'
    return wireAnswer(faultWire({ kind: 'protocol', detail }), dialect, exchange.id, '')
  }
  return {
    stream(status, headers) {
      const events = headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true
      if (!events || status < 200 || status >= 300 || !readable(headers) || !endpoint.generates) return null
      meter.generated = true
      return streamPlan(f, meter, status, headers)
    },
    whole(status, headers, body) {
      if (status < 200 || status >= 300) {
        meter.refused = true
        draft.fault = `status_${status}`
        return upstreamError(status, headers, body, dialect, exchange.id)
      }
      meter.generated = true
      const answer = readable(headers) ? endpoint.readAnswer(body) : null
      if (answer === null && f.policy.onError.meter === 'deny') return invalid('answer cannot be metered')
      meter.complete = true
      meter.usage = answer?.usage ?? null
      meter.textBytes = answer?.textBytes ?? body.length
      meter.finishReasons = answer?.finishReasons ?? []
      account(f, meter)
      // Settled before the answer leaves, so that its headers and the client's next call see the true rest.
      f.reservation.settle({ requests: 1, ...draft.usage }, f.path.clock.now())
      return {
        status,
        headers: { ...passedHeaders(headers), 'content-length': String(body.length), ...ownHeaders(f) },
        body,
      }
    },
    fault: (fault) => wireAnswer(faultWire(fault), dialect, exchange.id, ''),
  }
}

const readable = (headers: Readonly<Record<string, string | undefined>>): boolean =>
  (headers['content-encoding'] ?? 'identity') === 'identity'

function streamPlan(
  f: Forwarding,
  meter: Meter,
  status: number,
  headers: Readonly<Record<string, string | undefined>>,
): StreamPlan {
  const { path, reservation, dialect, exchange } = f
  const { reader } = meter
  const tap = new Tap(new SseFramer(MAX_EVENT_BYTES), reader, {
    hold: (textBytes, deltas) =>
      reservation.holdOutput(f.estimate.estimator.count(textBytes, deltas), path.clock.now()),
    passUnreadable: f.policy.onError.meter === 'allow',
  })
  meter.tap = tap
  const keep = (): void => {
    meter.usage = reader.usage
    meter.textBytes = tap.textBytes
    meter.deltas = tap.deltas
    meter.complete = tap.state === 'done' || (tap.state === 'open' && reader.finished)
  }
  const broken = (fault: UpstreamFault): Buffer => Buffer.from(dialect.errorEvent(faultWire(fault), exchange.id))
  return {
    status,
    headers: {
      ...passedHeaders(headers),
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...ownHeaders(f),
    },
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
      const rest = why === 'ended' ? tap.end() : null
      keep()
      if (tap.state === 'cut') {
        account(f, meter)
        return { bytes: Buffer.from(reader.cut(f.draft.usage)), destroy: false }
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
    ? { kind: 'protocol', detail: 'unreadable event' }
    : { kind: 'dropped', detail: 'the stream ended without its closing event' }

/** Usage as the provider counted it, else as Weir did. Written down as soon as it is known; the last word stays. */
function account({ draft, call, estimate, endpoint }: Forwarding, meter: Meter): void {
  if (!meter.generated || !endpoint.generates) return
  const { usage, textBytes, deltas } = meter
  const counted = estimate.estimator.count(textBytes, deltas)
  if (usage === null) {
    const inputTokens = estimate.expectedInputTokens
    draft.usage = { inputTokens, outputTokens: counted, cachedTokens: 0, reasoningTokens: 0 }
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
  if (meter.tap?.state === 'cut') return 'cut'
  if (end.client === 'gone') return meter.complete ? 'ok' : 'client_left'
  if (meter.refused || meter.tap?.state === 'error') return 'upstream_error'
  return meter.complete ? 'ok' : 'upstream_lost'
}

/** Headers of our own on every answer: the request's id, and what is left of the tightest limits. */
function ownHeaders({ dialect, exchange, reservation, path }: Forwarding): Record<string, string> {
  const { requests, tokens } = tightest(reservation.counters, path.clock.now())
  return { 'x-request-id': exchange.id, ...dialect.rateHeaders(requests, tokens) }
}
