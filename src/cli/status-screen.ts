import { levels } from '../core/decision.ts'
import type { DetectionStatus } from '../core/detection-status.ts'
import type { WeirStats } from '../compose.ts'

/** What a running Weir answers, and what is shown of it. */
export interface Answers {
  readonly ready: {
    readonly status: string
    readonly config: string
    readonly limits: string
    readonly config_on_disk: string
  }
  readonly status: WeirStats
  readonly detection: Omit<DetectionStatus, 'savedAtMs'> & { readonly saved: string | null }
  readonly metrics: string
}

export interface Status {
  readonly url: string
  readonly health: {
    readonly status: string
    readonly config: string
    readonly config_on_disk: string
    readonly limits: string
    readonly broken_upstreams: readonly string[]
    readonly events_lost: number
    readonly judge_failures: number
    readonly act_failures: number
    readonly faults: Readonly<Record<string, number>>
  }
  readonly traffic: {
    readonly in_flight: number
    readonly requests: number
    readonly by_outcome: Readonly<Record<string, number>>
    readonly input_tokens: number
    readonly output_tokens: number
    readonly cost_usd: number
  }
  readonly limits: readonly LimitRow[]
  readonly actions: {
    readonly enforce: Readonly<Record<string, number>>
    readonly shadow: Readonly<Record<string, number>>
    readonly held_back: Readonly<Record<string, number>>
  }
  readonly response: {
    /** Exchanges by the firmest action that they met. */
    readonly met: Readonly<Record<string, number>>
    readonly decoy_touches: Readonly<Record<string, number>>
    readonly rules_demoted: number
    readonly alerts: Readonly<Record<string, number>>
    readonly alerts_waiting: number
  }
  readonly detection: Answers['detection'] & { readonly decisions: Readonly<Record<string, number>> }
}

export interface LimitRow {
  readonly limit: string
  readonly charged: number
  readonly refused: number
  readonly cut: number
  /** Requests that it would have refused or cut, in shadow mode. */
  readonly shadow: number
}

export function statusOf(url: string, { ready, status, detection, metrics }: Answers): Status {
  const series = seriesOf(metrics)
  const by = (name: string, label: string, only: Readonly<Record<string, string>> = {}): Record<string, number> => {
    const sums: Record<string, number> = {}
    for (const { labels, value } of series.get(name) ?? []) {
      if (!Object.entries(only).every(([key, wanted]) => labels[key] === wanted)) continue
      const key = labels[label] ?? ''
      sums[key] = (sums[key] ?? 0) + value
    }
    return sums
  }
  const inForce = (mode: string): Record<string, number> =>
    Object.fromEntries(Object.entries(by('weir_actions_in_force', 'action', { mode })).filter(([, count]) => count > 0))
  const outcomes = by('weir_requests_total', 'outcome')
  const kinds = by('weir_tokens_total', 'kind')
  return {
    url,
    health: {
      ...ready,
      broken_upstreams: status.brokenUpstreams,
      events_lost: status.loop.lost,
      judge_failures: status.loop.judgeFailures,
      act_failures: status.loop.actFailures,
      faults: by('weir_faults_total', 'fault'),
    },
    traffic: {
      in_flight: status.inFlight,
      requests: sum(outcomes),
      by_outcome: outcomes,
      input_tokens: kinds['input'] ?? 0,
      output_tokens: kinds['output'] ?? 0,
      cost_usd: sum(by('weir_cost_nano_usd_total', 'source')) / 1e9,
    },
    limits: limitRows(
      by('weir_limit_charged_total', 'limit'),
      by('weir_refusals_total', 'limit', { reason: 'over_quota' }),
      by('weir_streams_cut_total', 'limit'),
      by('weir_limit_shadow_total', 'limit'),
    ),
    actions: {
      enforce: inForce('enforce'),
      shadow: inForce('shadow'),
      held_back: inForce('held_back'),
    },
    response: {
      met: by('weir_exchanges_met_total', 'action'),
      decoy_touches: by('weir_decoy_touches_total', 'kind'),
      rules_demoted: sum(by('weir_rules_demoted', '')),
      alerts: by('weir_alerts_total', 'result'),
      alerts_waiting: sum(by('weir_alerts_waiting', '')),
    },
    detection: { ...detection, decisions: by('weir_decisions_total', 'action') },
  }
}

type Sums = Readonly<Record<string, number>>

const sum = (values: Sums): number => Object.values(values).reduce((total, value) => total + value, 0)

