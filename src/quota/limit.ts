import { globMatches } from '../core/glob.ts'

/**
 * What a limit counts. `tokens` is input plus output; `concurrent` is held while an exchange lasts and never charged.
 */
export type Resource = 'requests' | 'input_tokens' | 'output_tokens' | 'tokens' | 'concurrent'

export type WindowKind = 'bucket' | 'sliding' | 'calendar' | 'gauge'
export type Mode = 'enforce' | 'shadow' | 'off'

/** What limits are counted by. Every value is present for every request, so that a missing one is never "unlimited". */
export type Dimension = 'key' | 'tenant' | 'user' | 'ip' | 'ip_prefix' | 'model' | 'endpoint' | 'route' | 'global'
export type Facts = Readonly<Record<Dimension, string>>

export interface Limit {
  readonly name: string
  readonly per: readonly Dimension[]
  readonly match: readonly { readonly dimension: Dimension; readonly globs: readonly string[] }[]
  readonly resource: Resource
  /** Units per window, or at once for a gauge. */
  readonly amount: number
  readonly windowMs: number
  readonly kind: WindowKind
  /** Capacity of a bucket; the amount itself for other kinds. */
  readonly burst: number
  readonly mode: Mode
  /** When a shared store does not answer: refuse, go on with what this process knows, or let through uncounted. */
  readonly onStoreError: 'deny' | 'local' | 'allow'
}

/** Most units that can ever be held or counted at one moment. */
export const capacity = (limit: Limit): number => (limit.kind === 'bucket' ? limit.burst : limit.amount)

export const applies = (limit: Limit, facts: Facts): boolean =>
  limit.mode !== 'off' &&
  limit.match.every(({ dimension, globs }) => globs.some((glob) => globMatches(glob, facts[dimension])))

/**
 * Names the counter of a limit for a caller. The shape of the limit is part of the name, its amount is not: raising a
 * limit keeps what was counted, turning a minute into a day starts anew. JSON keeps values apart that hold separators.
 */
export function counterKey(limit: Limit, facts: Facts): string {
  let key = `${limit.name}/${limit.kind[0]}${limit.windowMs}/${limit.resource}`
  for (const dimension of limit.per) {
    const value = facts[dimension]
    key += `/${dimension}=${value.includes('/') || value.includes('"') ? JSON.stringify(value) : value}`
  }
  return key
}
