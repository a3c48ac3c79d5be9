import type { Signal } from '../signal.ts'
import { countOf, percent, ramp, shareOf, TALLY, tally } from '../slots.ts'

const SESSION_GAP_MS = 30 * 60_000
const SINGLE = 0
const STARTS = TALLY
const MIN_PROMPTS = 20

export const shortSessions: Signal = {
  name: 'short_sessions',
  family: 'form',
  measures: 'Share of prompts that belong to no conversation: one message, no answer before it.',
  alsoMet: 'Most API programs, and half of the conversations of people with a chat product.',
  dodge: 'A second turn is made up for each prompt, at the price of one more answer.',
  weight: 'context',
  among: null,
  atlas: null,
  slots: 2 * TALLY,
  observe(state, at, { observation }, { gapMs }) {
    if (observation?.role !== 'human') return
    tally(state, at + SINGLE, observation.turns <= 2)
    tally(state, at + STARTS, gapMs > SESSION_GAP_MS)
  },
  read: (state, at) => (countOf(state, at) < MIN_PROMPTS ? null : ramp(shareOf(state, at), 0.5, 1)),
  says: (state, at) =>
    `${percent(shareOf(state, at))} of prompts stand alone; ${percent(shareOf(state, at + STARTS))} come after half an hour of silence`,
}
