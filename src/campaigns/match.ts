import { join } from '../sketch/hash.ts'
import { HOLDERS, type KeyIndex } from './key-index.ts'
import type { Trace } from './trace.ts'

export { KEYS_EACH } from './sizes.ts'

/**
 * How strongly a prompt's shape is met in other accounts. One key that others hold is nothing: people begin alike. Several
 * regions of one prompt (how it opens, how it closes, how its lines begin, what stands between) that others hold too mean
 * that both came out of one template.
 *
 * Honest traffic that meets this too: a framework's wrapper (one frame, around everything: `frame`), a class with one set
 * of assignments (the same text: `shared`), saved snippets. Dodged by rewriting each prompt whole, which costs a call of a
 * cheaper model each and leaves form, infrastructure and time.
 */
export interface Match {
  /** Points of the regions that are met; below 1.6 it is no template. */
  points: number
  /** Other accounts that hold its most common key. */
  others: number
  /** Share of the holders that are suspected themselves, 0 to 1; and one of those, -1 if none. */
  shade: number
  suspect: number
  /** Numbers of some of the accounts that hold its keys. */
  readonly holders: readonly number[]
}

/** A key counts as met when at least this share of all prompts' accounts hold it: in a large population people collide. */
const SHARE = 1e-5
/** Numbers of accounts are near the truth up to here; the count of prompts never ends. */
const MOST_NEEDED = 60
/** Above this share of its own ring a key is the account's own frame. */
const FRAME_SHARE = 0.5
const FRAME_FROM = 6
const KNOWN = 8

/** `suspected`: by an account's number. */
export function matchKeys(
  keys: Uint32Array,
  index: KeyIndex,
  trace: Trace,
  promptsIndexed: number,
  suspected: (account: number) => boolean,
): Match {
  const least = Math.min(MOST_NEEDED, Math.max(1, promptsIndexed * SHARE))
  let opening = 0
  let closing = 0
  let layout = 0
  let bands = 0
  let most = 0
  let holders = 0
  let dark = 0
  let suspect = -1
  const known: number[] = []
  const slots = index.findAll(keys, keyOf)
  for (let which = 0; which < keys.length; which++) {
    const key = keys[which]!
    if (key === 0) continue
    const slot = slots[which]!
    if (slot < 0) continue
    const others = index.othersAt(slot, trace.account)
    if (others < least) continue
    if (trace.held >= FRAME_FROM && trace.share(which, key) > FRAME_SHARE) continue
    if (others > most) most = others
    for (let i = 0; i < HOLDERS; i++) {
      const holder = index.holderAt(slot, i)
      if (holder === 0 || holder === trace.account + 1) continue
      holders++
      if (known.length < KNOWN && !known.includes(holder - 1)) known.push(holder - 1)
      if (suspected(holder - 1)) {
        dark++
        suspect = holder - 1
      }
    }
    if (which === 0) opening = Math.max(opening, opening > 0 ? 1 : 0.7)
    else if (which === 1) opening = 1.3
    else if (which === 2) opening = Math.max(opening, opening > 0 ? 1 : 0.6)
    else if (which === 3) closing = Math.max(closing, 0.8)
    else if (which === 4) closing = 1.2
    else if (which === 5) layout = 1
    else bands++
  }
  const body = bands === 0 ? 0 : bands === 1 ? 0.5 : bands === 2 ? 1 : 1.6
  const points = opening + closing + layout + body
  return {
    points: most >= 4 * least && points > 0 ? points + 0.4 : points,
    shade: holders === 0 ? 0 : dark / holders,
    others: most,
    suspect,
    holders: known,
  }
}

/** Keys of different kinds never meet. */
export const keyOf = (which: number, key: number): number => join(which + 1, key) || 1

const TEXT = 31
const PAIR = 32

/** Keys of what a prompt says, whatever its shape: the very text, and two of its words at a time. 0: too few words. */
export function sayingsOf(text: number, content: Uint32Array): readonly [number, number, number] {
  return [join(TEXT, text), pairOf(content, 0), pairOf(content, 2)]
}

const pairOf = (content: Uint32Array, at: number): number =>
  content[at] === 0 ? 0 : join(join(PAIR + at, content[at]!), content[at + 1]!)

/** With so few that share its shape, half as much in common says that it goes round. */
const FEW = 3
/**
 * Among so many prompts words come back by chance, and a work list that sends many templates over the same documents repeats them
 * soon: then whoever has the words has to be among those that have the shape as well. A fleet of 4,800 leaked a third as much.
 */
const MANY_PROMPTS = 100_000

/**
 * Whether what is shared is the text itself: an assignment, a snippet, something that many have copied. What a work list
 * fills into a template differs each time; what goes round comes back in nearly the same words.
 */
export function isShared(
  sayings: Uint32Array,
  match: Match,
  index: KeyIndex,
  account: number,
  promptsIndexed: number,
): boolean {
  if (held(sayings[0]!) > 0) return true
  const first = held(sayings[1]!)
  const second = held(sayings[2]!)
  const both = first > 0 && second > 0
  if (both && promptsIndexed < MANY_PROMPTS) return true
  const enough = both || (match.others <= FEW && first + second > 0)
  return enough && (meets(sayings[1]!) || meets(sayings[2]!))

  function held(key: number): number {
    const slot = key === 0 ? -1 : index.find(key)
    return slot < 0 ? 0 : index.othersAt(slot, account)
  }
  /** Whether one that shares the shape is among those that share the words. */
  function meets(key: number): boolean {
    const slot = key === 0 ? -1 : index.find(key)
    if (slot < 0) return false
    for (let i = 0; i < HOLDERS; i++) if (match.holders.includes(index.holderAt(slot, i) - 1)) return true
    return false
  }
}

/** Classes of a match by its points; those below the first are no match. */
const FROM = [1, 1.6, 2.4, 3.2] as const
export const CLASSES: number = FROM.length

/** -1: no match. */
export function classOf(points: number): number {
  let one = FROM.length - 1
  while (one >= 0 && points < FROM[one]!) one--
  return one
}
