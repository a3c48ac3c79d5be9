import type { Signal } from '../signal.ts'
import { countOf, hitsOf, ramp, sinceStamp, stamp, TALLY, tally } from '../slots.ts'

/** The refused prompt that is waited on: when, its words, and its least hashes. */
const AT = 0
const TEXT = 1
const CONTENT = 2
const HASHES = 4
/** Refusals, and how many of them were followed by a near variant. */
const FOLLOWED = CONTENT + HASHES
const WITHIN_MS = 10 * 60_000

export const systematicBypass: Signal = {
  name: 'systematic_bypass',
  family: 'intent',
  measures:
    'Refusals that are followed within ten minutes by a prompt with nearly the same words, but not the same prompt.',
  alsoMet: 'People who were misunderstood and say it again, once or twice; red teams, again and again.',
  dodge: 'Other words, another account, or more time between the attempts.',
  weight: 'context',
  among: null,
  atlas: 'AML.T0054',
  slots: FOLLOWED + TALLY,
  observe(state, at, { observation, timeMs }) {
    if (observation === null || observation.role !== 'human') return
    const { u } = state
    const { content, text, refused } = observation
    if (u[at + AT] !== 0 && text !== u[at + TEXT] && sinceStamp(timeMs, u[at + AT]!) <= WITHIN_MS) {
      let alike = 0
      for (let k = 0; k < HASHES; k++) if (content[k] !== 0 && content[k] === u[at + CONTENT + k]) alike++
      if (alike >= 2) {
        state.f[at + FOLLOWED + 1]! += 1
        u[at + AT] = 0
      }
    }
    if (!refused) return
    tally(state, at + FOLLOWED, false)
    u[at + AT] = stamp(timeMs)
    u[at + TEXT] = text
    for (let k = 0; k < HASHES; k++) u[at + CONTENT + k] = content[k] ?? 0
  },
  read: (state, at) => (countOf(state, at + FOLLOWED) === 0 ? null : ramp(hitsOf(state, at + FOLLOWED), 1, 8)),
  says: (state, at) =>
    `${Math.round(hitsOf(state, at + FOLLOWED))} of ${Math.round(countOf(state, at + FOLLOWED))} refusals were followed by a near variant of the prompt`,
}
