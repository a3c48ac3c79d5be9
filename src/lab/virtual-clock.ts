import { setImmediate as nextImmediate } from 'node:timers/promises'
import type { Cancel, Clock } from '../core/clock.ts'

/**
 * A clock that stands still until it is told to move: hours of traffic pass in the time the code itself needs, and the
 * same run gives the same order every time. It must not be put behind sockets, whose time it cannot move.
 */
export interface VirtualClock extends Clock {
  /** Fires timers one by one, earliest first, until none is left. */
  run(): Promise<void>
  /** Fires what is due within the next `ms`, then stands at the end of them. */
  advance(ms: number): Promise<void>
  /** Timers that are set and neither fired nor cancelled. */
  readonly pending: number
}

interface Timer {
  readonly atMs: number
  readonly order: number
  /** null once cancelled. */
  fn: (() => void) | null
}

export function createVirtualClock(startMs: number): VirtualClock {
  const heap: Timer[] = []
  let nowMs = startMs
  let order = 0
  let cancelled = 0

  /** The earliest timer that still counts, left on the heap. */
  const first = (): Timer | undefined => {
    while (heap[0]?.fn === null) {
      pop(heap)
      cancelled--
    }
    return heap[0]
  }

  const cancel = (timer: Timer): void => {
    if (timer.fn === null) return
    timer.fn = null
    cancelled++
    if (cancelled > 1024 && cancelled * 2 > heap.length) {
      const alive = heap.filter((t) => t.fn !== null)
      heap.length = 0
      // A sorted array is a heap, and sorting here is rare enough.
      for (const t of alive.sort((a, b) => (isBefore(a, b) ? -1 : 1))) heap.push(t)
      cancelled = 0
    }
  }

  const fireUntil = async (endMs: number): Promise<void> => {
    for (;;) {
      await settle()
      const timer = first()
      if (timer === undefined || timer.atMs > endMs) return
      pop(heap)
      nowMs = Math.max(nowMs, timer.atMs)
      const fn = timer.fn
      timer.fn = null
      fn?.()
    }
  }

  return {
    now: () => nowMs,
    after: (delayMs, fn): Cancel => {
      const timer: Timer = { atMs: nowMs + (delayMs > 0 ? delayMs : 0), order: order++, fn }
      push(heap, timer)
      // A fired timer is off the heap with its `fn` gone, so cancelling it late counts nothing.
      return () => cancel(timer)
    },
    run: () => fireUntil(Infinity),
    advance: async (ms) => {
      const endMs = nowMs + ms
      await fireUntil(endMs)
      nowMs = Math.max(nowMs, endMs)
    },
    get pending() {
      return heap.length - cancelled
    },
  }
}

/** Lets promises, and whatever they put off to the next turn, come to rest before time moves on. */
async function settle(): Promise<void> {
  await nextImmediate()
  await nextImmediate()
}

const isBefore = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length
  heap.push(timer)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(timer, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = timer
}

function pop(heap: Timer[]): void {
  const last = heap.pop()!
  const size = heap.length
  if (size === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    if (child + 1 < size && isBefore(heap[child + 1]!, heap[child]!)) child++
    if (!isBefore(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
}
