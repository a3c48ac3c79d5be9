import type { Signal } from '../signal.ts'
import { addToBin, binOf, binSlots, percent, ramp, type Slots } from '../slots.ts'

const HOURS = 24
const HOUR_MS = 3_600_000
const QUIET_HOURS = 6
const MIN_SPAN_MS = 36 * HOUR_MS
const MIN_CALLS = 100

/** Share of the quietest six hours in a row, whatever the time zone; 0.25 is a clock without a night. */
function quietest(state: Slots, at: number): number {
  let least = Infinity
  for (let from = 0; from < HOURS; from++) {
    let sum = 0
    for (let hour = from; hour < from + QUIET_HOURS; hour++) sum += binOf(state, at, hour % HOURS)
    least = Math.min(least, sum)
  }
  return least / total(state, at)
}

/** Length of the mean of all hours as directions: 0 is even, 1 is all in one hour. */
function concentration(state: Slots, at: number): number {
  let x = 0
  let y = 0
  for (let hour = 0; hour < HOURS; hour++) {
    const phase = (2 * Math.PI * hour) / HOURS
    x += binOf(state, at, hour) * Math.cos(phase)
    y += binOf(state, at, hour) * Math.sin(phase)
  }
  return Math.hypot(x, y) / total(state, at)
}

function total(state: Slots, at: number): number {
  let sum = 0
  for (let hour = 0; hour < HOURS; hour++) sum += binOf(state, at, hour)
  return Math.max(1, sum)
}

export const overnight: Signal = {
  name: 'overnight',
  family: 'timing',
  measures:
    'Calls that go on around the clock: share of the quietest six hours of the day, and no time of day preferred.',
  alsoMet: 'One to three in ten API programs. People at a keyboard: none so far, in any time zone.',
  dodge:
    'A schedule like a working day, which halves what an account can take; the clock of all members together stays even.',
  weight: 'evidence',
  among: ['human_seat'],
  atlas: null,
  slots: binSlots(HOURS),
  observe(state, at, { timeMs }) {
    addToBin(state, at, HOURS, Math.floor(timeMs / HOUR_MS) % HOURS)
  },
  read(state, at, { calls, firstMs, nowMs }) {
    if (calls < MIN_CALLS || nowMs - firstMs < MIN_SPAN_MS) return null
    return ramp(quietest(state, at), 0.05, 0.2) * ramp(concentration(state, at), 0.6, 0.2)
  },
  says: (state, at) =>
    `the quietest six hours of the day have ${percent(quietest(state, at))} of its calls (a person's: none), and time of day matters by ${concentration(state, at).toFixed(2)} of 1`,
}
