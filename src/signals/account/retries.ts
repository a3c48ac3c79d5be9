import type { Signal } from '../signal.ts'
import { addMoment, countOf, deviationOf, hitsOf, MOMENTS, percent, ramp, shareOf, TALLY, tally } from '../slots.ts'

const TEXT = 0
const FAILED = 1
const RETRIED = 2
/** Logarithms of the waits before a retry. */
const WAITS = RETRIED + TALLY
const WITHIN_MS = 60_000
const MIN_WAITS = 8

export const retries: Signal = {
  name: 'retries',
  family: 'timing',
  measures: 'The same text again within a minute of a failure, and how evenly such retries are spaced.',
  alsoMet: 'Every official client: its back-off is the same for everybody. What it tells is which program calls.',
  dodge: 'An official client, which is what most of them use anyway.',
  weight: 'context',
  among: null,
  atlas: null,
  slots: WAITS + MOMENTS,
  observe(state, at, { observation, outcome, status }, { gapMs }) {
    if (observation === null) return
    const { u } = state
    if (u[at + FAILED] === 1) {
      const again = observation.text === u[at + TEXT] && gapMs <= WITHIN_MS
      tally(state, at + RETRIED, again)
      if (again) addMoment(state, at + WAITS, Math.log(1 + gapMs))
    }
    u[at + TEXT] = observation.text
    u[at + FAILED] = outcome === 'failed' || status === 429 || status >= 500 ? 1 : 0
  },
  read(state, at) {
    if (countOf(state, at + RETRIED) === 0) return null
    const jitterless = countOf(state, at + WAITS) < MIN_WAITS ? 0 : ramp(deviationOf(state, at + WAITS), 0.3, 0.02)
    return Math.max(jitterless, ramp(shareOf(state, at + RETRIED), 0.2, 1) * ramp(hitsOf(state, at + RETRIED), 5, 50))
  },
  says: (state, at) =>
    `${percent(shareOf(state, at + RETRIED))} of failures were tried again within a minute, with waits that spread by ${deviationOf(state, at + WAITS).toFixed(2)} (jitter of official clients: about 0.2)`,
}
