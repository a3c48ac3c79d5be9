import type { Signal } from '../signal.ts'
import { countOf, hitsOf, ramp, TALLY, tally } from '../slots.ts'

/** An answer with this share of the system prompt in it has given it away. */
const ECHO_PERCENT = 50
const MOST = TALLY

export const promptExtraction: Signal = {
  name: 'prompt_extraction',
  family: 'output',
  measures: 'Answers that repeat half or more of the system prompt.',
  alsoMet:
    'Programs that put documents into the system prompt and ask for them back. Prompts of a line or two are not judged.',
  dodge: 'The prompt is asked for in translation, in pieces, or encoded.',
  weight: 'context',
  among: null,
  atlas: 'AML.T0056',
  slots: MOST + 1,
  observe(state, at, { observation }) {
    if (observation === null || observation.systemEcho === null) return
    const echo = observation.systemEcho
    tally(state, at, echo >= ECHO_PERCENT)
    state.f[at + MOST] = Math.max(state.f[at + MOST]!, echo)
  },
  read: (state, at) =>
    countOf(state, at) === 0
      ? null
      : hitsOf(state, at) === 0
        ? 0
        : ramp(state.f[at + MOST]!, ECHO_PERCENT - 10, 100) * ramp(hitsOf(state, at), 0, 2),
  says: (state, at) =>
    `${Math.round(hitsOf(state, at))} answers repeated half of the system prompt or more, at most ${state.f[at + MOST]} %`,
}
