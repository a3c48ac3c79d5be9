import type { LimitsUnavailable, OverQuota } from '../core/refusal.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Book } from './book.ts'
import type { Counter } from './counter.ts'
import { applies, capacity, type Facts, type Limit, type Resource } from './limit.ts'
import { Reservation, type Line } from './reservation.ts'

/** What one exchange wants to take, before anybody knows what it will really cost. */
export interface Demand {
  /** Input tokens to hold, with a margin, and as expected without it. */
  readonly inputTokens: number
  readonly expectedInputTokens: number
  /** Output tokens to hold: a prediction, or the client's own bound where that is lower. */
  readonly outputTokens: number
  /**
   * The most output tokens that may be held. An answer that is not streamed cannot be cut on its way, so it holds more
   * than the prediction while there is room, and its bound is then lowered to what it holds.
   */
  readonly mostOutputTokens: number
  /** The fewest output tokens that are worth starting for. */
  readonly minOutputTokens: number
}

/** The counters that one request falls under, in the order of the configuration. */
export type Selection = readonly Counter[]

/** Nothing holds on to anything: for a request that goes on although its limits could not be looked at. */
export const uncounted = (demand: Demand): Reservation => new Reservation([], demand.mostOutputTokens, [])

/** The part of what is left that one answer may hold beyond its prediction, so that many at once still find room. */
const ROOM_SHARE = 8

/** Every limit that applies to these facts, with its counter. */
export function select(limits: readonly Limit[], book: Book, facts: Facts, nowMs: number): Selection {
  const counters: Counter[] = []
  for (const limit of limits) if (applies(limit, facts)) counters.push(book.counter(limit, facts, nowMs))
  return counters
}

/** Waits, where limits are shared, until every counter can decide; null when all of them can already. */
export function prepare(selection: Selection, demand: Demand, nowMs: number): Promise<unknown> | null {
  let waits: Promise<void>[] | null = null
  for (const counter of selection) {
    const need = needed(counter, demand)
    const wait = counter.prepare(need, need + spare(counter, demand), nowMs)
    if (wait !== null) (waits ??= []).push(wait)
  }
  return waits === null ? null : Promise.all(waits)
}

/**
 * All limits of a request in one step or none: everything is looked at before anything is taken, and nothing in
 * between waits. A limit in shadow mode is counted apart and never refuses. A refusal names the limit that keeps the
 * caller out longest.
 */
export function admit(
  selection: Selection,
  demand: Demand,
  nowMs: number,
): Result<Reservation, OverQuota | LimitsUnavailable> {
  let refusal: OverQuota | null = null
  let outputRoom = Number.MAX_SAFE_INTEGER
  const lines: Line[] = []
  const shadow: string[] = []
  for (const counter of selection) {
    const { limit } = counter
    const need = needed(counter, demand)
    const room = counter.room(nowMs)
    const enforced = limit.mode === 'enforce'
    if (enforced && !counter.live && limit.onStoreError === 'deny') {
      return err({ kind: 'limits_unavailable', limit: limit.name })
    }
    if (need > room) {
      if (!enforced) shadow.push(limit.name)
      else refusal = longer(refusal, overQuota(counter, need, nowMs))
      continue
    }
    if (enforced && countsOutput(limit.resource)) {
      outputRoom = Math.min(outputRoom, room - need + demand.minOutputTokens)
    }
    lines.push({ counter, input: inputPart(counter, demand), output: 0, pieces: [], dead: false })
  }
  if (refusal !== null) return err(refusal)
  const share = Math.floor(outputRoom / ROOM_SHARE)
  const output = Math.min(demand.mostOutputTokens, Math.max(demand.outputTokens, share), outputRoom)
  for (const line of lines) {
    const { limit } = line.counter
    if (countsOutput(limit.resource)) {
      // A shadow limit never shrinks what enforcing ones allow; it takes what it has.
      line.output = limit.mode === 'enforce' ? output : Math.min(output, line.counter.room(nowMs) - line.input)
    }
    const units = line.input + line.output
    line.pieces.push({ slice: line.counter.hold(units, nowMs), units })
  }
  return ok(new Reservation(lines, output, shadow))
}

export const countsOutput = (resource: Resource): boolean => resource === 'output_tokens' || resource === 'tokens'

/** Units of a line that do not depend on how long the answer gets. */
function inputPart(counter: Counter, demand: Demand): number {
  switch (counter.limit.resource) {
    case 'requests':
    case 'concurrent':
      return 1
    case 'input_tokens':
    case 'tokens':
      return inputHold(counter.limit, demand)
    case 'output_tokens':
      return 0
  }
}

/** The margin alone must not make a request impossible that the limit can hold. */
function inputHold(limit: Limit, demand: Demand): number {
  const most = capacity(limit) - (limit.resource === 'tokens' ? demand.minOutputTokens : 0)
  return demand.expectedInputTokens <= most ? Math.min(demand.inputTokens, most) : demand.inputTokens
}

const needed = (counter: Counter, demand: Demand): number =>
  inputPart(counter, demand) + (countsOutput(counter.limit.resource) ? demand.minOutputTokens : 0)

const spare = (counter: Counter, demand: Demand): number =>
  countsOutput(counter.limit.resource) ? Math.max(0, demand.outputTokens - demand.minOutputTokens) : 0

function overQuota(counter: Counter, requested: number, nowMs: number): OverQuota {
  const { limit } = counter
  const view = counter.view(nowMs)
  return {
    kind: 'over_quota',
    limit: limit.name,
    resource: limit.resource,
    amount: capacity(limit),
    used: view.used + view.held + view.debt,
    requested,
    retryAfterMs: counter.waitMs(requested, nowMs),
  }
}

function longer(a: OverQuota | null, b: OverQuota): OverQuota {
  if (a === null || a.retryAfterMs === null) return a ?? b
  return b.retryAfterMs === null || b.retryAfterMs > a.retryAfterMs ? b : a
}
