import { cover, type Coverage, covered } from '../../sketch/coverage.ts'
import type { Signal } from '../signal.ts'
import { percent, ramp, type Slots } from '../slots.ts'

/** 256 cells: enough to count the topics of about a thousand prompts. */
const WORDS = 8
const PROMPTS = WORDS
/** Growth over the first prompts, kept: later the map is full, whoever asks. */
const KEPT = WORDS + 1
const MIN_PROMPTS = 30
const MEASURED_PROMPTS = 400

/** An account's topic map among the state of its signals, for the union over a group. */
export const topicsOf = ({ u }: Slots, at: number): Coverage => ({ words: u, at, size: WORDS })

const growth = (state: Slots, at: number): number =>
  state.f[at + KEPT]! > 0 ? state.f[at + KEPT]! : covered(topicsOf(state, at)) / Math.max(1, state.f[at + PROMPTS]!)

export const coverageSweep: Signal = {
  name: 'coverage_sweep',
  family: 'content',
  measures:
    'New topics for each prompt, over the first 400: cells of a map of one content word of each, chosen by its hash.',
  alsoMet: 'Any account with many users or many interests: curated prompts of real people are as broad as any harvest.',
  dodge: 'Topics are split among accounts, so that each one is narrow; the union over a campaign stays broad.',
  weight: 'context',
  among: null,
  atlas: 'AML.T0024.002',
  slots: WORDS + 2,
  observe(state, at, { observation }) {
    if (observation?.role !== 'human') return
    const topic = observation.content[0]
    if (topic === undefined || topic === 0) return
    cover(topicsOf(state, at), topic)
    const prompts = (state.f[at + PROMPTS]! += 1)
    if (prompts === MEASURED_PROMPTS) state.f[at + KEPT] = growth(state, at)
  },
  read: (state, at) => (state.f[at + PROMPTS]! < MIN_PROMPTS ? null : ramp(growth(state, at), 0.4, 1)),
  says: (state, at) =>
    `about ${Math.round(covered(topicsOf(state, at)))} topics; ${percent(Math.min(1, growth(state, at)))} of its first prompts opened a new one`,
}
