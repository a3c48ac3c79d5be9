import type { Exchange } from './ledger.ts'

/** What honest accounts of one kind met. */
export interface Felt {
  readonly class: string
  readonly accounts: number
  readonly exchanges: number
  /** Parts of accounts: that ever met anything, anything beyond a step-up, and a block. */
  readonly friction: number
  readonly firm: number
  readonly blocked: number
  /** Part of exchanges that a limit refused: that is the policy, and no suspicion. */
  readonly limited: number
  /** Virtual milliseconds that Weir made them wait for an answer they got. */
  readonly waitedMs: Quantiles
  /** Real milliseconds in Weir. */
  readonly cpuMs: Quantiles
}

export interface Quantiles {
  readonly p50: number
  readonly p99: number
}

/** The first exchanges of a process pay for compiling it. */
const WARM_UP = 500

export function feltBy(exchanges: readonly Exchange[]): readonly Felt[] {
  const warm = exchanges.slice(Math.min(WARM_UP, exchanges.length >> 1))
  const classes = Map.groupBy(
    exchanges.filter(({ isHonest }) => isHonest),
    (exchange) => exchange.class,
  )
  return [...classes].map(([name, own]) => {
    const accounts = [...Map.groupBy(own, ({ account }) => account).values()]
    const part = (met: (exchange: Exchange) => boolean): number =>
      accounts.filter((all) => all.some(met)).length / accounts.length
    const later = warm.filter((one) => one.class === name && one.waitedMs === 0)
    return {
      class: name,
      accounts: accounts.length,
      exchanges: own.length,
      friction: part(({ action }) => action !== 'allow'),
      firm: part(({ action }) => action !== 'allow' && action !== 'step_up' && action !== 'restrict'),
      blocked: part(({ action }) => action === 'block' || action === 'quarantine'),
      limited: own.filter(({ refusal }) => refusal === 'over_quota').length / own.length,
      waitedMs: quantiles(own.filter(({ status }) => status === 200).map(({ waitedMs }) => waitedMs)),
      cpuMs: quantiles(later.map(({ cpuMs }) => cpuMs)),
    }
  })
}

export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}
