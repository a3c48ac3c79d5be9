import type { Dimension, Facts, Numbers, Resource } from '../core/dimensions.ts'
import { globMatches } from '../core/glob.ts'

export type WindowKind = 'bucket' | 'sliding' | 'calendar' | 'gauge'
export type Mode = 'enforce' | 'shadow' | 'off'

export interface Limit {
  readonly name: string
  readonly per: readonly Dimension[]
  readonly match: readonly Matcher[]
  /** An expression that must hold as well; null: none. */
  readonly when: { holds(facts: Facts, numbers: Numbers): boolean } | null
  readonly resource: Resource
  /** Units per window, or at once for a gauge; nano-dollars for cost. */
  readonly amount: number
  readonly windowMs: number
  readonly kind: WindowKind
  /** Capacity of a bucket; the amount itself for other kinds. */
  readonly burst: number
  readonly mode: Mode
  /** When a shared store does not answer: refuse, go on with what this process knows, or let through uncounted. */
  readonly onStoreError: 'deny' | 'local' | 'allow'
  /** Where an action in force made it, and not the configuration. */
  readonly ofAction?: {
    /** The limit of the configuration that it tightens: whoever is exempt from that one is exempt from this. */
    readonly tightens: string | null
    /** `wait`: counts what others do too, so that a client is told how long to wait and no number. */
    readonly tells: 'numbers' | 'wait'
  }
}

/** Most units that can ever be held or counted at one moment. */
export const capacity = (limit: Limit): number => (limit.kind === 'bucket' ? limit.burst : limit.amount)

export interface Matcher {
  readonly dimension: Dimension
  readonly globs: readonly string[]
}

/** All matchers hold, each by one of its globs. */
export const matches = (matchers: readonly Matcher[], facts: Facts): boolean =>
  matchers.every(({ dimension, globs }) => globs.some((glob) => globMatches(glob, facts[dimension])))

export const applies = (limit: Limit, facts: Facts, numbers: Numbers): boolean =>
  limit.mode !== 'off' &&
  (limit.match.length === 0 || matches(limit.match, facts)) &&
  (limit.when === null || limit.when.holds(facts, numbers))

/** Whether a fact names something only together with the account that says it. */
export const isScoped = (dimension: Dimension): boolean => dimension === 'user' || dimension === 'session'

/**
 * Names the counter of a limit for a caller. The shape of the limit is part of the name, its amount is not: raising a
 * limit keeps what was counted, turning a minute into a day starts anew. JSON keeps values apart that hold separators.
 */
export function counterKey(limit: Limit, facts: Facts): string {
  let key = `${limit.name}/${limit.kind[0]}${limit.windowMs}/${limit.resource}`
  for (const dimension of limit.per) {
    // What a client calls its user or session means something only within its own account.
    const value = isScoped(dimension) ? `${facts.tenant}:${facts[dimension]}` : facts[dimension]
    key += `/${dimension}=${value.includes('/') || value.includes('"') ? JSON.stringify(value) : value}`
  }
  return key
}
