import { toWire, type Refusal, type WireRefusal } from '../core/refusal.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { WholeAnswer } from './relay.ts'

/** Client libraries wait as told up to a minute; above it some hang and some hammer, so they are told not to retry. */
export const MAX_POLITE_WAIT_MS = 60_000

/** A refusal of ours as the caller's own dialect says it. `caller` is whoever the retry hint should be steady for. */
export function refusalAnswer(refusal: Refusal, dialect: Dialect, requestId: string, caller: string): WholeAnswer {
  return wireAnswer(toWire(refusal), dialect, requestId, caller)
}

export function wireAnswer(wire: WireRefusal, dialect: Dialect, requestId: string, caller: string): WholeAnswer {
  const { retryAfterMs } = wire
  // Where a body names the wait, it is the one of the headers.
  const told = typeof retryAfterMs === 'number' ? { ...wire, retryAfterMs: jittered(retryAfterMs, caller) } : wire
  const body = dialect.errorBody(told, requestId)
  return {
    status: dialect.status(wire),
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-request-id': requestId,
      [dialect.requestIdHeader]: requestId,
      ...(wire.allow === undefined ? {} : { allow: wire.allow }),
      ...(wire.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...retryHeaders(retryAfterMs, caller),
    },
    body,
  }
}

/**
 * When to come back. `null`: waiting does not help. A wait is stretched by a fraction that is the same for the same
 * caller each time, so that those refused together do not all return together, and nobody gains by asking again.
 */
export function retryHeaders(retryAfterMs: number | null | undefined, caller: string): Record<string, string> {
  if (retryAfterMs === undefined) return {}
  if (retryAfterMs === null) return { 'x-should-retry': 'false' }
  const waitMs = jittered(retryAfterMs, caller)
  return {
    'retry-after': String(Math.ceil(waitMs / 1000)),
    'retry-after-ms': String(waitMs),
    ...(waitMs > MAX_POLITE_WAIT_MS ? { 'x-should-retry': 'false' } : {}),
  }
}

export function jittered(waitMs: number, caller: string): number {
  const spreadMs = Math.min(5000, 100 + waitMs / 10)
  // A fraction and not a remainder: as the wait runs down a remainder would leap, and asking again would be a lottery.
  const stretched = Math.ceil(waitMs + fractionOf(caller) * spreadMs)
  // Jitter alone must not turn a polite wait into a refusal to retry.
  return waitMs <= MAX_POLITE_WAIT_MS ? Math.min(stretched, MAX_POLITE_WAIT_MS) : stretched
}

/** [0, 1): 32-bit FNV-1a and MurmurHash3's finalizer, without which its high bits tell similar names hardly apart. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
