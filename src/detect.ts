import type { Config } from './config/config.ts'
import { ok, type Result } from './core/result.ts'
import type { RecordedExchange } from './core/recorded.ts'
import type { ReplayJudge } from './replay/port.ts'

/**
 * The judge of a replay. PLACEHOLDER: there is no detector yet, and this one allows everything and finds nothing. The error
 * of a snapshot that cannot be gone on from says why.
 */
export function createJudge(_config: Config, snapshot: Uint8Array | null): Result<ReplayJudge, string> {
  let lastMs: number | null = snapshot === null ? null : Number(new TextDecoder().decode(snapshot))
  if (Number.isNaN(lastMs)) return { ok: false, error: 'is no snapshot' }
  return ok({
    get lastMs() {
      return lastMs
    },
    judge: ({ timeMs }) => {
      lastMs = timeMs
      return { action: 'allow', level: 'normal', campaign: null, evidence: 1 }
    },
    accountOf: ({ tenant, key }: RecordedExchange) => tenant ?? `key:${key}`,
    keysOf: () => [],
    finish: () => undefined,
    accounts: () => [],
    campaigns: () => [],
    snapshot: () => new TextEncoder().encode(String(lastMs)),
  })
}
