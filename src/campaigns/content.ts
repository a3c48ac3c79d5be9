import { weightOf } from './match.ts'
import { RING, type Trace } from './trace.ts'

/**
 * What an account's last prompts say together: each that comes out of a template that others use too adds its weight, each
 * that does not takes a little away, and the same template counts once. Families: content.
 *
 * Also met by: users of one framework (one template: counted once), a class with one set of assignments and people who copy
 * (they share whole texts, so all of it counts less). Dodged by paraphrasing every prompt, or by a template for each dozen
 * accounts.
 */
const MISS = 0.08
/** A prompt shared only with accounts that are suspected themselves says more by this part. */
const SHADE = 0.75
const AGAIN = 0.25
/** Above this share of the ring a template is the account's own frame, and its repeats say nothing. */
const FRAME = 0.35
/** Templates with small slots look copied now and then. */
const COPIER = 0.6
export const TEMPLATE_POINTS = 1.6

export interface Content {
  readonly evidence: number
  /** Share of its matched prompts, 0 to 1, that stand word for word in other accounts. */
  readonly copied: number
}

export function contentEvidence(trace: Trace): Content {
  const { held } = trace
  let sum = 0
  let top = 0
  let matched = 0
  let copied = 0
  counted.length = 0
  for (let i = 0; i < held; i++) {
    const place = (trace.prompts - held + i) % RING
    const points = trace.strengthAt(place) / 100
    const shared = trace.isPlain(place)
    if (points >= TEMPLATE_POINTS) {
      matched++
      if (shared) copied++
    }
    let weight = shared ? 0 : weightOf(points)
    if (weight > 0) {
      weight *= 1 + (trace.shadeAt(place) / 100) * SHADE
      if (counted.some((other) => trace.alike(place, other))) {
        weight *= trace.likeness(place) > FRAME ? 0 : AGAIN
      } else counted.push(place)
    }
    sum = Math.max(0, sum + (weight > 0 ? weight : -MISS))
    if (sum > top) top = sum
  }
  // Whoever shares whole texts with others has copied them, and so have the others.
  const share = matched >= 3 ? copied / matched : 0
  return { evidence: share < COPIER ? top : top * (1 - share) ** 2, copied: share < COPIER ? 0 : share }
}

const counted: number[] = []
