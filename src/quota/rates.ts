import type { Counter } from './counter.ts'
import { capacity } from './limit.ts'

export interface Left {
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

/** Of the limits of one kind that an exchange fell under, the one with the least left. */
export interface Tightest {
  readonly requests: Left | null
  readonly tokens: Left | null
  readonly inputTokens: Left | null
  readonly outputTokens: Left | null
}

/** What a client should pace itself by. Cost is the operator's business, and what is in flight the client knows itself. */
export function tightest(counters: readonly Counter[], nowMs: number): Tightest {
  const found = { requests: null, tokens: null, inputTokens: null, outputTokens: null } as {
    -readonly [kind in keyof Tightest]: Left | null
  }
  for (const counter of counters) {
    const { limit } = counter
    if (limit.mode !== 'enforce' || limit.ofAction?.tells === 'wait') continue
    const kind = kinds[limit.resource]
    if (kind === null) continue
    const view = counter.view(nowMs)
    const left = { limit: capacity(limit), remaining: view.remaining, resetMs: Math.max(0, view.restsAtMs - nowMs) }
    found[kind] = tighter(found[kind], left)
  }
  return found
}

const kinds = {
  requests: 'requests',
  tokens: 'tokens',
  input_tokens: 'inputTokens',
  output_tokens: 'outputTokens',
  cost_usd: null,
  concurrent: null,
} as const

const tighter = (a: Left | null, b: Left): Left => (a === null || b.remaining / b.limit < a.remaining / a.limit ? b : a)
