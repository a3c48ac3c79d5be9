import { capacity, type Limit } from './limit.ts'

/**
 * The arithmetic of one counter over time: pure apart from the state that is handed in. Times only move forward; a
 * clock that steps back is treated as standing still, so that no step can hand out a window twice.
 *
 * - bucket: `used` drains at amount / window; a hold is debited when it is taken
 * - sliding: units sit in slices of window / SLICES and leave with their slice, never earlier than a true window would let
 *   them, so the sum over any true window never exceeds the limit; they are counted when they settle
 * - calendar: one slice, aligned to UTC; what was reserved in a period belongs to that period
 * - gauge: nothing is counted, only held
 */
export interface WindowState {
  /** Latest time this state has seen. */
  atMs: number
  /** Units counted: for a bucket those not yet drained, with holds among them. */
  used: number
  /** Sliding and calendar: [slice index, units], oldest first. */
  slices: [index: number, units: number][]
  /** Units above what the limit could take when they were found; paid from the first room there is. */
  debt: number
  /** Units taken by exchanges in flight. */
  held: number
  /** Calendar: held units that were reserved in an earlier period and weigh on that one. */
  heldBefore: number
}

const SLICES = 32

export const startWindow = (nowMs: number): WindowState => ({
  atMs: nowMs,
  used: 0,
  slices: [],
  debt: 0,
  held: 0,
  heldBefore: 0,
})

const sliceMs = (limit: Limit): number => (limit.kind === 'sliding' ? limit.windowMs / SLICES : limit.windowMs)

/** The slice (sliding) or period (calendar) that a time belongs to; 0 for the other kinds. */
export const sliceAt = (limit: Limit, nowMs: number): number =>
  limit.kind === 'sliding' || limit.kind === 'calendar' ? Math.floor(nowMs / sliceMs(limit)) : 0

/** Brings a state up to `nowMs`: drains, drops old slices, pays debt. */
export function advance(state: WindowState, limit: Limit, nowMs: number): void {
  if (limit.kind === 'gauge') return
  const now = Math.max(nowMs, state.atMs)
  if (limit.kind === 'bucket') {
    const owed = Math.max(0, state.used + state.debt - ((now - state.atMs) * limit.amount) / limit.windowMs)
    state.used = Math.min(owed, limit.burst)
    state.debt = owed - state.used
    state.atMs = now
    return
  }
  const index = sliceAt(limit, now)
  if (index !== sliceAt(limit, state.atMs)) {
    const oldest = limit.kind === 'sliding' ? index - SLICES : index
    while (state.slices.length > 0 && state.slices[0]![0] < oldest) state.used -= state.slices.shift()![1]
    // Windows that have passed unseen have paid their part of the debt.
    const windows = limit.kind === 'calendar' ? index - sliceAt(limit, state.atMs) : (now - state.atMs) / limit.windowMs
    const unseen = Math.max(0, Math.floor(windows) - 1) * Math.max(0, limit.amount - state.held)
    state.debt = Math.max(0, state.debt - unseen)
    if (limit.kind === 'calendar') {
      state.heldBefore += state.held
      state.held = 0
    }
  }
  state.atMs = now
  if (state.debt > 0) {
    const paid = Math.min(state.debt, free(state, limit))
    state.debt -= paid
    count(state, index, paid)
  }
}

/** Units that can be taken at the time of the last `advance`; never negative. What is owed comes first. */
export const room = (state: WindowState, limit: Limit): number => (state.debt > 0 ? 0 : free(state, limit))

/** A drained bucket is a fraction: what is a unit but for rounding is a unit. */
const ROUNDING = 1e-6

const free = (state: WindowState, limit: Limit): number =>
  Math.max(0, Math.floor(capacity(limit) - state.used - (limit.kind === 'bucket' ? 0 : state.held) + ROUNDING))

/** Takes units that `room` has promised. */
export function hold(state: WindowState, limit: Limit, units: number): void {
  state.held += units
  if (limit.kind === 'bucket') state.used = Math.min(limit.burst, state.used + units)
}

