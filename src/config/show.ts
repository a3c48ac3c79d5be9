import { stringify } from 'yaml'
import { formatAddress } from './address.ts'
import type { Config, KeyConfig, LimitConfig, UpstreamConfig } from './config.ts'
import { nothingLeft } from './fields.ts'
import { sha256 } from './identity.ts'
import { fileShape } from './shape.ts'
import { formatBytes, formatDuration } from './units.ts'

/** JSON Schema of the file, for editors. */
export const configJsonSchema = (): object => ({ title: 'weir.yaml', ...fileShape() })

/** The effective configuration as YAML, defaults written out; of secrets only the start of their hash. */
export function showConfig(config: Config): string {
  const { listen, control, dataDir, upstreams, models, identity, quotas, request, onError, hash, ...rest } = config
  nothingLeft(rest)
  const { listen: controlListen, token, ...restOfControl } = control
  nothingLeft(restOfControl)
  const { trustedProxies, keys, authFailuresPerMinute, ...restOfIdentity } = identity
  nothingLeft(restOfIdentity)
  const { admit, meter, ...restOfErrors } = onError
  nothingLeft(restOfErrors)
  const { maxBodyBytes, maxMessages, bodyTimeoutMs, maxDurationMs, ...restOfRequest } = request
  nothingLeft(restOfRequest)
  const file = {
    listen: formatAddress(listen),
    control: { listen: formatAddress(controlListen), token: hidden(token) },
    data_dir: dataDir ?? undefined,
    upstreams: new Map([...upstreams].map(([name, upstream]) => [name, showUpstream(upstream)])),
    models: new Map(
      models.map(({ pattern, upstream, maxOutputTokens }) => [pattern, { upstream, max_output: maxOutputTokens }]),
    ),
    identity: {
      trusted_proxies: trustedProxies,
      keys: keys.map(showKey),
      auth_failures: { per_minute: authFailuresPerMinute },
    },
    quotas: quotas.map(showLimit),
    request: {
      max_body: formatBytes(maxBodyBytes),
      max_messages: maxMessages,
      body_timeout: formatDuration(bodyTimeoutMs),
      max_duration: formatDuration(maxDurationMs),
    },
    on_error: { admit, meter },
  }
  return `# effective configuration ${hash}\n${stringify(file, { aliasDuplicateObjects: false, lineWidth: 0 })}`
}

function showUpstream(upstream: UpstreamConfig): object {
  const { name: _, dialect, baseUrl, embedded, apiKey, streamUsage, connections, ...times } = upstream
  const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs, ...rest } = times
  nothingLeft(rest)
  return {
    dialect,
    base_url: baseUrl ?? undefined,
    embedded: embedded ?? undefined,
    api_key: hidden(apiKey),
    stream_usage: streamUsage,
    connections,
    connect_timeout: formatDuration(connectTimeoutMs),
    first_byte_timeout: formatDuration(firstByteTimeoutMs),
    idle_timeout: formatDuration(idleTimeoutMs),
  }
}

function showKey({ id, secretSha256, tenant, profile, ...rest }: KeyConfig): object {
  nothingLeft(rest)
  return { id, secret_sha256: abridged(secretSha256), tenant: tenant ?? undefined, profile }
}

function showLimit(limit: LimitConfig): object {
  const { name, per, resource, amount, windowMs, kind, burst, match, mode, onStoreError, ...rest } = limit
  nothingLeft(rest)
  const isGauge = kind === 'gauge'
  return {
    name,
    per,
    [resource]: amount,
    window: isGauge ? undefined : formatDuration(windowMs),
    kind: isGauge ? undefined : kind,
    burst: kind === 'bucket' ? burst : undefined,
    match: match.length === 0 ? undefined : Object.fromEntries(match.map(({ dimension, globs }) => [dimension, globs])),
    mode,
    on_store_error: onStoreError,
  }
}

const abridged = (hash: string): string => `sha256:${hash.slice(0, 8)}…`
const hidden = (secret: string | null): string | undefined => (secret === null ? undefined : abridged(sha256(secret)))
