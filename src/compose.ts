import type { Clock } from './core/clock.ts'
import type { Config, UpstreamConfig } from './config/config.ts'
import { finishDraft, startDraft } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import type { Exchange } from './core/exchange.ts'
import { globMatches } from './core/glob.ts'
import { idsFrom, type NextId } from './core/ids.ts'
import type { Journal } from './core/journal.ts'
import type { Upstream } from './core/upstream.ts'
import { createModelList } from './gateway/model-list.ts'
import { createPoolUpstream } from './gateway/pool.ts'
import { unparsableAnswer } from './gateway/unparsable.ts'
import type { WholeAnswer } from './gateway/relay.ts'
import { createKeyring } from './identity/keys.ts'
import { createNetworkReader } from './identity/network.ts'
import { startLoop, type EventSink, type LoopStats } from './loop.ts'
import { Estimates } from './metering/estimates.ts'
import { factsOf, handle, type ModelTarget, type Policy, type RequestPath } from './pipeline.ts'
import { Book } from './quota/book.ts'
import { LocalCounter, type Counter } from './quota/counter.ts'
import { LeasedCounter, type LeaseOffice } from './quota/leased-counter.ts'
import type { Limit } from './quota/limit.ts'
import { listQuotas, type QuotaRow } from './quota/listing.ts'
import type { LeaseStore } from './quota/port.ts'
import { startReports } from './quota/reports.ts'

/** What the world outside gives to a Weir: time, randomness, and where things go. */
export interface World {
  readonly clock: Clock
  /** A whole number from 0 to below its argument. */
  random(below: number): number
  /** Makes an upstream that lives inside this process. */
  embedded(config: UpstreamConfig): Upstream
  readonly sinks: readonly EventSink[]
  readonly journal: Journal | null
  /** Where limits are leased from; null: this process has the whole of each, and a restart forgets. */
  readonly leases: { readonly store: LeaseStore; readonly processes: number } | null
  /** Says what an operator should know: a short name, and details without secrets. */
  say(level: 'info' | 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>): void
}

export interface Weir {
  readonly nextId: NextId
  readonly config: Config
  handle(exchange: Exchange): Promise<void>
  /** A request that was no HTTP: counted like any other, and answered. */
  unparsable(code: string, id: string, peerAddress: string): WholeAnswer
  /** Puts a checked configuration in force. Counts stay where the limit stays the same kind. */
  reload(config: Config): void
  /** From now on new requests are turned away; those in flight go on. */
  drain(): void
  /** Puts events on record that an earlier process owes. */
  emit(event: RequestEvent): void
  quotasOf(keyId: string): readonly QuotaRow[] | null
  readonly stats: WeirStats
  close(): Promise<void>
}

export interface WeirStats {
  readonly loop: LoopStats
  readonly inFlight: number
  readonly counters: number
  readonly counterOverflows: number
  readonly degradedCounters: number
  readonly identities: number
  readonly journalFailures: number
  readonly draining: boolean
}

/** Callers tracked apart; newcomers beyond them share counters. About 300 bytes each. */
const MAX_COUNTERS = 250_000
const MAX_NETWORKS = 20_000
/** How often spending is reported, how long a lease lives unreported, and how long a request waits for one. */
const REPORT_MS = 1000
const LEASE_TTL_MS = 10_000
const LEASE_DEADLINE_MS = 5
const MAX_IDENTITIES = 50_000
const MAX_QUEUED_EVENTS = 10_000
const MAX_DEPTH = 64
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const CLIENT_STALL_MS = 60_000

/** Builds every room from a configuration. Nothing happens before the first exchange. */
export function compose(first: Config, world: World): Weir {
  const { clock } = world
  const nextId = idsFrom(() => clock.now(), world.random)
  const local = (limit: Limit, key: string, nowMs: number): Counter => new LocalCounter(limit, key, nowMs)
  const office = world.leases === null ? null : openOffice(world.leases, clock, nextId())
  const reports = office === null ? null : startReports(office, REPORT_MS)
  const leased = (limit: Limit, key: string, nowMs: number): Counter => new LeasedCounter(limit, key, office!, nowMs)
  const book = new Book(office === null ? local : leased, MAX_COUNTERS)
  const failures = new Book(local, MAX_NETWORKS)
  const estimates = new Estimates(MAX_IDENTITIES)
  const loop = startLoop({
    clock,
    maxQueued: MAX_QUEUED_EVENTS,
    sinks: world.sinks,
    say: (what, detail) => world.say('warn', what, { detail }),
  })
  let config = first
  let upstreams = openUpstreams(first, new Map(), world)
  let policy = compile(first, upstreams)
  let draining = false
  let inFlight = 0
  let journalFailures = 0
  /** A full disk must not stop traffic: the journal is told to have failed, and requests go on without it. */
  const guarded = (journal: Journal): Journal => {
    const attempt = (write: () => void): void => {
      try {
        write()
      } catch (error) {
        if (journalFailures++ % 1000 === 0)
          world.say('error', 'journal_failed', { cause: String(error), journalFailures })
      }
    }
    return { open: (event) => attempt(() => journal.open(event)), close: (id) => attempt(() => journal.close(id)) }
  }

  const path: RequestPath = {
    clock,
    book,
    failures,
    estimates,
    journal: world.journal === null ? null : guarded(world.journal),
    get policy() {
      return policy
    },
    get draining() {
      return draining
    },
    emit: loop.emit,
    fault: (id, error) => {
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error)
      world.say('error', 'request_failed', { id, cause })
    },
  }
  return {
    nextId,
    get config() {
      return config
    },
    async handle(exchange) {
      inFlight++
      try {
        await handle(exchange, path)
      } catch (error) {
        // Even the answer to a fault has failed: all that is left is to let the client see it.
        path.fault(exchange.id, error)
        exchange.destroy()
      } finally {
        inFlight--
      }
    },
    unparsable(code, id, peerAddress) {
      const answer = unparsableAnswer(code, id)
      const draft = startDraft(id, clock.now(), policy.hash, 'unparsable', null)
      draft.network = policy.network(peerAddress, undefined)
      draft.outcome = 'refused'
      draft.status = answer.status
      draft.refusal = { kind: 'bad_request', message: code, param: null }
      loop.emit(finishDraft(draft, clock.now()))
      return answer
    },
    reload(next) {
      const opened = openUpstreams(next, upstreams, world)
      for (const [key, { upstream }] of upstreams) if (!opened.has(key)) void upstream.close()
      config = next
      upstreams = opened
      policy = compile(next, opened)
      world.say('info', 'config_loaded', { config: next.hash })
    },
    drain() {
      draining = true
    },
    emit: loop.emit,
    quotasOf: (keyId) => {
      const key = config.identity.keys.find(({ id }) => id === keyId)
      if (key === undefined) return null
      return listQuotas(policy.limits, book, factsOf(key.id, key.tenant ?? `key:${key.id}`), clock.now())
    },
    get stats() {
      let degradedCounters = 0
      for (const counter of book.values()) if (!counter.live) degradedCounters++
      return {
        loop: loop.stats,
        inFlight,
        counters: book.size,
        counterOverflows: book.overflows,
        degradedCounters,
        identities: estimates.size,
        journalFailures,
        draining,
      }
    },
    async close() {
      await reports?.round()
      reports?.stop()
      loop.flush()
      await Promise.all([...upstreams.values()].map(({ upstream }) => upstream.close()))
    },
  }
}

