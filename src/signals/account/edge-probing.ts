import type { Observed } from '../../core/observed.ts'
import type { Signal } from '../signal.ts'
import { countOf, isRecent, percent, ramp, RECENT, shareOf, TALLY, tally } from '../slots.ts'

const REFUSED = 0
const INVALID = TALLY
const PARAMS = 2 * TALLY
const NEW_PARAMS = PARAMS + RECENT
const MIN_CALLS = 20

/** A model that declines, or is stopped by a filter; running into a limit is ordinary. */
const declined = ({ observation, finishReason }: Observed): boolean =>
  observation?.refused === true || finishReason === 'content_filter' || finishReason === 'refusal'

export const edgeProbing: Signal = {
  name: 'edge_probing',
  family: 'output',
  measures: 'Refused answers, requests that are not valid, and ever new combinations of parameters.',
  alsoMet: 'Red teams, test suites, a program under development, filters that stop what is harmless.',
  dodge: 'Little of it, or by an account of its own.',
  weight: 'context',
  among: null,
  atlas: 'AML.T0062',
  slots: NEW_PARAMS + TALLY,
  observe(state, at, seen) {
    const { observation, status } = seen
    if (seen.outcome === 'answered') tally(state, at + REFUSED, declined(seen))
    tally(state, at + INVALID, status === 400 || status === 422)
    if (observation !== null && observation.params !== 0) {
      tally(state, at + NEW_PARAMS, !isRecent(state, at + PARAMS, observation.params))
    }
  },
  read(state, at) {
    if (countOf(state, at + INVALID) < MIN_CALLS) return null
    return Math.max(
      ramp(shareOf(state, at + REFUSED), 0.05, 0.4),
      ramp(shareOf(state, at + INVALID), 0.05, 0.5),
      countOf(state, at + NEW_PARAMS) < MIN_CALLS ? 0 : ramp(shareOf(state, at + NEW_PARAMS), 0.2, 0.7),
    )
  },
  says: (state, at) =>
    `${percent(shareOf(state, at + REFUSED))} of answers were refusals, ${percent(shareOf(state, at + INVALID))} of requests were not valid, ${percent(shareOf(state, at + NEW_PARAMS))} came with other parameters than the last`,
}
