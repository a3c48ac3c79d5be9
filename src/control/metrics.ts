import { Gauge, Registry } from 'prom-client'
import type { Evidence } from '../evidence.ts'
import type { Weir } from '../compose.ts'
import type { Decision } from '../core/decision.ts'
import type { RequestEvent } from '../core/event.ts'
import type { EventSink } from '../loop.ts'
import { responseMetrics } from './response-metrics.ts'
import { counter, histogram } from './tally.ts'

/**
 * Prometheus metrics, fed by events. Every label's values come from the configuration or from a fixed list: a path, a
 * model or a user that a client made up never becomes a series.
 */
export interface Metrics {
  readonly sink: EventSink
  /** Gauges that are read off a running Weir. */
  watch(weir: Weir): void
  watchLog(log: Evidence): void
  render(): Promise<string>
  readonly contentType: string
}

/** Sub-second steps matter at the first byte, minutes at the end of a long stream. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = counter('weir_requests_total', 'Requests by endpoint, outcome and status class.', [
    'endpoint',
    'outcome',
    'status',
  ])
  const refusals = counter('weir_refusals_total', 'Refused requests by reason; for over_quota with the limit.', [
    'reason',
    'limit',
  ])
  const tokens = counter('weir_tokens_total', 'Tokens by kind, and by whether the provider or Weir counted them.', [
    'kind',
    'source',
  ])
  const charged = counter('weir_limit_charged_total', 'Units charged to each limit.', ['limit', 'resource'])
  const debt = counter('weir_limit_debt_total', 'Units found above the hold and left for a later window.', [
    'limit',
    'resource',
  ])
  const shadow = counter('weir_limit_shadow_total', 'Requests that a limit in shadow mode would have refused or cut.', [
    'limit',
  ])
  const cuts = counter('weir_streams_cut_total', 'Streams ended by a limit.', ['limit'])
  const faults = counter('weir_faults_total', 'What went wrong upstream or in the gateway.', ['fault'])
  const firstByte = histogram(
    'weir_first_byte_seconds',
    'From arrival to the first byte of the answer.',
    ['endpoint'],
    SECONDS,
  )
  const duration = histogram(
    'weir_request_seconds',
    'From arrival to the last byte of the answer.',
    ['endpoint'],
    SECONDS,
  )
  const cost = counter('weir_cost_nano_usd_total', 'Nano-dollars, by whether a price was known or had to be assumed.', [
    'source',
  ])
  const classes = counter('weir_prompt_class_total', 'Requests by what their prompt asks for.', ['class'])
  const flags = counter('weir_prompt_flags_total', 'Prompts that a screen found something in.', ['screen'])
  const callers = counter('weir_callers_total', 'Requests by credential and kind of network.', [
    'credential',
    'network',
  ])
  const odd = counter('weir_client_inconsistencies_total', 'Requests whose headers contradict each other.', ['what'])
  const decisions = counter('weir_decisions_total', 'What the ladder says of requests, by the evidence before them.', [
    'action',
    'mode',
  ])
  const ofCalls = [requests, refusals, tokens, cost, charged, debt, shadow, cuts, faults]
  const response = responseMetrics()
  const series = [...ofCalls, classes, flags, callers, odd, decisions, ...response.series, firstByte, duration]
  let mode = (): string => 'shadow'

  const sink = (event: RequestEvent, decision: Decision | null): void => {
    if (decision !== null) decisions.add(1, decision.action, mode())
    const endpoint = event.endpoint ?? 'none'
    requests.add(1, endpoint, event.outcome, statusClass(event.status))
    duration.add((event.endMs - event.atMs) / 1000, endpoint)
    const firstByteMs = event.answer?.firstByteMs
    if (firstByteMs !== null && firstByteMs !== undefined) firstByte.add(firstByteMs / 1000, endpoint)
    if (event.refusal !== null) {
      const limit = event.refusal.kind === 'over_quota' ? event.refusal.limit : ''
      refusals.add(1, event.refusal.kind, limit)
    }
    if (event.usageSource !== 'none') {
      tokens.add(event.usage.inputTokens, 'input', event.usageSource)
      tokens.add(event.usage.outputTokens, 'output', event.usageSource)
    }
    if (event.usage.cachedTokens > 0) tokens.add(event.usage.cachedTokens, 'cached', event.usageSource)
    if (event.usage.reasoningTokens > 0) tokens.add(event.usage.reasoningTokens, 'reasoning', event.usageSource)
    if (event.cost.source !== 'none') cost.add(event.cost.nanoUsd, event.cost.source)
    if (event.promptClass !== null) classes.add(1, event.promptClass)
    for (const screen of event.flags) flags.add(1, screen)
    callers.add(1, event.who?.credential ?? 'none', event.network.type)
    for (const what of event.client?.inconsistencies ?? []) odd.add(1, what)
    for (const charge of event.charges) {
      charged.add(charge.units, charge.limit, charge.resource)
      if (charge.debt > 0) debt.add(charge.debt, charge.limit, charge.resource)
    }
    for (const limit of event.shadow) shadow.add(1, limit)
    if (event.cutBy !== null) cuts.add(1, event.cutBy)
    if (event.fault !== null) faults.add(1, event.fault)
    response.count(event)
  }

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
  const watchLog = (log: Evidence): void => {
    gauge('weir_audit_entries', 'Entries of the log that are signed.', () => log.stats.size)
    gauge('weir_audit_queued', 'Entries that wait for the disk.', () => log.stats.queued)
    gauge('weir_audit_lost_entries', 'Entries that found the queue full; the log says which.', () => log.stats.lost)
    gauge('weir_audit_groups', 'Groups of entries written, each with one flush of the disk.', () => log.stats.groups)
    gauge('weir_audit_anchored_entries', 'Entries that witnesses and the anchor have seen.', () => log.anchors.anchored)
    gauge('weir_audit_anchor_failures', 'Witnesses and anchors that did not answer.', () => log.anchors.failures)
    gauge('weir_audit_writing', 'Whether entries reach the disk: 1 or 0.', () => (log.isWriting ? 1 : 0))
  }
  const watch = (weir: Weir): void => {
    mode = () => weir.detection.mode
    gauge('process_resident_memory_bytes', 'Resident memory of the process.', () => process.memoryUsage.rss())
    gauge('process_cpu_seconds_total', 'User and system time that the process has used.', cpuSeconds)
    gauge('weir_in_flight', 'Requests in flight.', () => weir.stats.inFlight)
    gauge('weir_shed_requests', 'Requests turned away under overload.', () =>
      weir.stats.shed.reduce((sum, count) => sum + count, 0),
    )
    gauge('weir_broken_upstreams', 'Upstreams whose circuit breaker is open.', () => weir.stats.brokenUpstreams.length)
    gauge('weir_counters', 'Counters of limits in memory.', () => weir.stats.counters)
    gauge('weir_counter_overflows', 'Newcomers that had to share a counter.', () => weir.stats.counterOverflows)
    gauge('weir_limits_degraded', 'Counters whose shared store does not answer.', () => weir.stats.degradedCounters)
    gauge('weir_identities', 'Accounts and models whose text and answers are known.', () => weir.stats.identities)
    gauge(
      'weir_journal_failures',
      'Lines that the journal of open requests failed to take.',
      () => weir.stats.journalFailures,
    )
    gauge('weir_events_queued', 'Events waiting for the decision path.', () => weir.stats.loop.queued)
    gauge('weir_events_lost', 'Events that found the queue full.', () => weir.stats.loop.lost)
    gauge('weir_judge_failures', 'Events that could not be judged.', () => weir.stats.loop.judgeFailures)
    gauge('weir_act_failures', 'Events that could not be acted on.', () => weir.stats.loop.actFailures)
    gauge('weir_detection_campaigns', 'Campaigns that were found.', () => weir.detection.campaigns().length)
    const levels = new Gauge({
      name: 'weir_detection_accounts',
      help: 'Accounts by the highest level that they have reached.',
      labelNames: ['level'],
      registers,
      collect() {
        for (const [level, count] of Object.entries(weir.detection.status.levels)) levels.set({ level }, count)
      },
    })
    response.watch(weir, registry)
    gauge('weir_event_sink_failures', 'Events that a sink failed to take.', () => weir.stats.loop.sinkFailures)
  }

  const render = async (): Promise<string> => {
    const gauges = await registry.metrics()
    return `${series.map((one) => one.render()).join('\n')}\n${gauges}`
  }
  return { sink, watch, watchLog, render, contentType: registry.contentType }
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const statusClass = (status: number): string => statusClasses[Math.floor(status / 100)] ?? 'none'

const statusClasses: readonly string[] = ['none', '1xx', '2xx', '3xx', '4xx', '5xx', '6xx', '7xx', '8xx', '9xx']
