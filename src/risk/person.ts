import { signs, type Observation } from '../core/observation.ts'

/**
 * Whether anybody at a keyboard shows in what an account sends. People answer in a word, point back, start small and go on
 * in conversations; in a hundred prompts nobody does none of it. A running sum that each such sign takes down and each
 * prompt without one moves up a little. Family: form.
 *
 * Also met by: batch customers and evaluations, which send no sign either; those with one template are not judged by it,
 * and what is left of them is asked once. Dodged by paying for turns that fit a conversation.
 */
const SILENT = 0.8
const SIGN = -2.5
const MOST = 30
/** From here on each prompt adds less: an app or a translator may have its reasons, a coverage run goes on for thousands. */
const LONG = 17
const SLOWER = 0.35
/** The first prompts of anybody may be careful ones. */
const FREE = 8
/** Whoever sends whole documents has them from somewhere else: the longer, the less its silence says. */
const SHORT_CHARS = 300

const SEVERAL_FRAMES = 0.08
const ONE_FRAME = 0.35
const ALL_ONE_FRAME = 0.6

const HUMAN = signs.tiny | signs.deictic | signs.lowerStart | signs.continues

export interface PersonState {
  sum: number
  /** Keyed number of the user that has sent the prompt before; 0: nobody is named. */
  lastUser: number
}

export const startPerson = (): PersonState => ({ sum: 0, lastUser: 0 })

/** `user`: as `lastUser`; `narrow`: how much of what the account sends is made alike. */
export function notePerson(
  state: PersonState,
  { signs: shown, chars }: Observation,
  user: number,
  narrow: number,
): void {
  if ((shown & HUMAN) !== 0) {
    state.sum = Math.max(0, state.sum + SIGN)
    return
  }
  let silent = chars <= SHORT_CHARS ? SILENT : (SILENT * SHORT_CHARS) / chars
  // Several frames by turns are no documents.
  if (narrow > SEVERAL_FRAMES && narrow < ONE_FRAME) silent = Math.max(silent, SILENT / 2)
  // A script without capitals cannot show them.
  if ((shown & signs.uncased) !== 0) silent /= 2
  // An app's people write a prompt each, and not as they would to a friend.
  if (user !== 0 && user !== state.lastUser) silent /= 2
  state.lastUser = user
  state.sum = Math.min(MOST, state.sum + (state.sum < LONG ? silent : SLOWER * silent))
}

/** What has one frame around everything is a batch, and judged by its volume. */
export const personEvidence = ({ sum }: PersonState, narrow: number): number =>
  Math.max(0, sum - FREE) * Math.min(1, Math.max(0, (ALL_ONE_FRAME - narrow) / (ALL_ONE_FRAME - ONE_FRAME)))

export const showsNobody = ({ sum }: PersonState): boolean => sum >= FREE / 2