/**
 * Ends a hold of `held` units taken in slice `reservedIn` and charges `actual` of them; `actual` may exceed `held`.
 * Returns the units that found no room and became debt.
 */
export function settle(state: WindowState, limit: Limit, held: number, actual: number, reservedIn: number): number {
  if (limit.kind === 'gauge') {
    state.held -= held
    return 0
  }
  const within = Math.min(held, actual)
  if (limit.kind === 'bucket') {
    state.held -= held
    state.used = Math.max(0, state.used - (held - within))
  } else if (limit.kind === 'calendar' && reservedIn < sliceAt(limit, state.atMs)) {
    state.heldBefore -= held
  } else {
    state.held -= held
    count(state, sliceAt(limit, state.atMs), within)
  }
  return owe(state, limit, actual - within)
}

/** Charges units that nobody held; returns those that found no room and became debt. */
export function owe(state: WindowState, limit: Limit, units: number): number {
  if (units <= 0) return 0
  const fits = Math.min(units, room(state, limit))
  if (limit.kind === 'bucket') state.used = Math.min(limit.burst, state.used + fits)
  else count(state, sliceAt(limit, state.atMs), fits)
  state.debt += units - fits
  return units - fits
}

function count(state: WindowState, index: number, units: number): void {
  if (units <= 0) return
  const last = state.slices.at(-1)
  if (last !== undefined && last[0] === index) last[1] += units
  else state.slices.push([index, units])
  state.used += units
}

/**
 * Milliseconds until `units` could be taken if nothing else came and no hold ended; null if that can never be.
 * While holds alone stand in the way the answer is `heldRetryMs`: nobody knows when they end.
 */
export function waitMs(state: WindowState, limit: Limit, units: number, heldRetryMs: number): number | null {
  if (units > capacity(limit)) return null
  if (limit.kind === 'gauge') return units <= room(state, limit) ? 0 : heldRetryMs
  if (limit.kind === 'bucket') {
    const over = state.used + state.debt + units - limit.burst
    return over <= 0 ? 0 : Math.ceil((over * limit.windowMs) / limit.amount)
  }
  const over = state.used + state.held + state.debt + units - limit.amount
  if (over <= 0) return 0
  if (state.held + state.debt + units > limit.amount) {
    if (state.held + units > limit.amount && state.debt === 0) return heldRetryMs
    // What is counted must leave, then the debt that took its place, a window at a time.
    const windows = Math.ceil((state.held + state.debt + units) / limit.amount) - 1
    const last = state.slices.at(-1)?.[0] ?? sliceAt(limit, state.atMs)
    const each = limit.windowMs + (limit.kind === 'sliding' ? sliceMs(limit) : 0)
    return Math.ceil(leavesAt(limit, last) - state.atMs + windows * each)
  }
  let freed = 0
  for (const [index, counted] of state.slices) {
    freed += counted
    if (freed >= over) return Math.max(1, Math.ceil(leavesAt(limit, index) - state.atMs))
  }
  return heldRetryMs
}

const leavesAt = (limit: Limit, index: number): number =>
  (index + (limit.kind === 'sliding' ? SLICES + 1 : 1)) * sliceMs(limit)

/** Epoch ms at which the counter is empty again if nothing else comes; `atMs` itself when it is empty now. */
export function restsAt(state: WindowState, limit: Limit): number {
  if (limit.kind === 'gauge') return state.atMs
  if (limit.kind === 'bucket')
    return state.atMs + Math.ceil(((state.used + state.debt) * limit.windowMs) / limit.amount)
  const last = state.slices.at(-1)
  const debtMs = Math.ceil(state.debt / limit.amount) * limit.windowMs
  return last === undefined ? state.atMs + debtMs : Math.ceil(leavesAt(limit, last[0])) + debtMs
}

/** Whether the state says nothing that a fresh one would not say. */
export const atRest = (state: WindowState, limit: Limit, nowMs: number): boolean =>
  state.held === 0 && state.heldBefore === 0 && restsAt(state, limit) <= nowMs && state.debt === 0