const limitRows = (charged: Sums, refused: Sums, cut: Sums, shadow: Sums): readonly LimitRow[] =>
  [...new Set([charged, refused, cut, shadow].flatMap((one) => Object.keys(one)))].map((limit) => ({
    limit,
    charged: charged[limit] ?? 0,
    refused: refused[limit] ?? 0,
    cut: cut[limit] ?? 0,
    shadow: shadow[limit] ?? 0,
  }))

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Prometheus text as Weir writes it. */
function seriesOf(text: string): ReadonlyMap<string, readonly Sample[]> {
  const series = new Map<string, Sample[]>()
  for (const line of text.split('\n')) {
    const found = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (found === null) continue
    const [, name, labels = '', value] = found as unknown as [string, string, string | undefined, string]
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, quoted]) => [key!, quoted!] as const)
    const sample = { labels: Object.fromEntries(pairs), value: Number(value) }
    const known = series.get(name)
    if (known === undefined) series.set(name, [sample])
    else known.push(sample)
  }
  return series
}

const MAX_LIMITS = 20

export function statusText({ url, health, traffic, limits, actions, response, detection }: Status): string {
  const { calibration, decisions } = detection
  const above = levels.filter((level) => level !== 'normal')
  const faults = listed(health.faults)
  const rows = limits.slice(0, MAX_LIMITS).map(({ limit, charged, refused, cut, shadow }) => {
    const also = [
      refused > 0 ? `${n(refused)} refused` : '',
      cut > 0 ? `${n(cut)} cut` : '',
      shadow > 0 ? `${n(shadow)} in shadow` : '',
    ]
    return `  ${limit.padEnd(24)} ${n(charged).padStart(16)} charged  ${also.filter((one) => one !== '').join(', ')}`.trimEnd()
  })
  return `Weir at ${url}: ${health.status}

Health
  configuration ${health.config}, ${health.config_on_disk === 'in force' ? 'as on disk' : `on disk: ${health.config_on_disk}`}
  limits ${health.limits}; upstreams ${health.broken_upstreams.length === 0 ? 'well' : `broken: ${health.broken_upstreams.join(', ')}`}
  events lost ${n(health.events_lost)}, not judged ${n(health.judge_failures)}, not acted on ${n(health.act_failures)}; faults ${faults === '' ? 'none' : faults}

Traffic since the start
  ${n(traffic.requests)} requests (${listed(traffic.by_outcome) || 'none yet'}), ${n(traffic.in_flight)} in flight
  ${n(traffic.input_tokens)} tokens in, ${n(traffic.output_tokens)} out, ${traffic.cost_usd.toFixed(2)} USD

Limits
${rows.length === 0 ? '  nothing charged yet' : rows.join('\n')}${limits.length > MAX_LIMITS ? `\n  and ${n(limits.length - MAX_LIMITS)} more` : ''}

Actions in force
  ${listed(actions.enforce) || 'none'}${among('in shadow', actions.shadow)}${among('held back', actions.held_back)}
  met by requests: ${listed(touching(response.met)) || 'none'}; decoys touched: ${listed(response.decoy_touches) || 'none'}
  rules demoted ${n(response.rules_demoted)}; alerts ${listed(response.alerts) || 'none'}, waiting ${n(response.alerts_waiting)}

Detection: ${modeWords(detection)}
  calibration: ${calibration.own ? 'your own' : 'the one that ships'}, ${n(calibration.accounts)} accounts
  ${n(detection.accounts)} accounts known: ${above.map((level) => `${level} ${n(detection.levels[level])}`).join(', ')}
  ${n(detection.campaigns)} campaigns; ${n(detection.judged)} requests judged${decided(decisions, detection.mode)}
`
}

/** What the mode comes to for clients, in words. */
function modeWords({ mode, learning }: Answers['detection']): string {
  if (mode === 'off') return 'off'
  if (mode === 'enforce') return 'enforce (playbooks act)'
  return learning
    ? 'shadow (learning: calibrate on your own traffic, and write detection: enforce)'
    : 'shadow (calibrated on your own traffic; detection: enforce puts it in force)'
}

function decided(decisions: Sums, mode: string): string {
  const met = listed(touching(decisions))
  return met === '' ? '' : `; ${mode === 'enforce' ? 'decided' : 'would have met'}: ${met}`
}

const touching = (sums: Sums): Sums => Object.fromEntries(Object.entries(sums).filter(([action]) => action !== 'allow'))

const among = (what: string, counts: Sums): string => (listed(counts) === '' ? '' : `; ${what}: ${listed(counts)}`)

const n = (value: number): string => Math.round(value).toLocaleString('en-US')

const listed = (values: Sums): string =>
  Object.entries(values)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${name} ${n(value)}`)
    .join(', ')
