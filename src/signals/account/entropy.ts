import type { Signal } from '../signal.ts'
import { addMoment, countOf, meanOf, MOMENTS, ramp } from '../slots.ts'

const MIN_PROMPTS = 10
const MIN_CHARS = 80

export const entropy: Signal = {
  name: 'dense_text',
  family: 'content',
  measures: 'Tokens for each character of prompts that begin a conversation: text that no tokenizer can shorten.',
  alsoMet:
    'Code, tables, translations, every script beyond Latin; compressibility of harvests and of people overlaps entirely, which is why this says nothing of guilt.',
  dodge: 'Trivially: plain prose. It is kept because encoded payloads show here.',
  weight: 'context',
  among: null,
  atlas: null,
  slots: MOMENTS,
  observe(state, at, { observation, inputTokens }) {
    if (observation?.role !== 'human' || observation.turns > 1 || observation.system !== 0) return
    if (observation.chars >= MIN_CHARS && inputTokens > 0) addMoment(state, at, inputTokens / observation.chars)
  },
  read: (state, at) => (countOf(state, at) < MIN_PROMPTS ? null : ramp(meanOf(state, at), 0.35, 0.8)),
  says: (state, at) => `${meanOf(state, at).toFixed(2)} tokens for each character (English prose: 0.25)`,
}
