import type { Cancel, Clock } from './core/clock.ts'
import type { Decision } from './core/decision.ts'
import type { RequestEvent } from './core/event.ts'

/**
 * THE DECISION PATH. It reads events and never stands in a request's way: the request path drops an event into a bounded
 * queue and goes on. When the queue is full the newest event is lost to the decision path; that is counted, and said.
 *
 * `observe` was done where the text is, on the request path: the event carries its observation. What is left is `judge`,
 * who says what stands against the caller; `act`, who puts actions in force; and `record`: whoever keeps or counts events.
 */
export interface LoopOptions {
  readonly clock: Clock
  readonly maxQueued: number
  /** What the event met by the evidence before it; null: nobody is judged by it. One that throws loses nobody the event. */
  readonly judge: (event: RequestEvent) => Decision | null
  /** What comes of it, for the requests after this one. */
  readonly act: (event: RequestEvent) => void
  /** `record`: each gets every event, in order. One that throws loses that event, and no other sink does. */
  readonly sinks: readonly EventSink[]
  /** Tells the operator; called at most once in `SAY_EVERY_MS` for each kind. */
  readonly say: (what: 'event_lost' | 'judge_failed' | 'act_failed' | 'sink_failed', detail: string) => void
}

export type EventSink = (event: RequestEvent, decision: Decision | null) => void

export interface Loop {
  emit(event: RequestEvent): void
  /** Works off what is queued, now. */
  flush(): void
  readonly stats: LoopStats
}

export interface LoopStats {
  readonly queued: number
  readonly recorded: number
  readonly lost: number
  readonly judgeFailures: number
  readonly actFailures: number
  readonly sinkFailures: number
}

const SAY_EVERY_MS = 10_000

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Events worked off before other work gets its turn. */
const BATCH = 256

export function startLoop({ clock, maxQueued, judge, act, sinks, say }: LoopOptions): Loop {
  let queue: RequestEvent[] = []
  let scheduled: Cancel | null = null
  const stats = { queued: 0, recorded: 0, lost: 0, judgeFailures: 0, actFailures: 0, sinkFailures: 0 }
  const saidAtMs = {
    event_lost: -SAY_EVERY_MS,
    judge_failed: -SAY_EVERY_MS,
    act_failed: -SAY_EVERY_MS,
    sink_failed: -SAY_EVERY_MS,
  }

  const sayOnce = (what: keyof typeof saidAtMs, detail: string): void => {
    if (clock.now() - saidAtMs[what] < SAY_EVERY_MS) return
    saidAtMs[what] = clock.now()
    say(what, detail)
  }
  const judged = (event: RequestEvent): Decision | null => {
    try {
      return judge(event)
    } catch (error) {
      stats.judgeFailures++
      sayOnce('judge_failed', wordsOf(error))
      return null
    }
  }
  const acted = (event: RequestEvent): void => {
    try {
      act(event)
    } catch (error) {
      stats.actFailures++
      sayOnce('act_failed', wordsOf(error))
    }
  }
  const record = (event: RequestEvent, decision: Decision | null): void => {
    for (const sink of sinks) {
      try {
        sink(event, decision)
      } catch (error) {
        stats.sinkFailures++
        sayOnce('sink_failed', wordsOf(error))
      }
    }
    stats.recorded++
  }
  const work = (most: number): void => {
    const batch = queue.splice(0, most)
    stats.queued = queue.length
    for (const event of batch) {
      const decision = judged(event)
      acted(event)
      record(event, decision)
    }
  }
  const schedule = (): void => {
    scheduled ??= clock.after(0, () => {
      scheduled = null
      work(BATCH)
      if (queue.length > 0) schedule()
    })
  }
  return {
    stats,
    emit(event) {
      if (queue.length >= maxQueued) {
        stats.lost++
        sayOnce('event_lost', `the event queue is full at ${maxQueued}; ${stats.lost} lost so far`)
        return
      }
      queue.push(event)
      stats.queued = queue.length
      schedule()
    },
    flush() {
      while (queue.length > 0) work(BATCH)
      scheduled?.()
      scheduled = null
    },
  }
}
