import type { RecordedExchange } from '../../src/core/recorded.ts'

/**
 * `honest` counts for friction, `harvest-fleet` for leak. `control` is built like a fleet from benign text alone;
 * `framer` sends what others wrote so that they are blamed, and counts for neither.
 */
export type Kind = 'honest' | 'harvest-fleet' | 'control' | 'framer'

/** An exchange and whether its prompt belongs to a harvest. */
export interface Sent {
  readonly exchange: RecordedExchange
  readonly harvest: boolean
}

export interface Account {
  /** The tenant if it has one, else the key: what decisions fall on. */
  readonly id: string
  readonly kind: Kind
  /** Such as `irc seat`, or the name of a campaign. */
  readonly class: string
  /** Not after its first exchange: until then nothing of it is made. */
  readonly startMs: number
  /** In the order of their times. */
  readonly exchanges: () => Iterator<Sent>
}

/** What a subject is given, with what only the score may know. */
export interface Sample extends Sent {
  readonly account: Account
}

interface Open {
  timeMs: number
  /** Ties go by the order of the accounts, so that a run repeats exactly. */
  readonly order: number
  readonly account: Account
  readonly left: Iterator<Sent>
  next: Sent
}

/** All accounts' exchanges in the order of time. Memory is that of the accounts that are active at a time. */
export function* merge(accounts: readonly Account[]): Generator<Sample> {
  const waiting = accounts
    .map((account, order) => ({ account, order }))
    .toSorted((a, b) => a.account.startMs - b.account.startMs)
  const heap: Open[] = []
  let opened = 0
  while (opened < waiting.length || heap.length > 0) {
    while (opened < waiting.length && (heap.length === 0 || waiting[opened]!.account.startMs <= heap[0]!.timeMs)) {
      const { account, order } = waiting[opened++]!
      const left = account.exchanges()
      const first = left.next()
      if (first.done !== true)
        push(heap, { timeMs: first.value.exchange.timeMs, order, account, left, next: first.value })
    }
    const top = heap[0]
    if (top === undefined) continue
    const { account, next } = top
    const following = top.left.next()
    if (following.done === true) {
      const last = heap.pop()!
      if (heap.length > 0) heap[0] = last
    } else {
      top.next = following.value
      top.timeMs = following.value.exchange.timeMs
    }
    sink(heap)
    yield { exchange: next.exchange, harvest: next.harvest, account }
  }
}

const before = (a: Open, b: Open): boolean => a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order)

function push(heap: Open[], one: Open): void {
  let at = heap.length
  heap.push(one)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(one, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = one
}

function sink(heap: Open[]): void {
  const one = heap[0]
  if (one === undefined) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
    if (!before(heap[child]!, one)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = one
}
