import type { Draft } from './core/draft.ts'
import type { Outcome, RequestEvent } from './core/event.ts'
import type { Observation } from './core/observation.ts'
import type { Observed } from './core/observed.ts'
import type { RecordedExchange, RecordedTurn } from './core/recorded.ts'
import type { NetworkType } from './core/principal.ts'
import type { ReadCall } from './dialects/dialect.ts'
import { networkOf } from './identity/network.ts'
import { Extractor } from './signals/extract.ts'
import type { RequestPath } from './pipeline.ts'
import type { Policy } from './policy.ts'

/**
 * OBSERVE, the start of the decision path: what an exchange says, as numbers. For live traffic it is done on the request
 * path, because text never leaves that; for a log where the log is read.
 */
/** Puts into the draft what its request says; false where that failed, which is said and changes nothing for anybody. */
export function observe({ turn, call }: ReadCall, policy: Policy, path: RequestPath, draft: Draft): boolean {
  if (turn === null || !policy.observes) return true
  try {
    draft.observation = path.extractor.observe({ ...turn, params: call.params.fields }, null)
    return true
  } catch (error) {
    path.fault(draft.id, error)
    return false
  }
}

const byActions: ReadonlySet<string> = new Set([
  'blocked',
  'quarantined',
  'step_up',
  'cooling_down',
  'throttled',
  'switched_off',
])

const isByAction = ({ refusal }: RequestEvent): boolean => refusal !== null && byActions.has(refusal.kind)

/** The event's word for an observation that failed, where nothing worse happened. */
export const OBSERVE_FAILED = 'observe_failed'

/** What an event says that detection goes by; null where nobody is known, or nothing was asked of a model. */
export function observedOf(event: RequestEvent): Observed | null {
  const { who, model, network, client, usage, answer, decoys } = event
  if (who === null || (model === null && decoys.length === 0)) return null
  const finishReason = answer?.finishReasons[0] ?? null
  return {
    timeMs: event.atMs,
    account: who.account,
    key: who.keyId,
    user: event.user,
    session: event.session,
    ipPrefix: network.ipPrefix === 'unknown' ? null : network.ipPrefix,
    asn: network.asn,
    country: network.country,
    networkType: network.type,
    fingerprint: client?.id ?? null,
    userAgent: event.userAgent,
    profile: who.profile,
    createdMs: null,
    endpoint: event.endpoint,
    model,
    outcome: outcomeOf(event.outcome, event.status),
    status: event.status,
    finishReason,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    costNanoUsd: event.cost.nanoUsd,
    touches: decoys,
    // Who is refused by an action comes back with the same: that speaks against nobody a second time.
    observation: isByAction(event) ? null : withEnd(event.observation ?? null, finishReason),
  }
}

function outcomeOf(outcome: Outcome, status: number): Observed['outcome'] {
  switch (outcome) {
    case 'ok':
    case 'cut':
      return 'answered'
    case 'refused':
      return 'refused'
    case 'client_left':
      return 'left'
    case 'upstream_error':
      return status >= 400 && status < 500 ? 'refused' : 'failed'
    case 'upstream_lost':
    case 'failed':
    case 'interrupted':
      return 'failed'
  }
}

/** How the vendors say that a model would not answer. */
const refusals: ReadonlySet<string | null> = new Set([
  'content_filter',
  'refusal',
  'SAFETY',
  'PROHIBITED_CONTENT',
  'BLOCKLIST',
  'SPII',
])

/** The observation was made while the answer was not there yet. */
const withEnd = (observation: Observation | null, finishReason: string | null): Observation | null =>
  observation !== null && refusals.has(finishReason) ? { ...observation, refused: true } : observation

/** For a log. */
export class RecordObserver {
  readonly #extractor: Extractor
  /** Networks of addresses that were read lately: a log has few of them, again and again. */
  readonly #networks = new Map<string, string | null>()

  /** `secret`: of this deployment. */
  constructor(secret: Uint8Array) {
    this.#extractor = new Extractor(secret)
  }

  observe(exchange: RecordedExchange): Observed {
    const { status, tenant, key, ip, turns } = exchange
    const asked = lastAsked(turns)
    const code = status ?? 200
    return {
      timeMs: exchange.timeMs,
      account: accountOf(tenant, key),
      key,
      user: exchange.user,
      session: exchange.session,
      ipPrefix: ip === null ? null : this.#networkOf(ip),
      asn: exchange.asn,
      country: exchange.country,
      networkType: networkTypeOf(exchange.asnType),
      fingerprint: exchange.fingerprint,
      userAgent: exchange.userAgent,
      profile: exchange.profile ?? 'unknown',
      createdMs: exchange.accountCreatedMs,
      endpoint: exchange.endpoint,
      model: exchange.model,
      outcome: exchange.clientAborted ? 'left' : code < 400 ? 'answered' : code < 500 ? 'refused' : 'failed',
      status: code,
      finishReason: exchange.finishReason,
      inputTokens: exchange.inputTokens ?? 0,
      outputTokens: exchange.outputTokens ?? 0,
      reasoningTokens: exchange.reasoningTokens ?? 0,
      costNanoUsd: exchange.costNanoUsd ?? 0,
      touches: [],
      observation:
        asked === null
          ? null
          : this.#extractor.observe(
              {
                text: asked.text,
                role: asked.role === 'tool' ? 'tool' : 'human',
                turns: turns.length,
                params: Object.keys(exchange.params),
                system: systemOf(turns),
              },
              { text: exchange.answer, finishReason: exchange.finishReason },
            ),
    }
  }

  #networkOf(ip: string): string | null {
    let network = this.#networks.get(ip)
    if (network === undefined) {
      if (this.#networks.size >= MAX_NETWORKS) this.#networks.clear()
      network = networkOf(ip)
      this.#networks.set(ip, network)
    }
    return network
  }
}

const MAX_NETWORKS = 4096

/** The name that decisions are kept under: a key without a tenant must not be taken for a tenant of that name. */
export const accountOf = (tenant: string | null, key: string): string => tenant ?? `key:${key}`

function lastAsked(turns: readonly RecordedTurn[]): RecordedTurn | null {
  for (let i = turns.length - 1; i >= 0; i--) {
    const turn = turns[i]!
    if (turn.role === 'user' || turn.role === 'tool') return turn
  }
  return null
}

const systemOf = (turns: readonly RecordedTurn[]): string | null =>
  turns.length > 0 && turns[0]!.role === 'system' ? turns[0]!.text : null

function networkTypeOf(type: string | null): NetworkType {
  return type === 'tor' || type === 'proxy' || type === 'hosting' ? type : 'none'
}
