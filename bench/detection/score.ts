import type { ActionName } from '../../src/core/decision.ts'
import { type Share, shareOf } from './interval.ts'
import type { Verdict } from './subject.ts'
import type { Account, Kind, Sample } from './traffic.ts'

/** What a subject did to the accounts of one class. */
export interface ClassScore {
  readonly kind: Kind
  readonly class: string
  readonly accounts: number
  readonly exchanges: number
  /** Harvest exchanges answered in full, of all. Exchanges of one campaign hang together: the interval is too narrow. */
  readonly leak: Share
  /** Accounts that ever met anything but `allow`. */
  readonly friction: Share
  /** Accounts that ever met anything but `allow` and `step_up`. */
  readonly firm: Share
  readonly blocked: Share
  /** Which of an account's exchanges, from 1, first met anything: the median over those that did. */
  readonly firstExchange: number | null
  /** From the first exchange of the class to the first that met anything. */
  readonly firstActionMs: number | null
  /** Accounts whose evidence ever reached `evidence`, which by chance should be at most 1 / `evidence` of the honest. */
  readonly reached: readonly { readonly evidence: number; readonly share: Share }[]
}

export interface Scorer {
  readonly add: (sample: Sample, verdict: Verdict) => void
  readonly scores: () => readonly ClassScore[]
}

const rungs = [20, 100, 500, 1000, 10_000] as const
const inFull: ReadonlySet<string> = new Set<ActionName>(['allow', 'throttle', 'tarpit'])

interface Seen {
  exchanges: number
  first: number
  friction: boolean
  firm: boolean
  blocked: boolean
  evidence: number
}

interface Tally {
  readonly kind: Kind
  readonly seen: Map<Account, Seen>
  exchanges: number
  harvest: number
  leaked: number
  beganMs: number
  actedMs: number | null
}

/** `countFrom`: for a class, how many of its exchanges pass before its leak is counted. */
export function createScorer(countFrom: ReadonlyMap<string, number> = new Map()): Scorer {
  const tallies = new Map<string, Tally>()
  return {
    add: ({ exchange, harvest, account }, { action, evidence }) => {
      let tally = tallies.get(account.class)
      if (tally === undefined) {
        tally = {
          kind: account.kind,
          seen: new Map(),
          exchanges: 0,
          harvest: 0,
          leaked: 0,
          beganMs: exchange.timeMs,
          actedMs: null,
        }
        tallies.set(account.class, tally)
      }
      let seen = tally.seen.get(account)
      if (seen === undefined) {
        seen = { exchanges: 0, first: 0, friction: false, firm: false, blocked: false, evidence: 0 }
        tally.seen.set(account, seen)
      }
      tally.exchanges++
      seen.exchanges++
      if (evidence > seen.evidence) seen.evidence = evidence
      if (harvest && tally.exchanges > (countFrom.get(account.class) ?? 0)) {
        tally.harvest++
        if (inFull.has(action)) tally.leaked++
      }
      if (action === 'allow') return
      if (!seen.friction) seen.first = seen.exchanges
      seen.friction = true
      if (action !== 'step_up') seen.firm = true
      if (action === 'block') seen.blocked = true
      tally.actedMs ??= exchange.timeMs - tally.beganMs
    },
    scores: () => [...tallies].map(([name, tally]) => scoreOf(name, tally)),
  }
}

function scoreOf(name: string, { kind, seen, exchanges, harvest, leaked, actedMs }: Tally): ClassScore {
  const all = [...seen.values()]
  const count = (holds: (one: Seen) => boolean): Share => shareOf(all.filter(holds).length, all.length)
  const firsts = all.filter(({ friction }) => friction).map(({ first }) => first)
  return {
    kind,
    class: name,
    accounts: all.length,
    exchanges,
    leak: shareOf(leaked, harvest),
    friction: count(({ friction }) => friction),
    firm: count(({ firm }) => firm),
    blocked: count(({ blocked }) => blocked),
    firstExchange: firsts.length === 0 ? null : firsts.toSorted((a, b) => a - b)[firsts.length >> 1]!,
    firstActionMs: actedMs,
    reached: rungs.map((rung) => ({ evidence: rung, share: count(({ evidence }) => evidence >= rung) })),
  }
}