const openOffice = ({ store, processes }: NonNullable<World['leases']>, clock: Clock, owner: string): LeaseOffice => ({
  store,
  processes,
  clock,
  owner,
  ttlMs: LEASE_TTL_MS,
  deadlineMs: LEASE_DEADLINE_MS,
  touched: new Set(),
})

type Open = ReadonlyMap<string, { readonly config: UpstreamConfig; readonly upstream: Upstream }>

/** Keeps the connections of upstreams that a reload did not touch. */
function openUpstreams(config: Config, known: Open, world: World): Open {
  const opened = new Map<string, { config: UpstreamConfig; upstream: Upstream }>()
  for (const upstream of config.upstreams.values()) {
    const key = JSON.stringify(upstream)
    opened.set(key, known.get(key) ?? { config: upstream, upstream: openUpstream(upstream, world) })
  }
  return opened
}

function openUpstream(config: UpstreamConfig, world: World): Upstream {
  const { name, baseUrl, connections, connectTimeoutMs } = config
  return baseUrl === null
    ? world.embedded(config)
    : createPoolUpstream({ name, baseUrl, connections, connectTimeoutMs })
}

function compile(config: Config, upstreams: Open): Policy {
  const byName = new Map([...upstreams.values()].map((open) => [open.config.name, open]))
  const routes = config.models.map(({ pattern, upstream, maxOutputTokens }) => {
    const open = byName.get(upstream)!
    return { pattern, target: targetOf(open.config, open.upstream, maxOutputTokens, config.request.maxDurationMs) }
  })
  const modelRoute = (model: string): ModelTarget | null =>
    routes.find(({ pattern }) => globMatches(pattern, model))?.target ?? null
  const { keys, trustedProxies, authFailuresPerMinute } = config.identity
  return {
    hash: config.hash,
    limits: config.quotas,
    authFailures: authFailures(authFailuresPerMinute),
    maxBodyBytes: config.request.maxBodyBytes,
    maxMessages: config.request.maxMessages,
    maxDepth: MAX_DEPTH,
    bodyTimeoutMs: config.request.bodyTimeoutMs,
    onError: config.onError,
    checkKey: createKeyring(keys),
    network: createNetworkReader(trustedProxies),
    modelRoute,
    listing: listingOf(routes, modelRoute),
  }
}

/** One upstream for every model is asked as it is; several, or a choice of models, become one list. */
function listingOf(
  routes: readonly { readonly pattern: string; readonly target: ModelTarget }[],
  modelRoute: (model: string) => ModelTarget | null,
): ModelTarget {
  const targets = [...new Map(routes.map(({ target }) => [target.upstream, target])).values()]
  const [first] = targets
  if (targets.length === 1 && routes.some(({ pattern }) => pattern === '*')) return first!
  const listed = targets.map(({ upstream, apiKey }) => ({
    upstream,
    apiKey,
    routes: (model: string) => modelRoute(model)?.upstream === upstream,
  }))
  return { ...first!, upstream: createModelList(listed), apiKey: null }
}

function targetOf(
  config: UpstreamConfig,
  upstream: Upstream,
  maxOutputTokens: number,
  maxDurationMs: number,
): ModelTarget {
  return {
    upstream,
    apiKey: config.apiKey,
    streamUsage: config.streamUsage,
    maxOutputTokens,
    times: {
      firstByteMs: config.firstByteTimeoutMs,
      idleMs: config.idleTimeoutMs,
      stallMs: CLIENT_STALL_MS,
      maxDurationMs,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    },
  }
}

const authFailures = (perMinute: number): Limit => ({
  name: 'auth-failures',
  per: ['ip_prefix'],
  match: [],
  resource: 'requests',
  amount: perMinute,
  windowMs: 60_000,
  kind: 'bucket',
  burst: perMinute,
  mode: 'enforce',
  onStoreError: 'local',
})
