import type { ActionSubject, SubjectKind } from '../core/action.ts'
import type { Dimension } from '../core/dimensions.ts'
import type { Limit } from './limit.ts'
import { isOfCaller, timesFactor } from './scaling.ts'

/** What a subject is counted by. */
const dimensions: Readonly<Record<SubjectKind, Dimension>> = {
  key: 'key',
  user: 'user',
  account: 'tenant',
  ip_prefix: 'ip_prefix',
  asn: 'asn',
  fingerprint: 'fingerprint',
  campaign: 'campaign',
  descriptor: 'global',
}

/** Whose counters are filled by nobody else. */
const alone: ReadonlySet<SubjectKind> = new Set(['key', 'user', 'account'])

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** A throttle lets as much through at once as it does in this part of a minute: it is there to slow, not to refuse. */
const BURST_PART = 6

/** The slowest pace there is: once a day. What would never be admitted is a cooldown or a block, and says so. */
const LEAST_PER_MINUTE = MINUTE_MS / DAY_MS

/** Sets of limits that are kept: numbers written by hand can be as many as somebody likes to write. */
const MAX_KEPT = 512

/**
 * Limits that actions in force make. Each is made once for its numbers and kept, because counters are found by it; whom
 * it counts is said by the request's facts, so that one limit does for every subject of a kind.
 */
export class Tightening {
  readonly #throttles = new Map<string, Limit>()
  readonly #squeezed = new WeakMap<readonly Limit[], Map<string, readonly Limit[]>>()
  readonly #days = new Map<string, Limit>()

  throttle(subject: ActionSubject, requestsPerMinute: number): Limit {
    return kept(this.#throttles, `${nameOf(subject)} ${requestsPerMinute}`, () => {
      const pace = Math.max(LEAST_PER_MINUTE, requestsPerMinute)
      // What is no whole number a minute is one in so many milliseconds.
      const amount = Number.isSafeInteger(pace) ? pace : 1
      const windowMs = amount === pace ? MINUTE_MS : Math.round(MINUTE_MS / pace)
      const burst = Math.max(1, Math.floor(amount / BURST_PART))
      return { ...requests(`throttle/${nameOf(subject)}`, subject, amount), windowMs, kind: 'bucket', burst }
    })
  }

  /** So many requests in any day, for all of the subject together. */
  perDay(subject: ActionSubject, amount: number): Limit {
    return kept(this.#days, `${nameOf(subject)} ${amount}`, () => ({
      ...requests(`squeeze/${nameOf(subject)}`, subject, Math.max(1, Math.floor(amount))),
      windowMs: DAY_MS,
      kind: 'sliding',
    }))
  }

  /**
   * The caller's own limits times a factor, beside those themselves. `shared`: counted for the whole subject instead of
   * for each key, account or user of it.
   */
  squeeze(limits: readonly Limit[], subject: ActionSubject, factor: number, shared: boolean): readonly Limit[] {
    let known = this.#squeezed.get(limits)
    if (known === undefined) this.#squeezed.set(limits, (known = new Map<string, readonly Limit[]>()))
    return kept(known, `${shared ? nameOf(subject) : ''} ${factor}`, () =>
      limits
        .filter(({ mode, per }) => mode === 'enforce' && per.some(isOfCaller))
        .map((limit) => squeezed(limit, subject, factor, shared)),
    )
  }
}

/** Whether a subject's limits are those of its members' standing: what many share has one amount for all of them. */
export const isAlone = ({ kind }: ActionSubject): boolean => alone.has(kind)

function squeezed(limit: Limit, subject: ActionSubject, factor: number, shared: boolean): Limit {
  const per = limit.per.map((dimension) => (isOfCaller(dimension) ? dimensions[subject.kind] : dimension))
  return {
    ...timesFactor(limit, factor),
    name: `squeeze${shared ? `/${nameOf(subject)}` : ''}/${limit.name}`,
    per: shared ? [...new Set(per)] : limit.per,
    ofAction: { tightens: limit.name, tells: !shared || isAlone(subject) ? 'numbers' : 'wait' },
  }
}

/** Names go to metrics and events: descriptors are told apart, everybody else is by the counter. */
const nameOf = ({ kind, value }: ActionSubject): string => (kind === 'descriptor' ? `${kind}/${value}` : kind)

const requests = (name: string, subject: ActionSubject, amount: number): Omit<Limit, 'windowMs' | 'kind'> => ({
  name,
  per: [dimensions[subject.kind]],
  match: [],
  when: null,
  resource: 'requests',
  amount,
  burst: amount,
  mode: 'enforce',
  onStoreError: 'local',
  ofAction: { tightens: null, tells: 'wait' },
})

function kept<T>(among: Map<string, T>, key: string, make: () => T): T {
  let known = among.get(key)
  if (known !== undefined) return known
  if (among.size >= MAX_KEPT) among.clear()
  known = make()
  among.set(key, known)
  return known
}
