import type { Counter } from './counter.ts'
import { capacity } from './limit.ts'

export interface Left {
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

/** Of the limits an exchange fell under, the ones with the least left: what a client should pace itself by. */
export function tightest(counters: readonly Counter[], nowMs: number): { requests: Left | null; tokens: Left | null } {
  let requests: Left | null = null
  let tokens: Left | null = null
  for (const counter of counters) {
    const { limit } = counter
    if (limit.mode !== 'enforce' || limit.resource === 'concurrent') continue
    const view = counter.view(nowMs)
    const left = { limit: capacity(limit), remaining: view.remaining, resetMs: Math.max(0, view.restsAtMs - nowMs) }
    if (limit.resource === 'requests') requests = tighter(requests, left)
    else tokens = tighter(tokens, left)
  }
  return { requests, tokens }
}

const tighter = (a: Left | null, b: Left): Left => (a === null || b.remaining / b.limit < a.remaining / a.limit ? b : a)
