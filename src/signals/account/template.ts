import type { Signal } from '../signal.ts'
import { countOf, isRecent, percent, RECENT, shareOf, TALLY, tally } from '../slots.ts'

const MIN_PROMPTS = 20

export const template: Signal = {
  name: 'template',
  family: 'content',
  measures: 'Share of prompts whose opening, with content words masked, was among the last four different openings.',
  alsoMet: 'Batch pipelines and saved commands, far more than harvests: distillers vary what they ask.',
  dodge: 'Many templates in turn, or a model that rewrites each prompt.',
  weight: 'context',
  among: null,
  atlas: null,
  slots: RECENT + TALLY,
  observe(state, at, { observation }) {
    const opening = observation?.keys[0]
    if (opening !== undefined && opening !== 0) tally(state, at + RECENT, isRecent(state, at, opening))
  },
  read: (state, at) => (countOf(state, at + RECENT) < MIN_PROMPTS ? null : shareOf(state, at + RECENT)),
  says: (state, at) => `${percent(shareOf(state, at + RECENT))} of prompts open like one of the last four kinds`,
}
