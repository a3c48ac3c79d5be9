import type { Book } from './book.ts'
import { capacity, type Dimension, type Limit } from './limit.ts'

/** One counter as the control plane shows it. */
export interface QuotaRow {
  readonly name: string
  readonly resource: string
  readonly mode: string
  readonly limit: number
  readonly used: number
  readonly held: number
  readonly debt: number
  readonly remaining: number
  /** RFC 3339; when everything counted so far has left the window. */
  readonly resets_at: string
  /** Which of the limit's counters this is, where the key alone does not say. */
  readonly counter?: string
}

/** Every counter that belongs to a key; a limit of the key's that has none yet is listed as unused. */
export function listQuotas(
  limits: readonly Limit[],
  book: Book,
  keyId: string,
  account: string,
  nowMs: number,
): readonly QuotaRow[] {
  const rows = new Map<string, QuotaRow[]>()
  for (const limit of limits) if (limit.mode !== 'off' && owned(limit)) rows.set(limit.name, [])
  for (const counter of book.values()) {
    const { limit } = counter
    const ofLimit = rows.get(limit.name)
    if (ofLimit === undefined || !belongs(counter.key, limit, keyId, account)) continue
    const { used, held, debt, remaining, restsAtMs } = counter.view(nowMs)
    const row = { ...head(limit), used, held, debt, remaining, resets_at: time(Math.max(nowMs, restsAtMs)) }
    ofLimit.push(limit.per.every((dimension) => told.has(dimension)) ? row : { ...row, counter: counter.key })
  }
  return limits.flatMap((limit) => {
    const ofLimit = rows.get(limit.name) ?? []
    if (ofLimit.length > 0 || !rows.has(limit.name)) return ofLimit
    return [{ ...head(limit), used: 0, held: 0, debt: 0, remaining: capacity(limit), resets_at: time(nowMs) }]
  })
}

/** Dimensions whose value follows from the key. */
const told: ReadonlySet<Dimension> = new Set(['key', 'tenant', 'global'])

/** An address or a model does not belong to a key unless the limit says whose. */
const owned = (limit: Limit): boolean => limit.per.some((dimension) => told.has(dimension) || dimension === 'user')

const time = (ms: number): string => new Date(ms).toISOString()

const head = (limit: Limit): { name: string; resource: string; mode: string; limit: number } => ({
  name: limit.name,
  resource: limit.resource,
  mode: limit.mode,
  limit: capacity(limit),
})

function belongs(counterKey: string, limit: Limit, keyId: string, account: string): boolean {
  // A value that a client chose could hold "/key=": it stands in quotes then, so only what is before them is believed.
  const quote = counterKey.indexOf('"')
  const named = `${quote < 0 ? counterKey : counterKey.slice(0, quote)}/`
  if (limit.per.includes('key')) return named.includes(`/key=${keyId}/`)
  if (limit.per.includes('tenant')) return named.includes(`/tenant=${account}/`)
  if (limit.per.includes('user')) return counterKey.includes(`/user=${account}:`)
  return true
}
