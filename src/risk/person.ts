import { signs } from '../core/observation.ts'

/**
 * Whether anybody at a keyboard shows in what an account sends. People answer in a word, point back, start small and go on
 * in conversations; in a hundred prompts nobody does none of it. A running sum that each such sign takes down and each
 * prompt without one moves up a little. Family: form.
 *
 * Also met by: batch customers and evaluations, which send no sign either; those with one template are not judged by it,
 * and what is left of them is asked once. Dodged by paying for turns that fit a conversation.
 */
const SILENT = 0.5
const SIGN = -2.5
const MOST = 26
/** The first prompts of anybody may be careful ones. */
const FREE = 5

const HUMAN = signs.tiny | signs.deictic | signs.lowerStart | signs.continues

export interface PersonState {
  sum: number
  prompts: number
}

export const startPerson = (): PersonState => ({ sum: 0, prompts: 0 })

export function notePerson(state: PersonState, shown: number): void {
  state.prompts++
  // A script without capitals cannot show them: half a word either way.
  const silent = (shown & signs.uncased) === 0 ? SILENT : SILENT / 2
  state.sum = Math.max(0, Math.min(MOST, state.sum + ((shown & HUMAN) === 0 ? silent : SIGN)))
}

export const personEvidence = ({ sum }: PersonState): number => Math.max(0, sum - FREE)
