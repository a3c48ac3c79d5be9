import { signs } from '../../core/observation.ts'
import type { Signal } from '../signal.ts'
import {
  addMoment,
  countOf,
  deviationOf,
  isRecent,
  MOMENTS,
  percent,
  ramp,
  RECENT,
  shareOf,
  TALLY,
  tally,
} from '../slots.ts'

const LENGTHS = 0
const TOPICS = LENGTHS + MOMENTS
const TOPIC_AGAIN = TOPICS + RECENT
const PERSONAL = TOPIC_AGAIN + TALLY
const MIN_PROMPTS = 30
/** Where too few prompts are in a script with capitals, nobody can be seen to do without them. */
const MIN_CASED = 20

export const variability: Signal = {
  name: 'one_objective',
  family: 'form',
  measures:
    'Prompts of one form about ever new things: little spread of the logarithm of their length, hardly a topic twice in a row, and nothing personal in them (a word or two, or a start without a capital).',
  alsoMet: 'Batch pipelines with one template; people who write in one line and never in two.',
  dodge: 'Lengths are jittered, or several tasks are mixed: a sweep over many templates is as wide as a person.',
  weight: 'evidence',
  among: ['human_seat', 'agent'],
  atlas: 'AML.T0024.002',
  slots: PERSONAL + TALLY,
  observe(state, at, { observation }) {
    if (observation?.role !== 'human' || observation.chars === 0) return
    addMoment(state, at + LENGTHS, Math.log(1 + observation.chars))
    const topic = observation.content[0]!
    if (topic !== 0) tally(state, at + TOPIC_AGAIN, isRecent(state, at + TOPICS, topic))
    if ((observation.signs & signs.uncased) === 0) {
      tally(state, at + PERSONAL, (observation.signs & (signs.tiny | signs.lowerStart)) !== 0)
    }
  },
  read(state, at) {
    if (countOf(state, at + LENGTHS) < MIN_PROMPTS) return null
    const narrow = ramp(deviationOf(state, at + LENGTHS), 0.8, 0.4)
    const broad = ramp(shareOf(state, at + TOPIC_AGAIN), 0.4, 0.1)
    const cased = countOf(state, at + PERSONAL) >= MIN_CASED
    return narrow * broad * (cased ? ramp(shareOf(state, at + PERSONAL), 0.3, 0.05) : 0.5)
  },
  says: (state, at) =>
    `lengths spread by ${deviationOf(state, at + LENGTHS).toFixed(2)} (people: 0.8 to 1.4), ${percent(shareOf(state, at + TOPIC_AGAIN))} of prompts come back to a topic, ${percent(shareOf(state, at + PERSONAL))} are short or start without a capital`,
}
