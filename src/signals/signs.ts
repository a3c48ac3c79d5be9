import { signs } from '../core/observation.ts'
import type { HashSet } from './hash-set.ts'
import { kind, type Scan } from './scan.ts'

/**
 * What a prompt shows of whoever has made it. People answer in a word, point at what was said, and do not start with a
 * capital; a work list does none of that. Exculpatory: nobody is suspected for a polished prompt, but somebody who never
 * shows any of this in a hundred prompts is no person at a keyboard.
 */
const TINY_CHARS = 25

export function signsOf(scan: Scan, turns: number, deictic: HashSet, elicits: boolean): number {
  let found = 0
  const chars = scan.chars + 1.5 * scan.wide
  if (chars < TINY_CHARS) found |= signs.tiny
  const { count, kinds, lexical } = scan
  for (let i = 0; i < Math.min(count, 12); i++) {
    if (kinds[i] !== kind.mark && deictic.has(lexical[i]!)) {
      found |= signs.deictic
      break
    }
  }
  if (scan.wide > scan.letters / 2 || (!scan.firstUpper && !scan.firstLower)) found |= signs.uncased
  else if (scan.firstLower) found |= signs.lowerStart
  else if (scan.lastMark !== 0) found |= signs.polished
  if (turns > 2) found |= signs.continues
  if (elicits) found |= signs.elicits
  return found
}

/** Words that point at what was said before, in the languages most asked in; a language that is missing is no evidence. */
export const deicticWords: readonly string[] =
  'it previous again still also now ok okay thanks thank yes no yeah yep sorry same other instead actually hmm sure nope done above earlier das dies nochmal danke ja nein bitte genau ça merci oui non encore eso esto gracias sí otra también isso obrigado sim não questo grazie да нет спасибо ещё это thx pls lol'.split(
    ' ',
  )
