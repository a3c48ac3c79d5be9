import type { Signal } from '../signal.ts'
import { countOf, isRecent, percent, ramp, RECENT, shareOf, TALLY, tally } from '../slots.ts'

const AGAIN = RECENT
const RUN = AGAIN + TALLY
const LONGEST = RUN + 1
const MIN_CALLS = 20

export const exactLoops: Signal = {
  name: 'exact_loops',
  family: 'content',
  measures: 'The same text again among the last four different ones: an agent that is stuck, a poll, a load test.',
  alsoMet: 'Everybody who says yes, continue or try again; it costs money, and says nothing of copying.',
  dodge: 'A counter in the text. Harvests do not repeat themselves anyway.',
  weight: 'context',
  among: null,
  atlas: 'AML.T0034',
  slots: LONGEST + 1,
  observe(state, at, { observation }) {
    if (observation === null || observation.chars === 0) return
    const { f } = state
    const again = isRecent(state, at, observation.text)
    tally(state, at + AGAIN, again)
    f[at + RUN] = again ? f[at + RUN]! + 1 : 0
    f[at + LONGEST] = Math.max(f[at + LONGEST]!, f[at + RUN]!)
  },
  read(state, at) {
    if (countOf(state, at + AGAIN) < MIN_CALLS) return null
    return Math.max(ramp(state.f[at + RUN]!, 5, 30), ramp(shareOf(state, at + AGAIN), 0.3, 1))
  },
  says: (state, at) =>
    `${percent(shareOf(state, at + AGAIN))} of texts came again at once, up to ${state.f[at + LONGEST]} times in a row`,
}
