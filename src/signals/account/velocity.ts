import type { Signal } from '../signal.ts'
import { ramp } from '../slots.ts'

/** Prompts of the last ten minutes, forgotten at that pace, and the most there ever were. */
const LEVEL = 0
const PEAK = 1
const WINDOW_MS = 10 * 60_000

export const velocity: Signal = {
  name: 'velocity',
  family: 'timing',
  measures: 'Most prompts within about ten minutes that a person (or what stands for one) has made.',
  alsoMet: 'Programs, of course; among seats, teams behind one key and chat in very short lines.',
  dodge: 'More accounts, each of them slower: this is what accounts are multiplied for.',
  weight: 'evidence',
  among: ['human_seat', 'agent'],
  atlas: 'AML.T0040',
  slots: 2,
  observe({ f }, at, { observation }, { humanGapMs }) {
    if (observation?.role !== 'human') return
    const level = f[at + LEVEL]! * Math.exp(-humanGapMs / WINDOW_MS) + 1
    f[at + LEVEL] = level
    if (level > f[at + PEAK]!) f[at + PEAK] = level
  },
  read: ({ f }, at) => (f[at + PEAK] === 0 ? null : ramp(Math.log(f[at + PEAK]!), Math.log(60), Math.log(600))),
  says: ({ f }, at) => `up to ${Math.round(f[at + PEAK]!)} prompts within about ten minutes`,
}
