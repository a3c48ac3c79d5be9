import { randomBytes } from 'node:crypto'
import type { Clock } from './core/clock.ts'
import type { Config } from './config/config.ts'
import type { Calibration } from './core/calibration.ts'
import { finishDraft, startDraft, UNKNOWN_REPUTATION } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import type { Exchange } from './core/exchange.ts'
import { idsFrom, type NextId } from './core/ids.ts'
import type { Journal } from './core/journal.ts'
import type { Principal } from './core/principal.ts'
import { memoryRecords } from './core/records.ts'
import { ok, type Result } from './core/result.ts'
import { AliasBook } from './decoys/aliases.ts'
import { Marks } from './decoys/marks.ts'
import { Pace } from './decoys/pace.ts'
import type { ActionRegister } from './actions/register.ts'
import { OverloadGate } from './gateway/overload.ts'
import { TarpitGate } from './gateway/tarpit.ts'
import { unparsableAnswer } from './gateway/unparsable.ts'
import type { WholeAnswer } from './gateway/relay.ts'
import { Fingerprinter } from './identity/fingerprint.ts'
import { JwtChecker } from './identity/jwt.ts'
import { SignatureChecker } from './identity/signature.ts'
import { TokenMint } from './identity/token.ts'
import { startLoop, type LoopStats } from './loop.ts'
import { Estimates } from './metering/estimates.ts'
import { handle, type RequestPath } from './pipeline.ts'
import { keyFacts, type Policy } from './policy.ts'
import { Book } from './quota/book.ts'
import { LocalCounter, type Counter } from './quota/counter.ts'
import { LeasedCounter, type LeaseOffice } from './quota/leased-counter.ts'
import type { Limit } from './quota/limit.ts'
import { listQuotas, ownQuotas, type QuotaRow } from './quota/listing.ts'
import { Tightening } from './quota/tightening.ts'
import { startReports } from './quota/reports.ts'
import { Extractor } from './signals/extract.ts'
import { byHand, type ByHand } from './by-hand.ts'
import { calibrationOf } from './calibrations.ts'
import { compile, reputationOf } from './compile.ts'
import type { ContainmentDesk } from './containment.ts'
import { hearPace } from './decoying.ts'
import { Detection } from './detection.ts'
import { recordedRecords } from './record.ts'
import { openResponse } from './open-response.ts'
import { openUpstreams, type OpenUpstreams } from './open-upstreams.ts'
import { reputationDesk, type ReputationDesk } from './reputation-desk.ts'
import type { Response } from './response.ts'
import type { StepUp } from './step-up.ts'
import { TermsBook } from './terms.ts'
import type { World } from './world.ts'

export { fileProblem } from './compile.ts'
export type { World } from './world.ts'

