import type { RequestCaps } from '../core/caps.ts'
import type { Resource } from '../core/dimensions.ts'
import { written } from './amount.ts'
import type { Condition, Exemption, LimitConfig, Matcher, RequestConfig, TenantConfig, TrustProfile } from './config.ts'
import { formatDate } from './date.ts'
import { nothingLeft } from './fields.ts'
import { formatBytes, formatDuration } from './units.ts'

/** What each limit counts: amounts of money are written in dollars. */
export type Resources = ReadonlyMap<string, Resource>

export function showLimit(limit: LimitConfig): object {
  const { name, per, resource, amount, windowMs, kind, burst, match, when, mode, onStoreError, ...rest } = limit
  nothingLeft(rest)
  const isGauge = kind === 'gauge'
  return {
    name,
    per,
    [resource]: written(amount, resource),
    window: isGauge ? undefined : formatDuration(windowMs),
    kind: isGauge ? undefined : kind,
    burst: kind === 'bucket' ? written(burst, resource) : undefined,
    match: showMatchWhen(match, when),
    mode,
    on_store_error: onStoreError,
  }
}

/** Nothing where it is for everybody. */
export const showMatchWhen = (match: readonly Matcher[], when: Condition | null): object | undefined =>
  match.length === 0 && when === null ? undefined : { ...showMatch(match), when: when?.source }

const showMatch = (match: readonly Matcher[]): object =>
  Object.fromEntries(match.map(({ dimension, globs }) => [dimension, globs]))

const showAmounts = (amounts: ReadonlyMap<string, number>, resources: Resources): object =>
  new Map([...amounts].map(([name, amount]) => [name, written(amount, resources.get(name)!)]))

export function showTrustProfile(profile: TrustProfile, resources: Resources): object {
  const {
    name: _,
    priority,
    scale,
    quotas,
    models,
    endpoints,
    denyFields,
    request,
    whenReputationAtMost,
    ...rest
  } = profile
  nothingLeft(rest)
  return {
    priority,
    scale,
    quotas: showAmounts(quotas, resources),
    models: models ?? undefined,
    endpoints: endpoints ?? undefined,
    deny_fields: denyFields,
    request: showCaps(request),
    when_reputation_at_most: whenReputationAtMost ?? undefined,
  }
}

export function showTenant(tenant: TenantConfig, resources: Resources): object {
  const { name: _, trust, quotas, ...rest } = tenant
  nothingLeft(rest)
  return { trust: trust ?? undefined, quotas: showAmounts(quotas, resources) }
}

export function showExemption({ reason, expiresAtMs, match, from, ...rest }: Exemption): object {
  nothingLeft(rest)
  return { reason, expires: formatDate(expiresAtMs), match: showMatch(match), from }
}

export function showRequest(request: RequestConfig): object {
  const { maxBodyBytes, maxMessages, maxDepth, bodyTimeoutMs, maxDurationMs, caps, ...rest } = request
  nothingLeft(rest)
  return {
    ...showCaps(caps),
    max_body: formatBytes(maxBodyBytes),
    max_messages: maxMessages,
    max_depth: maxDepth,
    body_timeout: formatDuration(bodyTimeoutMs),
    max_duration: formatDuration(maxDurationMs),
  }
}

export function showCaps(caps: RequestCaps): object {
  const { maxMessages, maxChoices, maxTokens, maxPromptBytes, maxTools, maxOpaqueParts, temperature, ...more } = caps
  const { maxStops, maxStopChars, ...rest } = more
  nothingLeft(rest)
  return {
    max_messages: maxMessages ?? undefined,
    max_choices: maxChoices ?? undefined,
    max_tokens: maxTokens ?? undefined,
    max_prompt: maxPromptBytes === null ? undefined : formatBytes(maxPromptBytes),
    max_tools: maxTools ?? undefined,
    max_images: maxOpaqueParts ?? undefined,
    temperature: temperature === null ? undefined : [temperature.min, temperature.max],
    max_stops: maxStops ?? undefined,
    max_stop_chars: maxStopChars ?? undefined,
  }
}
