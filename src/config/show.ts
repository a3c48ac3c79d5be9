import { showPrice } from '../core/written-price.ts'
import { stringify } from 'yaml'
import { formatAddress } from './address.ts'
import type {
  AuditConfig,
  Config,
  DetectionConfig,
  ListenerTls,
  ModelRoute,
  PricingConfig,
  ScreeningConfig,
  TermsConfig,
  UpstreamConfig,
  UpstreamTls,
} from './config.ts'
import { nothingLeft } from './fields.ts'
import { fileShape } from './schema.ts'
import { hidden, showIdentity, showNetwork } from './show-callers.ts'
import { showCaps, showExemption, showLimit, showRequest, showTenant, showTrustProfile } from './show-limits.ts'
import { showResponse } from './show-response.ts'
import { formatBytes, formatDuration } from './units.ts'

/** JSON Schema of the file, for editors. */
export function configJsonSchema(): object {
  const withoutOurs = (key: string, value: unknown): unknown => (key === 'fileBytes' ? undefined : value)
  return { title: 'weir.yaml', ...(JSON.parse(JSON.stringify(fileShape(), withoutOurs)) as object) }
}

/** The effective configuration as YAML, defaults and packs written out; of secrets only the start of their hash. */
export function showConfig(config: Config): string {
  const { listen, tls, insecure, control, dataDir, upstreams, models, pricing, identity, network, ...more } = config
  const { trustProfiles, tenants, exemptions, terms, quotas, request, screening, detection, overload, ...others } = more
  const { onError, audit, secretsRefreshMs, hash, sources: _, response, ...rest } = others
  nothingLeft(rest)
  const { listen: controlListen, token, ...restOfControl } = control
  nothingLeft(restOfControl)
  const { maxInFlight, ...restOfOverload } = overload
  nothingLeft(restOfOverload)
  const { enforce, admit, meter, screen, audit: onAuditError, ...restOfErrors } = onError
  nothingLeft(restOfErrors)
  const resources = new Map(quotas.map(({ name, resource }) => [name, resource]))
  const file = {
    listen: formatAddress(listen),
    insecure,
    tls: tls === null ? undefined : showListenerTls(tls),
    control: { listen: formatAddress(controlListen), token: hidden(token) },
    data_dir: dataDir ?? undefined,
    upstreams: mapped(upstreams, showUpstream),
    models: new Map(models.map((model) => [model.pattern, showModel(model)])),
    pricing: showPricing(pricing),
    identity: showIdentity(identity),
    network: showNetwork(network),
    trust_profiles: mapped(trustProfiles, (profile) => showTrustProfile(profile, resources)),
    tenants: mapped(tenants, (tenant) => showTenant(tenant, resources)),
    exemptions: exemptions.map(showExemption),
    terms: terms === null ? undefined : showTerms(terms),
    quotas: quotas.map(showLimit),
    request: showRequest(request),
    screening: showScreening(screening),
    detection: showDetection(detection),
    ...showResponse(response),
    overload: { max_in_flight: maxInFlight },
    on_error: { enforce, admit, meter, screen, audit: onAuditError },
    audit: showAudit(audit),
    secrets: secretsRefreshMs === null ? undefined : { refresh: formatDuration(secretsRefreshMs) },
  }
  return `# effective configuration ${hash}\n${stringify(file, literal, { aliasDuplicateObjects: false, lineWidth: 0 })}`
}

/** What stands for a variable in the file is no text: the characters themselves are written otherwise. */
const literal = (_key: unknown, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('${', () => '$${') : value

const mapped = <T>(all: ReadonlyMap<string, T>, show: (one: T) => object): ReadonlyMap<string, object> =>
  new Map([...all].map(([name, one]) => [name, show(one)]))

function showAudit({ origin, witnesses, anchor, everyMs, ...rest }: AuditConfig): object {
  nothingLeft(rest)
  const { folder, timestampUrl, ...restOfAnchor } = anchor
  nothingLeft(restOfAnchor)
  return {
    origin: origin ?? undefined,
    witnesses: witnesses.map(({ url, key, ...rest }) => {
      nothingLeft(rest)
      return { url, key }
    }),
    anchor: { folder: folder ?? undefined, timestamp: timestampUrl ?? undefined },
    every: formatDuration(everyMs),
  }
}

/** The files, because the path of a secret is none. */
function showListenerTls(tls: ListenerTls): object {
  const { cert: _cert, key: _key, clientCa: _ca, clientAuth, paths, ...rest } = tls
  nothingLeft(rest)
  const { cert, key, clientCa, ...restOfPaths } = paths
  nothingLeft(restOfPaths)
  return { cert, key, client_ca: clientCa ?? undefined, client_auth: clientAuth }
}

function showUpstream(upstream: UpstreamConfig): object {
  const { name: _, dialects, baseUrls, embedded, apiKey, tls, streamUsage, connections, breaker, ...times } = upstream
  const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs, ...rest } = times
  nothingLeft(rest)
  const { failures, windowMs, openMs, ...restOfBreaker } = breaker
  nothingLeft(restOfBreaker)
  return {
    dialect: dialects.length === 1 ? dialects[0] : dialects,
    base_url: baseUrls.length > 1 ? baseUrls : baseUrls[0],
    embedded: embedded ?? undefined,
    api_key: hidden(apiKey),
    tls: tls === null ? undefined : showUpstreamTls(tls),
    stream_usage: streamUsage,
    connections,
    connect_timeout: formatDuration(connectTimeoutMs),
    first_byte_timeout: formatDuration(firstByteTimeoutMs),
    idle_timeout: formatDuration(idleTimeoutMs),
    breaker: { failures, window: formatDuration(windowMs), open: formatDuration(openMs) },
  }
}

function showUpstreamTls(tls: UpstreamTls): object {
  const { ca: _ca, cert: _cert, key: _key, paths, ...rest } = tls
  nothingLeft(rest)
  const { ca, cert, key, ...restOfPaths } = paths
  nothingLeft(restOfPaths)
  return { ca: ca ?? undefined, cert: cert ?? undefined, key: key ?? undefined }
}

function showModel(model: ModelRoute): object {
  const { pattern: _, upstream, failover, maxOutputTokens, price, request, ...rest } = model
  nothingLeft(rest)
  return {
    upstream,
    failover,
    max_output: maxOutputTokens,
    price: price === null ? undefined : showPrice(price),
    request: showCaps(request),
  }
}

function showPricing({ book, onUnpriced, estimate, ...rest }: PricingConfig): object {
  nothingLeft(rest)
  return { book: book?.path, on_unpriced: onUnpriced, estimate: showPrice(estimate) }
}

function showTerms({ version, url, onUnaccepted, ...rest }: TermsConfig): object {
  nothingLeft(rest)
  return { version, url, on_unaccepted: onUnaccepted }
}

function showScreening({ actions, maxScanBytes, ...rest }: ScreeningConfig): object {
  nothingLeft(rest)
  return { ...actions, max_scan: formatBytes(maxScanBytes) }
}

function showDetection(detection: DetectionConfig): object {
  const { mode, calibration, ladder, maxAccounts, keySlots, snapshotEveryMs, ...rest } = detection
  nothingLeft(rest)
  const { watch, notice, stepUp, tarpit, squeeze, block, ...restOfLadder } = ladder
  nothingLeft(restOfLadder)
  return {
    mode,
    calibration: calibration?.path,
    ladder: { watch, notice, step_up: stepUp, tarpit, squeeze, block },
    max_accounts: maxAccounts,
    keys: keySlots,
    snapshot_every: formatDuration(snapshotEveryMs),
  }
}