export interface Weir {
  readonly nextId: NextId
  readonly config: Config
  handle(exchange: Exchange): Promise<void>
  /** A request that was no HTTP: counted like any other, and answered. */
  unparsable(code: string, id: string, peerAddress: string): WholeAnswer
  /**
   * Puts a checked configuration in force. Counts stay where the limit stays the same kind. The error says which file it
   * names cannot be used; then the last one stays in force.
   */
  reload(config: Config): Result<null, string>
  /** From now on new requests are turned away; those in flight go on. */
  drain(): void
  /** Puts events on record that an earlier process owes. */
  emit(event: RequestEvent): void
  quotasOf(keyId: string): readonly QuotaRow[] | null
  readonly reputation: ReputationDesk
  readonly detection: Detection
  readonly response: Response
  readonly actions: ActionRegister
  readonly containment: ContainmentDesk
  /** What people do to both. */
  readonly byHand: ByHand
  readonly stepUp: StepUp
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
  /** Requests turned away under overload, by priority from 0 to 9. */
  readonly shed: readonly number[]
  /** Exchanges that the tarpit holds, what they keep waiting, and how many found no place in it. */
  readonly tarpit: { readonly held: number; readonly heldBytes: number; readonly turnedAway: number }
  /** Upstreams whose breaker is not closed. */
  readonly brokenUpstreams: readonly string[]
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
const MAX_NONCES = 100_000
/** Accounts whose alias is known for theirs when others use it. About 250 bytes each. */
const MAX_ALIASES = 50_000

/** Builds every room from a configuration. Nothing happens before the first exchange. */
export function compose(first: Config, world: World): Result<Weir, string> {
  const { clock } = world
  const nextId = idsFrom(() => clock.now(), world.random)
  const local = (limit: Limit, key: string, nowMs: number): Counter => new LocalCounter(limit, key, nowMs)
  const office = world.leases === null ? null : openOffice(world.leases, clock, nextId())
  const leased = (limit: Limit, key: string, nowMs: number): Counter => new LeasedCounter(limit, key, office!, nowMs)
  const book = new Book(office === null ? local : leased, MAX_COUNTERS)
  const failures = new Book(local, MAX_NETWORKS)
  const estimates = new Estimates(MAX_IDENTITIES)
  const { log } = world
  const kept = world.records ?? memoryRecords()
  const records = log === null ? kept : recordedRecords(kept, log)
  const secrets = world.secrets ?? {
    tokens: randomBytes(32),
    fingerprints: randomBytes(32),
    detection: randomBytes(32),
    stepUp: randomBytes(32),
    decoys: randomBytes(32),
  }
  const terms = new TermsBook(first.terms, records)
  const reputation = reputationDesk(records, clock)
  let jwt: { readonly written: string; readonly checker: JwtChecker } | null = null
  const checkerFor = ({ identity }: Config): JwtChecker | null => {
    if (identity.jwt.length === 0) return null
    // The issuers' keys stay where a reload does not touch the issuers.
    const written = JSON.stringify(identity.jwt)
    if (jwt?.written !== written) jwt = { written, checker: new JwtChecker(identity.jwt, world) }
    return jwt.checker
  }
  const mintFor = ({ identity }: Config): TokenMint | null =>
    identity.tokens === null ? null : new TokenMint(secrets.tokens, identity.tokens.ttlMs)
  const build = (config: Config, open: OpenUpstreams): Result<Built, string> => {
    const mint = mintFor(config)
    const calibration = calibrationOf(config.detection)
    if (!calibration.ok) return calibration
    const made = compile(config, open, { mint, jwt: checkerFor(config), reputation: reputation.entries })
    return made.ok ? ok({ policy: made.value, mint, calibration: calibration.value }) : made
  }
  let config = first
  let upstreams = openUpstreams(first, new Map(), world)
  const built = build(first, upstreams)
  if (!built.ok) return built
  let { policy, mint } = built.value
  const detection = new Detection(first.detection, built.value.calibration, {
    clock,
    secret: secrets.detection,
    state: world.detection,
    say: world.say,
  })
  detection.start()
  const opened = openResponse(first, {
    world,
    kept,
    records,
    nextId,
    judge: detection,
    secret: secrets.stepUp,
    config: () => config,
    callers: () => checkerFor(config),
  })
  const { actions, containment, response, stepUp } = opened
  const overload = new OverloadGate(first.overload.maxInFlight)
  const tarpit = new TarpitGate(first.response.tarpit)
  const reports = office === null ? null : startReports(office, REPORT_MS)
  const loop = startLoop({
    clock,
    maxQueued: MAX_QUEUED_EVENTS,
    judge: (event) => detection.judge(event),
    act: (event) => response.act(event),
    sinks: world.sinks,
    say: (what, detail) => world.say('warn', what, { detail }),
  })
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

  const aliases = new AliasBook(secrets.decoys, MAX_ALIASES)
  giveToKnown(aliases, first, clock.now())
  const pace = new Pace()
  const path: RequestPath = {
    clock,
    book,
    failures,
    estimates,
    fingerprinter: new Fingerprinter(secrets.fingerprints),
    signatures: new SignatureChecker({ windowMs: first.identity.signatures.windowMs, maxNonces: MAX_NONCES }),
    terms,
    desk: {
      get mint() {
        return mint
      },
      get bind() {
        return config.identity.tokens?.bind ?? 'none'
      },
      terms,
      stepUp,
      quotas: (who, limits) => ownQuotas(limits, book, keyFacts(who), clock.now()),
      stampOf: (keyId) => policy.identifier.stampOf(keyId),
      settled: () => log?.settled() ?? Promise.resolve(),
    },
    overload,
    actions: world.actions ?? response.asks,
    rerouting: containment,
    tightening: new Tightening(),
    tarpit,
    random: world.random,
    extractor: new Extractor(secrets.detection),
    decoys: {
      aliases,
      pace,
      marks: new Marks(secrets.decoys),
      random: world.random,
      actions: world.actions ?? response.asks,
    },
    journal: world.journal === null ? null : guarded(world.journal),
    get policy() {
      return policy
    },
    get draining() {
      return draining
    },
    get canRecord() {
      return log === null || log.isWriting || config.onError.audit === 'allow'
    },
    emit(event) {
      hearPace(event, pace)
      loop.emit(event)
    },
    fault: (id, error) => {
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error)
      world.say('error', 'request_failed', { id, cause })
    },
  }
  const limitsOf = (who: Principal): readonly Limit[] => policy.standings.of(who, UNKNOWN_REPUTATION).limits
  const putInForce = (next: Config): Result<null, string> => {
    const others = openUpstreams(next, upstreams, world)
    const made = build(next, others)
    const stay = made.ok ? others : upstreams
    for (const each of [upstreams, others]) {
      for (const [name, { upstream }] of each) if (stay.get(name)?.upstream !== upstream) void upstream.close()
    }
    if (!made.ok) return made
    overload.resize(next.overload.maxInFlight)
    tarpit.resize(next.response.tarpit)
    config = next
    upstreams = others
    policy = made.value.policy
    mint = made.value.mint
    detection.reload(next.detection, made.value.calibration)
    opened.reload(next)
    terms.terms = next.terms
    giveToKnown(aliases, next, clock.now())
    return ok(null)
  }
  reputation.changed(() => {
    policy = { ...policy, reputation: reputationOf(config, reputation.entries) }
  })
  return ok({
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
      draft.network = policy.network.read(peerAddress, { header: () => undefined })
      draft.outcome = 'refused'
      draft.status = answer.status
      draft.refusal = { kind: 'bad_request', message: code, param: null }
      loop.emit(finishDraft(draft, clock.now()))
      return answer
    },
    reload(next) {
      const done = putInForce(next)
      if (done.ok) world.say('info', 'config_loaded', { config: next.hash })
      return done
    },
    drain() {
      draining = true
    },
    emit: loop.emit,
    quotasOf: (keyId) => {
      const who = policy.identifier.byKeyId(keyId)
      return who === null ? null : listQuotas(limitsOf(who), book, keyFacts(who), clock.now())
    },
    reputation,
    detection,
    response,
    actions,
    containment,
    byHand: byHand({ register: actions, containment, clock, upstreams: () => config.upstreams }),
    stepUp,
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
        shed: overload.shed,
        tarpit: { held: tarpit.held, heldBytes: tarpit.heldBytes, turnedAway: tarpit.turnedAway },
        brokenUpstreams: [...upstreams].flatMap(([name, { breaker }]) => (breaker.state === 'closed' ? [] : [name])),
        draining,
      }
    },
    async close() {
      await reports?.round()
      reports?.stop()
      loop.flush()
      await detection.close()
      opened.close()
      await Promise.all([...upstreams.values()].map(({ upstream }) => upstream.close()))
    },
  })
}

/** What an earlier process has given to accounts of the configuration is theirs in this one too. */
function giveToKnown(aliases: AliasBook, { identity, response }: Config, nowMs: number): void {
  if (response.decoys.aliases === null) return
  for (const { id, tenant } of identity.keys) aliases.give(tenant ?? `key:${id}`, nowMs)
}

interface Built {
  readonly policy: Policy
  readonly mint: TokenMint | null
  readonly calibration: Calibration
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
