import type { Observed } from './core/observed.ts'
import type { RecordedExchange, RecordedTurn } from './core/recorded.ts'
import type { NetworkType } from './core/principal.ts'
import { Extractor } from './signals/extract.ts'

/**
 * OBSERVE, the start of the decision path: what an exchange of a log says, as numbers. The same room does it for live
 * traffic, on the request path, where the text is.
 */
export class RecordObserver {
  readonly #extractor: Extractor

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
      ipPrefix: ip === null ? null : prefixOf(ip),
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
}

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

/** IPv4 /24 or the first four groups of IPv6, as text: what a log holds is taken as it is. */
function prefixOf(ip: string): string {
  if (ip.includes(':')) return ip.split(':').slice(0, 4).join(':')
  const last = ip.lastIndexOf('.')
  return last < 0 ? ip : ip.slice(0, last)
}

function networkTypeOf(type: string | null): NetworkType {
  return type === 'tor' || type === 'proxy' || type === 'hosting' ? type : 'none'
}
