import { signs } from '../../core/observation.ts'
import type { Signal } from '../signal.ts'
import { countOf, percent, ramp, shareOf, TALLY, tally } from '../slots.ts'

const MIN_PROMPTS = 20

export const elicitationShare: Signal = {
  name: 'elicitation',
  family: 'intent',
  measures:
    'Share of prompts that ask for reasoning or marks to be written out, which is what a student is trained on.',
  alsoMet: 'Homework, debugging, graders: now and then by everybody, nearly always by evaluation pipelines.',
  dodge: 'Other words, another language, or a model that shows its reasoning without being asked.',
  weight: 'evidence',
  among: ['human_seat', 'agent', 'app', 'reseller', 'unknown'],
  atlas: 'AML.T0024.002',
  slots: TALLY,
  observe(state, at, { observation }) {
    if (observation?.role === 'human') tally(state, at, (observation.signs & signs.elicits) !== 0)
  },
  read: (state, at) => (countOf(state, at) < MIN_PROMPTS ? null : ramp(shareOf(state, at), 0.1, 0.6)),
  says: (state, at) => `${percent(shareOf(state, at))} of prompts ask for reasoning or marks to be written out`,
}
