import type { LimitsUnavailable, OverQuota } from '../core/refusal.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Book } from './book.ts'
import type { Counter } from './counter.ts'
import type { Facts, Numbers } from '../core/dimensions.ts'
import { applies, capacity, type Limit } from './limit.ts'
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
  readonly cost: CostDemand
}

/** What the tokens of a demand cost; all zero where nothing does. */
export interface CostDemand {
  readonly inputNanoUsd: number
  readonly expectedInputNanoUsd: number
  /** Nano-dollars that one more token of output can cost; a fraction is fine. */
  readonly outputNanoUsd: number
}

export const freeOfCharge: CostDemand = { inputNanoUsd: 0, expectedInputNanoUsd: 0, outputNanoUsd: 0 }

/** The counters that one request falls under, in the order of the configuration. */
export type Selection = readonly Counter[]

/** Nothing holds on to anything: for a request that goes on although its limits could not be looked at. */
export const uncounted = (demand: Demand): Reservation => new Reservation([], demand.mostOutputTokens, [])

/** The part of what is left that one answer may hold beyond its prediction, so that many at once still find room. */
const ROOM_SHARE = 8

/** Every limit that applies to these facts, with its counter. `exempt` names limits that this caller is let out of. */
export function select(
  limits: readonly Limit[],
  book: Book,
  facts: Facts,
  numbers: Numbers,
  exempt: ReadonlySet<string> | null,
  nowMs: number,
): Selection {
  const counters: Counter[] = []
  for (const limit of limits) {
    if (exempt?.has(limit.ofAction?.tightens ?? limit.name) === true || !applies(limit, facts, numbers)) continue
    counters.push(book.counter(limit, facts, nowMs))
  }
  return counters
}

/** Waits, where limits are shared, until every counter can decide; null when all of them can already. */
export function prepare(selection: Selection, demand: Demand, nowMs: number): Promise<unknown> | null {
  let waits: Promise<void>[] | null = null
  for (const counter of selection) {
    if (!counter.isShared) continue
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
    const rate = outputRate(limit, demand)
    const input = inputPart(counter, demand)
    if (enforced && rate > 0) outputRoom = Math.min(outputRoom, Math.floor((room - input) / rate))
    lines.push({ counter, input, rate, output: 0, slice: 0, units: 0, earlier: null, dead: false })
  }
  if (refusal !== null) return err(refusal)
  const share = Math.floor(outputRoom / ROOM_SHARE)
  const output = Math.min(demand.mostOutputTokens, Math.max(demand.outputTokens, share), outputRoom)
  for (const line of lines) {
    // Rounded up it may pass the room by less than a unit; and a shadow limit, which never shrinks what enforcing ones
    // allow, takes what it has.
    if (line.rate > 0) {
      line.output = Math.min(Math.ceil(output * line.rate), line.counter.room(nowMs) - line.input)
    }
    line.units = line.input + line.output
    line.slice = line.counter.hold(line.units, nowMs)
  }
  return ok(new Reservation(lines, output, shadow))
}

/** Units of a limit that one token of output takes. */
function outputRate({ resource }: Limit, demand: Demand): number {
  switch (resource) {
    case 'tokens':
    case 'output_tokens':
      return 1
    case 'cost_usd':
      return demand.cost.outputNanoUsd
    case 'requests':
    case 'input_tokens':
    case 'concurrent':
      return 0
  }
}

/** Units of a line that do not depend on how long the answer gets. */
function inputPart({ limit }: Counter, demand: Demand): number {
  switch (limit.resource) {
    case 'requests':
    case 'concurrent':
      return 1
    case 'input_tokens':
    case 'tokens':
      return inputHold(limit, demand, demand.expectedInputTokens, demand.inputTokens)
    case 'cost_usd':
      return inputHold(limit, demand, demand.cost.expectedInputNanoUsd, demand.cost.inputNanoUsd)
    case 'output_tokens':
      return 0
  }
}

/** The margin alone must not make a request impossible that the limit can hold. */
function inputHold(limit: Limit, demand: Demand, expected: number, margined: number): number {
  const most = capacity(limit) - least(limit, demand)
  return expected <= most ? Math.min(margined, most) : margined
}

/** Units for the fewest output tokens that are worth starting for. */
const least = (limit: Limit, demand: Demand): number => Math.ceil(demand.minOutputTokens * outputRate(limit, demand))

const needed = (counter: Counter, demand: Demand): number => inputPart(counter, demand) + least(counter.limit, demand)

const spare = ({ limit }: Counter, demand: Demand): number =>
  Math.ceil(Math.max(0, demand.outputTokens - demand.minOutputTokens) * outputRate(limit, demand))

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
