import type { AccountCase, CampaignCase, Decision } from '../../src/core/decision.ts'
import type { RecordedExchange } from '../../src/core/recorded.ts'
import type { ReplayJudge } from '../../src/replay/port.ts'

export const allowed: Decision = { action: 'allow', level: 'normal', campaign: null, evidence: 1 }

export interface ScriptedJudge extends ReplayJudge {
  readonly seen: readonly RecordedExchange[]
  readonly finished: boolean
}

/** A judge that says what it is told to, and remembers what it was shown. */
export function scriptedJudge(
  script: {
    readonly decide?: (exchange: RecordedExchange) => Decision
    readonly keysOf?: (exchange: RecordedExchange) => readonly number[]
    readonly accounts?: readonly AccountCase[]
    readonly campaigns?: readonly CampaignCase[]
    readonly lastMs?: number
  } = {},
): ScriptedJudge {
  const seen: RecordedExchange[] = []
  let finished = false
  return {
    seen,
    get finished() {
      return finished
    },
    lastMs: script.lastMs ?? null,
    judge(exchange) {
      seen.push(exchange)
      return script.decide?.(exchange) ?? allowed
    },
    accountOf: ({ tenant, key }) => tenant ?? key,
    keysOf: (exchange) => script.keysOf?.(exchange) ?? [],
    finish: () => void (finished = true),
    accounts: () => script.accounts ?? [],
    campaigns: () => script.campaigns ?? [],
    snapshot: () => new Uint8Array([1, 2, 3]),
  }
}
