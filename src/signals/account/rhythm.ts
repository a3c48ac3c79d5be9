import type { Signal } from '../signal.ts'
import {
  addMoment,
  addToBin,
  binOf,
  binSlots,
  countOf,
  deviationOf,
  meanOf,
  MOMENTS,
  ramp,
  type Slots,
} from '../slots.ts'

/** Gaps in bins of a factor of two, from a quarter of a second up. */
const BINS = 16
const FIRST_MS = 250
const SESSION_GAP_MS = 30 * 60_000
const GAPS = 0
const HISTOGRAM = MOMENTS
const MIN_GAPS = 30

const variation = (state: Slots, at: number): number => deviationOf(state, at) / Math.max(1e-3, meanOf(state, at))

/** Of the gaps' histogram, in bits. */
function entropyOf(state: Slots, at: number): number {
  let total = 0
  for (let bin = 0; bin < BINS; bin++) total += binOf(state, at, bin)
  let bits = 0
  for (let bin = 0; bin < BINS; bin++) {
    const share = binOf(state, at, bin) / Math.max(1, total)
    if (share > 0) bits -= share * Math.log2(share)
  }
  return bits
}

export const rhythm: Signal = {
  name: 'no_human_rhythm',
  family: 'timing',
  measures:
    'How even the gaps between prompts of a sitting are: their coefficient of variation, and the entropy of their histogram.',
  alsoMet:
    'Programs on a timer. People vary as much as they wait (CV about 1); agents between two prompts are not counted.',
  dodge: 'Gaps are drawn from those of a person, which costs throughput.',
  weight: 'evidence',
  among: ['human_seat', 'agent'],
  atlas: null,
  slots: HISTOGRAM + binSlots(BINS),
  observe(state, at, { observation }, { humanGapMs }) {
    if (observation?.role !== 'human' || humanGapMs > SESSION_GAP_MS) return
    addMoment(state, at + GAPS, humanGapMs / 1000)
    const bin = Math.floor(Math.log2(1 + humanGapMs / FIRST_MS))
    addToBin(state, at + HISTOGRAM, BINS, Math.min(BINS - 1, bin))
  },
  read(state, at) {
    if (countOf(state, at + GAPS) < MIN_GAPS) return null
    return ramp(variation(state, at + GAPS), 0.7, 0.25) * ramp(entropyOf(state, at + HISTOGRAM), 3, 1.5)
  },
  says: (state, at) =>
    `gaps vary by ${variation(state, at + GAPS).toFixed(2)} of their mean (people: about 1), with ${entropyOf(state, at + HISTOGRAM).toFixed(1)} bits in their histogram`,
}
