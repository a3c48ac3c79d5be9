import type { Dimension } from '../core/dimensions.ts'
import type { Limit } from './limit.ts'

/** What a trust profile says about limits. */
export interface Allowance {
  /** Factor on every amount that is one caller's own. */
  readonly scale: number
  /** Amounts of single limits, which go before the factor. */
  readonly quotas: ReadonlyMap<string, number>
}

const ofKey: ReadonlySet<Dimension> = new Set(['key', 'user', 'session'])
export const isOfCaller = (dimension: Dimension): boolean => ofKey.has(dimension) || dimension === 'tenant'

/**
 * The limits as they hold for one caller. A limit that counts a key is scaled by the key's trust, one that counts a
 * tenant by the tenant's, so that all keys of a tenant agree on what it may have; limits on networks, models or
 * everything are nobody's own and stay. What a tenant was given by name goes before both.
 */
export function limitsFor(
  limits: readonly Limit[],
  key: Allowance | null,
  tenant: Allowance | null,
  tenantQuotas: ReadonlyMap<string, number> | null,
): readonly Limit[] {
  return limits.map((limit) => {
    const own = limit.per.some((dimension) => ofKey.has(dimension))
    if (!own && !limit.per.includes('tenant')) return limit
    const allowance = own ? key : tenant
    const given = tenantQuotas?.get(limit.name) ?? allowance?.quotas.get(limit.name)
    return withAmount(limit, given ?? whole(limit.amount * (allowance?.scale ?? 1)))
  })
}

function withAmount(limit: Limit, amount: number): Limit {
  if (amount === limit.amount) return limit
  const burst = limit.burst === limit.amount ? amount : whole((limit.burst * amount) / limit.amount)
  return { ...limit, amount, burst }
}

export const timesFactor = (limit: Limit, factor: number): Limit => withAmount(limit, whole(limit.amount * factor))

/** A million dollars in nano-dollars: sums of a few of these still are whole numbers. */
const MOST = 1e15

/** At least one unit: a limit of none could never be waited for. */
const whole = (units: number): number => Math.min(MOST, Math.max(1, Math.round(units)))
