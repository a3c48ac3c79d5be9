import type { Tarpit } from './actions/part.ts'
import type { Range } from './core/action.ts'
import type { Refusal } from './core/refusal.ts'
import { err, ok, type Result } from './core/result.ts'
import type { Pace } from './gateway/drip.ts'
import { MAX_POLITE_WAIT_MS } from './gateway/refuse.ts'
import type { TarpitPlace } from './gateway/tarpit.ts'
import { priorityOf } from './admission.ts'
import type { Forwarding } from './answer.ts'
import type { RequestPath } from './pipeline.ts'

/**
 * HOLD UP, between admission and the upstream: a caller under `tarpit` waits with its quota held, so that waiting in
 * parallel gains it nothing, and with no upstream asked. Who leaves meanwhile has used nothing.
 */

/** A call that has waited, and may go on. */
export interface Held {
  readonly pace: Pace
  readonly waitedMs: number
  /** The upstream is done with it, and only dripping is left. */
  drips: boolean
}

/** Client libraries give up on an answer after ten minutes; the model needs its time too. */
const MAX_HELD_MS = 300_000

/** Where there is no place the client waits on its own side: libraries do as told up to a minute. */
const COME_BACK_MS: Range = [MAX_POLITE_WAIT_MS / 2, MAX_POLITE_WAIT_MS]

/** Finds a place for an exchange that keeps so many bytes while it waits. */
export function placeFor({ path }: Forwarding, bytes: number): Result<TarpitPlace, Refusal> {
  const place = path.tarpit.enter(bytes)
  return place === null ? err({ kind: 'throttled', retryAfterMs: draw(COME_BACK_MS, path.random) }) : ok(place)
}

/** An exchange that waits: from when, how long, and when all its waiting has to be over. */
export interface Waiting {
  readonly startMs: number
  readonly waitMs: number
  readonly deadlineMs: number
}

/** Waiting starts; each that was started has to `goOn`. Not one function that waits: a frame for each caller would weigh. */
export function startWaiting({ path, target }: Forwarding, { firstByteMs }: Tarpit): Waiting {
  const startMs = path.clock.now()
  const longestMs = Math.min(MAX_HELD_MS, target.times.maxDurationMs / 2)
  path.overload.park()
  return { startMs, waitMs: Math.min(draw(firstByteMs, path.random), longestMs), deadlineMs: startMs + longestMs }
}

/** It has waited, unless its client has left. */
export function goOn(
  f: Forwarding,
  { perChunkMs }: Tarpit,
  place: TarpitPlace,
  { startMs, deadlineMs }: Waiting,
  stayed: boolean,
): Result<Held, Refusal | 'gone'> {
  const { clock, random, overload } = f.path
  if (!stayed) {
    overload.rejoin()
    return err('gone')
  }
  if (!overload.unpark(priorityOf(f.who, f.policy, f.path, f.draft))) return err({ kind: 'overloaded' })
  const nextMs = (): number => Math.max(0, Math.min(draw(perChunkMs, random), deadlineMs - clock.now()))
  return ok({ pace: { place, nextMs }, waitedMs: clock.now() - startMs, drips: false })
}

/** An answer that only drips is bounded by the tarpit, like one that only waits. */
export function letDrip(held: Held, { overload }: RequestPath): void {
  if (!held.drips) overload.park()
  held.drips = true
}

export function doneDripping(held: Held, { overload }: RequestPath): void {
  if (held.drips) overload.rejoin()
  held.drips = false
}

const draw = ([least, most]: Range, random: (below: number) => number): number => least + random(most - least + 1)
