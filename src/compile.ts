import { readFileSync } from 'node:fs'
import type { Config, ModelRoute, UpstreamConfig } from './config/config.ts'
import { noCaps } from './core/caps.ts'
import type { Clock } from './core/clock.ts'
import { err, ok, type Result } from './core/result.ts'
import type { Upstream } from './core/upstream.ts'
import { Decoys } from './decoys/decoys.ts'
import type { DialectName } from './dialects/dialect.ts'
import { Breaker } from './gateway/breaker.ts'
import { createFailover, type FailoverTarget } from './gateway/failover.ts'
import { createModelList } from './gateway/model-list.ts'
import type { RelayTimes } from './gateway/relay.ts'
import { GeoDatabase } from './identity/geo.ts'
import { Identifier } from './identity/identify.ts'
import type { JwtChecker } from './identity/jwt.ts'
import { Keyring } from './identity/keys.ts'
import { AddressLists } from './identity/lists.ts'
import { NetworkReader } from './identity/network-reader.ts'
import { Reputation, type ReputationEntry } from './identity/reputation.ts'
import type { TokenMint } from './identity/token.ts'
import { parsePriceBook, type PriceBook } from './metering/price-book.ts'
import type { Limit } from './quota/limit.ts'
import { calibrationOf } from './calibrations.ts'
import { Routes, Standings, type Detour, type ModelTarget, type Policy, type Pricing, type Route } from './policy.ts'

/** Turns a checked configuration into the policy that decides: databases opened, names looked up, nothing left to parse. */
export interface CompileWorld {
  readonly mint: TokenMint | null
  readonly jwt: JwtChecker | null
  /** What operators have said of callers, beside the configuration. */
  readonly reputation: readonly ReputationEntry[]
}

/** An upstream that is open, with its breaker: both outlive a reload that does not touch them. */
export interface OpenUpstream {
  readonly config: UpstreamConfig
  readonly upstream: Upstream
  readonly breaker: Breaker
}

export const openTarget = (config: UpstreamConfig, upstream: Upstream, clock: Clock): OpenUpstream => ({
  config,
  upstream,
  breaker: new Breaker(config.breaker, clock),
})

const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const CLIENT_STALL_MS = 60_000

/** The error says what keeps a file that the configuration names from being used. */
export function compile(
  config: Config,
  upstreams: ReadonlyMap<string, OpenUpstream>,
  world: CompileWorld,
): Result<Policy, string> {
  const geo = openDatabases(config.network.databases)
  if (!geo.ok) return geo
  const pricing = pricingOf(config)
  if (!pricing.ok) return pricing
  const { identity, network, request } = config
  const routes = config.models.map((route) => routeOf(route, config, upstreams))
  return ok({
    hash: config.hash,
    limits: config.quotas,
    authFailures: authFailures(identity.authFailuresPerMinute),
    maxBodyBytes: request.maxBodyBytes,
    maxMessages: request.maxMessages,
    maxDepth: request.maxDepth,
    bodyTimeoutMs: request.bodyTimeoutMs,
    caps: request.caps,
    screening: Object.values(config.screening.actions).every((action) => action === 'off') ? null : config.screening,
    observes: config.detection.mode !== 'off',
    playbooks: config.detection.mode === 'off' ? [] : config.response.playbooks,
    terms: config.terms,
    decoys: new Decoys(config.response.decoys),
    decoyTargets: decoyTargets(config, upstreams),
    promptCanary: config.response.decoys.promptCanary,
    exemptions: config.exemptions,
    onError: config.onError,
    userHeader: identity.userHeader,
    sessionHeader: identity.sessionHeader,
    identifier: identifierOf(config, world),
    network: new NetworkReader({
      trustedProxies: identity.trustedProxies,
      geo: geo.value,
      lists: new AddressLists(network.lists, new Set(network.hostingAsns)),
      headers: network.headers,
    }),
    reputation: reputationOf(config, world.reputation),
    pricing: pricing.value,
    standings: new Standings(config),
    routes: new Routes(routes, listingOf(routes), deskTarget),
    detours: new Map([...upstreams].map(([name, open]) => [name, detourOf(open, config)])),
    stepUp: { url: config.response.stepUp.url, https: config.tls !== null },
  })
}

const detourOf = ({ config: own, upstream, breaker }: OpenUpstream, config: Config): Detour => ({
  dialects: own.dialects,
  upstream: createFailover({ name: own.name, targets: [{ upstream, breaker }] }),
  streamUsage: own.streamUsage,
  times: timesOf(own, config),
})

/** What keeps files that a configuration names from being used; null: nothing that can be seen before it is in force. */
export function fileProblem(config: Config): string | null {
  const geo = openDatabases(config.network.databases)
  if (!geo.ok) return geo.error
  const pricing = pricingOf(config)
  if (!pricing.ok) return pricing.error
  const calibration = calibrationOf(config.detection)
  return calibration.ok ? null : calibration.error
}

