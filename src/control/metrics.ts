import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Weir } from '../compose.ts'
import type { RequestEvent } from '../core/event.ts'
import type { EventSink } from '../loop.ts'

/**
 * Prometheus metrics, fed by events. Every label's values come from the configuration or from a fixed list: a path, a
 * model or a user that a client made up never becomes a series.
 */
export interface Metrics {
  readonly sink: EventSink
  /** Gauges that are read off a running Weir. */
  watch(weir: Weir): void
  render(): Promise<string>
  readonly contentType: string
}

/** Sub-second steps matter at the first byte, minutes at the end of a long stream. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'weir_requests_total',
    help: 'Requests by endpoint, outcome and status class.',
    labelNames: ['endpoint', 'outcome', 'status'],
    registers,
  })
  const refusals = new Counter({
    name: 'weir_refusals_total',
    help: 'Refused requests by reason; for over_quota with the limit.',
    labelNames: ['reason', 'limit'],
    registers,
  })
  const tokens = new Counter({
    name: 'weir_tokens_total',
    help: 'Tokens by kind, and by whether the provider counted them or Weir estimated.',
    labelNames: ['kind', 'source'],
    registers,
  })
  const charged = new Counter({
    name: 'weir_limit_charged_total',
    help: 'Units charged to each limit.',
    labelNames: ['limit', 'resource'],
    registers,
  })
  const debt = new Counter({
    name: 'weir_limit_debt_total',
    help: 'Units that settlement found above the hold and that were left for a later window.',
    labelNames: ['limit', 'resource'],
    registers,
  })
  const shadow = new Counter({
    name: 'weir_limit_shadow_total',
    help: 'Requests that a limit in shadow mode would have refused or cut.',
    labelNames: ['limit'],
    registers,
  })
  const cuts = new Counter({
    name: 'weir_streams_cut_total',
    help: 'Streams ended by a limit.',
    labelNames: ['limit'],
    registers,
  })
  const faults = new Counter({
    name: 'weir_faults_total',
    help: 'What went wrong upstream or in the gateway.',
    labelNames: ['fault'],
    registers,
  })
  const firstByte = new Histogram({
    name: 'weir_first_byte_seconds',
    help: 'From arrival to the first byte of the answer.',
    labelNames: ['endpoint'],
    buckets: SECONDS,
    registers,
  })
  const duration = new Histogram({
    name: 'weir_request_seconds',
    help: 'From arrival to the last byte of the answer.',
    labelNames: ['endpoint'],
    buckets: SECONDS,
    registers,
  })

  const sink = (event: RequestEvent): void => {
    const endpoint = event.endpoint ?? 'none'
    requests.inc({ endpoint, outcome: event.outcome, status: statusClass(event.status) })
    duration.observe({ endpoint }, (event.endMs - event.atMs) / 1000)
    const firstByteMs = event.answer?.firstByteMs
    if (firstByteMs !== null && firstByteMs !== undefined) firstByte.observe({ endpoint }, firstByteMs / 1000)
    if (event.refusal !== null) {
      const limit = event.refusal.kind === 'over_quota' ? event.refusal.limit : ''
      refusals.inc({ reason: event.refusal.kind, limit })
    }
    if (event.usageSource !== 'none') {
      tokens.inc({ kind: 'input', source: event.usageSource }, event.usage.inputTokens)
      tokens.inc({ kind: 'output', source: event.usageSource }, event.usage.outputTokens)
    }
    for (const charge of event.charges) {
      charged.inc({ limit: charge.limit, resource: charge.resource }, charge.units)
      if (charge.debt > 0) debt.inc({ limit: charge.limit, resource: charge.resource }, charge.debt)
    }
    for (const limit of event.shadow) shadow.inc({ limit })
    if (event.cutBy !== null) cuts.inc({ limit: event.cutBy })
    if (event.fault !== null) faults.inc({ fault: event.fault })
  }

  const watch = (weir: Weir): void => {
    const gauge = (name: string, help: string, read: () => number): void => {
      const made = new Gauge({
        name,
        help,
        registers,
        collect() {
          made.set(read())
        },
      })
    }
    gauge('weir_in_flight', 'Requests in flight.', () => weir.stats.inFlight)
    gauge('weir_counters', 'Counters of limits in memory.', () => weir.stats.counters)
    gauge('weir_counter_overflows', 'Newcomers that had to share a counter.', () => weir.stats.counterOverflows)
    gauge('weir_limits_degraded', 'Counters whose shared store does not answer.', () => weir.stats.degradedCounters)
    gauge('weir_identities', 'Accounts and models whose text and answers are known.', () => weir.stats.identities)
    gauge('weir_events_queued', 'Events waiting for the decision path.', () => weir.stats.loop.queued)
    gauge('weir_events_lost', 'Events that found the queue full.', () => weir.stats.loop.lost)
    gauge('weir_event_sink_failures', 'Events that a sink failed to take.', () => weir.stats.loop.sinkFailures)
  }

  return { sink, watch, render: () => registry.metrics(), contentType: registry.contentType }
}

const statusClass = (status: number): string => (status === 0 ? 'none' : `${Math.floor(status / 100)}xx`)
