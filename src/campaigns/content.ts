import { classOf } from './match.ts'
import type { MatchRates } from './match-rates.ts'
import { RING, type Trace } from './trace.ts'

/**
 * What an account's last prompts say together: each that comes out of a template that others use too adds its weight, each
 * that does not takes a little away, and the same template counts once. Families: content.
 *
 * Also met by: users of one framework (one template: counted once), a class with one set of assignments and people who copy
 * (they share whole texts, so all of it counts less). Dodged by paraphrasing every prompt, or by a template for each dozen
 * accounts.
 */
/**
 * Less than ln((1 - q) / (1 - p)), about 0.3 for fleets of a quarter, since one of a tenth has to be seen too; with much less an
 * honest account's sum grows by its length alone.
 */
const MISS = 0.15
/** A prompt shared only with accounts that are suspected themselves says more by this part. */
const SHADE = 0.75
const AGAIN = 0.25
/** Above this share of the ring a template is the account's own frame, and its repeats say nothing. */
const FRAME = 0.35
/**
 * An account that lives k times as long has k times the chances to be met by accident. The tail of honest scores falls by e
 * in about two units, so its highest grows by 2 ln k, which is taken off. An account that talks first and harvests later has
 * two matches more for it after 500 prompts.
 */
const LATER = 2
/** Prompts of an ordinary life: what the calibration's accounts have sent, most of them. */
const YOUNG = 2 * RING
/**
 * Templates with small slots look copied now and then. A half instead spared two of 45 pupils and two of a help desk, and let whoever
 * sends what goes round beside its harvest off: T0 with recycled chaff leaked 70 % instead of 58 %.
 */
const COPIER = 0.6
export const TEMPLATE_POINTS = 1.6

export interface Content {
  readonly evidence: number
  /** Share of its matched prompts, 0 to 1, that stand word for word in other accounts. */
  readonly copied: number
  /** Share of what counted, 0 to 1, that was with suspects; -1: nothing counted. */
  readonly shade: number
}

/** `met`: takes how many matches of each class have counted in full. */
export function contentEvidence(trace: Trace, rates: MatchRates, met: Uint8Array): Content {
  met.fill(0)
  // Most accounts have met nobody.
  if (classOf(trace.strongest / 100) < 0) return nothing
  const { held } = trace
  let sum = 0
  let top = 0
  let matched = 0
  let copied = 0
  counted.length = 0
  const says = SHADE * rates.shadeSays
  let shade = 0
  for (let i = 0; i < held; i++) {
    const place = (trace.prompts - held + i) % RING
    const points = trace.strengthAt(place) / 100
    const shared = trace.isPlain(place)
    if (points >= TEMPLATE_POINTS) {
      matched++
      if (shared) copied++
    }
    const what = shared ? -1 : classOf(points)
    let weight = 0
    if (what >= 0) {
      weight = rates.weightOf(what) * (1 + (trace.shadeAt(place) / 100) * says)
      if (counted.some((other) => trace.alike(place, other))) {
        weight *= trace.likeness(place) > FRAME ? 0 : AGAIN
      } else {
        counted.push(place)
        met[what]!++
        shade += trace.shadeAt(place) / 100
      }
    }
    sum = Math.max(0, sum + (weight > 0 ? weight : -MISS))
    if (sum > top) top = sum
  }
  top = Math.max(0, top - LATER * Math.log(Math.max(1, trace.prompts / YOUNG)))
  // Whoever shares whole texts with others has copied them, and so have the others.
  const share = matched >= 3 ? copied / matched : 0
  return {
    evidence: share < COPIER ? top : top * (1 - share) ** 2,
    copied: share < COPIER ? 0 : share,
    shade: counted.length === 0 ? -1 : shade / counted.length,
  }
}

const nothing: Content = { evidence: 0, copied: 0, shade: -1 }
const counted: number[] = []
