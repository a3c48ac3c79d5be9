import type { Book } from './book.ts'
import type { Counter } from './counter.ts'
import type { Dimension, Facts } from '../core/dimensions.ts'
import { capacity, type Limit } from './limit.ts'

/** One counter as the control plane shows it. */
export interface QuotaRow {
  readonly name: string
  readonly resource: string
  readonly mode: string
  /** Units, or dollars where the resource is cost; so are the four below. */
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

/**
 * The counters that the caller alone decides and fills, one for each limit: what all callers together have used is
 * nobody's business. Each is opened if need be, so that what an earlier process counted is seen before the first request.
 */
export function ownQuotas(limits: readonly Limit[], book: Book, facts: Facts, nowMs: number): readonly QuotaRow[] {
  return limits
    .filter((limit) => limit.mode !== 'off' && isOwn(limit) && isFilledByCaller(limit))
    .map((limit) => ownRow(limit, book, facts, nowMs))
}

/** Every counter that belongs to a key, also those of its users or models. Looks at all counters there are. */
export function listQuotas(limits: readonly Limit[], book: Book, facts: Facts, nowMs: number): readonly QuotaRow[] {
  const rows = new Map<string, QuotaRow[]>()
  for (const limit of limits) {
    if (limit.mode === 'off' || !owned(limit)) continue
    rows.set(limit.name, isOwn(limit) ? [ownRow(limit, book, facts, nowMs)] : [])
  }
  for (const counter of book.values()) {
    const { limit } = counter
    if (!isOwn(limit) && belongs(counter.key, limit, facts)) {
      rows.get(limit.name)?.push({ ...rowOf(counter, nowMs), counter: counter.key })
    }
  }
  return limits.flatMap(({ name }) => rows.get(name) ?? [])
}

function ownRow(limit: Limit, book: Book, facts: Facts, nowMs: number): QuotaRow {
  const counter = book.counter(limit, facts, nowMs)
  counter.room(nowMs)
  return rowOf(counter, nowMs)
}

function rowOf(counter: Counter, nowMs: number): QuotaRow {
  const { limit } = counter
  const { used, held, debt, remaining, restsAtMs } = counter.view(nowMs)
  // As the configuration has it: dollars.
  const shown = (units: number): number => (limit.resource === 'cost_usd' ? units / 1e9 : units)
  return {
    name: limit.name,
    resource: limit.resource,
    mode: limit.mode,
    limit: shown(capacity(limit)),
    used: shown(used),
    held: shown(held),
    debt: shown(debt),
    remaining: shown(remaining),
    resets_at: new Date(Math.max(nowMs, restsAtMs)).toISOString(),
  }
}

/** Dimensions whose value follows from the key. */
const told: ReadonlySet<Dimension> = new Set(['key', 'tenant', 'profile', 'trust', 'credential', 'global'])

const isOwn = (limit: Limit): boolean => owned(limit) && limit.per.every((dimension) => told.has(dimension))

const isFilledByCaller = ({ per }: Limit): boolean => per.includes('key') || per.includes('tenant')

/** An address or a model does not belong to a key unless the limit says whose. */
const owned = (limit: Limit): boolean => limit.per.some((dimension) => told.has(dimension) || dimension === 'user')

function belongs(counterKey: string, limit: Limit, { key, tenant }: Facts): boolean {
  // A value that a client chose could hold "/key=": it stands in quotes then, and its slashes divide nothing.
  const named = `${counterKey.replaceAll(QUOTED, (quoted) => plain(JSON.parse(quoted) as string))}/`
  if (limit.per.includes('key')) return named.includes(`/key=${plain(key)}/`)
  if (limit.per.includes('tenant')) return named.includes(`/tenant=${plain(tenant)}/`)
  return named.includes(`/user=${plain(tenant)}:`)
}

const QUOTED = /"(?:[^"\\]|\\.)*"/g
const plain = (value: string): string => value.replaceAll('/', '\u0000')
