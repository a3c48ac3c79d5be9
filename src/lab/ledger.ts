import type { ActionName, Level } from '../core/decision.ts'
import type { EventSink } from '../loop.ts'

/** One exchange as its account met it, and as Weir put it down. */
export interface Exchange {
  readonly account: string
  readonly class: string
  readonly isHonest: boolean
  readonly atMs: number
  /** HTTP status; 0 while it is under way. */
  status: number
  action: ActionName
  level: Level
  /** What was against it: a kind of refusal, for the operator's eyes only. */
  refusal: string | null
  inputTokens: number
  outputTokens: number
  costNanoUsd: number
  /** Both ways, with headers, as a proxy seller would bill them. */
  wireBytes: number
  /** What the thief wants labelled; null: ordinary traffic. */
  readonly sample: string | null
  /** The label that the answer held; null: none. */
  label: string | null
  /** Virtual time beyond what the model itself took. */
  waitedMs: number
  /** Real milliseconds that Weir took before the model was asked and after it had answered. */
  cpuMs: number
}

/** Met `allow`, `throttle` or `tarpit`, and was answered to its end. */
export const isFull = ({ status, action }: Pick<Exchange, 'status' | 'action'>): boolean =>
  status === 200 && inFull.has(action)

const inFull: ReadonlySet<string> = new Set(['allow', 'throttle', 'tarpit'] satisfies ActionName[])

export interface Ledger {
  readonly exchanges: readonly Exchange[]
  readonly sink: EventSink
  open(id: string, exchange: Exchange): void
}

/** Joins what a client saw with the event of the same id, whichever comes first. */
export function createLedger(): Ledger {
  const exchanges: Exchange[] = []
  const open = new Map<string, Exchange>()
  return {
    exchanges,
    open(id, exchange) {
      exchanges.push(exchange)
      open.set(id, exchange)
    },
    sink(event, decision) {
      const exchange = open.get(event.id)
      if (exchange === undefined) return
      open.delete(event.id)
      exchange.action = event.action
      exchange.level = decision?.level ?? 'normal'
      exchange.refusal = event.refusal?.kind ?? event.fault
      exchange.inputTokens = event.usage.inputTokens
      exchange.outputTokens = event.usage.outputTokens
      exchange.costNanoUsd = event.cost.nanoUsd
    },
  }
}