/** What the configuration and operators say of callers. */
export const reputationOf = ({ network }: Config, said: readonly ReputationEntry[]): Reputation =>
  new Reputation([
    ...network.reputation.map(({ kind, value, score, expiresAtMs, reason }) => {
      return { subject: { kind, value }, score, expiresAtMs, reason, source: 'config' as const }
    }),
    ...said,
  ])

function openDatabases(paths: readonly string[]): Result<GeoDatabase | null, string> {
  if (paths.length === 0) return ok(null)
  try {
    return GeoDatabase.open(paths.map((path) => ({ name: path, bytes: readFileSync(path) })))
  } catch (error) {
    return err(`a network database cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function pricingOf({ pricing }: Config): Result<Pricing, string> {
  const { onUnpriced, estimate } = pricing
  let book: PriceBook | null = null
  if (pricing.book !== null) {
    const parsed = parsePriceBook(pricing.book.text)
    if (!parsed.ok) return err(`${pricing.book.path}: ${parsed.error}`)
    book = parsed.value
  }
  return ok({ book, onUnpriced, estimate })
}

function identifierOf({ identity }: Config, { mint, jwt: checker }: CompileWorld): Identifier {
  const { keys, jwt, certificates, passThrough } = identity
  return new Identifier({
    keyring: new Keyring(keys),
    jwt: checker,
    issuers: new Map(jwt.map(({ name, profile, trust }) => [name, { profile, trust }])),
    mint,
    certificates,
    passThrough,
  })
}

function routeOf(route: ModelRoute, config: Config, upstreams: ReadonlyMap<string, OpenUpstream>): Route {
  const open = [route.upstream, ...route.failover].map((name) => upstreams.get(name)!)
  const targets = new Map(
    open[0]!.config.dialects.map((dialect) => {
      const able = open.filter(({ config }) => config.dialects.includes(dialect))
      return [dialect, targetOf(route, able, config)] as const
    }),
  )
  return { pattern: route.pattern, targets }
}

function targetOf(route: ModelRoute, able: readonly OpenUpstream[], config: Config): ModelTarget {
  const [first] = able
  const { name, streamUsage } = first!.config
  const targets: readonly FailoverTarget[] = able.map(({ upstream, breaker }) => ({ upstream, breaker }))
  return {
    upstream: createFailover({ name, targets }),
    streamUsage,
    maxOutputTokens: route.maxOutputTokens,
    price: route.price,
    caps: route.request,
    times: timesOf(first!.config, config),
  }
}

type Timeouts = Pick<UpstreamConfig, 'firstByteTimeoutMs' | 'idleTimeoutMs'>

const timesOf = ({ firstByteTimeoutMs, idleTimeoutMs }: Timeouts, { request }: Config): RelayTimes => ({
  firstByteMs: firstByteTimeoutMs,
  idleMs: idleTimeoutMs,
  stallMs: CLIENT_STALL_MS,
  maxDurationMs: request.maxDurationMs,
  maxAnswerBytes: MAX_ANSWER_BYTES,
})

/** The upstream that answers in the place of honey models, for every dialect that it speaks. */
function decoyTargets(
  config: Config,
  upstreams: ReadonlyMap<string, OpenUpstream>,
): ReadonlyMap<DialectName, ModelTarget> {
  const { upstream } = config.response.decoys
  if (upstream === null) return new Map()
  const request = noCaps
  const route = { pattern: '', upstream, failover: [], maxOutputTokens: DECOY_MAX_TOKENS, price: null, request }
  return routeOf(route, config, upstreams).targets
}

const DECOY_MAX_TOKENS = 4096

/** One upstream for every model is asked as it is; several, or a choice of models, become one list. */
function listingOf(routes: readonly Route[]): ModelTarget | null {
  const open = routes.flatMap(({ pattern, targets }) => {
    const target = targets.get('openai')
    return target === undefined ? [] : [{ pattern, target }]
  })
  const targets = [...new Map(open.map(({ target }) => [target.upstream.name, target])).values()]
  const [first] = targets
  if (first === undefined) return null
  if (targets.length === 1 && open.some(({ pattern }) => pattern === '*')) return first
  const found = new Routes(routes, null, deskTarget)
  const listed = targets.map(({ upstream }) => ({
    upstream,
    routes: (model: string) => found.find(model, 'openai')?.upstream.name === upstream.name,
  }))
  return { ...first, upstream: createModelList(listed) }
}

const deskTarget: Omit<ModelTarget, 'upstream'> = {
  streamUsage: false,
  maxOutputTokens: 0,
  price: null,
  caps: noCaps,
  times: {
    firstByteMs: 10_000,
    idleMs: 10_000,
    stallMs: CLIENT_STALL_MS,
    maxDurationMs: CLIENT_STALL_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  },
}

const authFailures = (perMinute: number): Limit => ({
  name: 'auth-failures',
  per: ['ip_prefix'],
  match: [],
  when: null,
  resource: 'requests',
  amount: perMinute,
  windowMs: 60_000,
  kind: 'bucket',
  burst: perMinute,
  mode: 'enforce',
  onStoreError: 'local',
})
