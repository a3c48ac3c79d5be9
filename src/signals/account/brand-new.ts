import type { Signal } from '../signal.ts'
import { ramp } from '../slots.ts'

const CALLS = 100
const HOUR_MS = 3_600_000

export const brandNew: Signal = {
  name: 'brand_new',
  family: 'infrastructure',
  measures: 'Age of the account, in hours, when it had made its first hundred calls.',
  alsoMet: 'Every launch, classroom and hackathon, and every program that is switched on for good.',
  dodge: 'Accounts are aged, which makes them dearer. That many are born together is for the campaign engine to see.',
  weight: 'context',
  among: null,
  atlas: null,
  slots: 1,
  observe(state, at, { createdMs, timeMs }, { calls }) {
    // One hour is added: 0 is unknown.
    if (calls === CALLS && createdMs !== null) state.f[at] = 1 + Math.max(0, timeMs - createdMs) / HOUR_MS
  },
  read: (state, at) => (state.f[at] === 0 ? null : ramp(Math.log(state.f[at]!), Math.log(24 * 30), Math.log(2))),
  says: (state, at) => `its first hundred calls were made ${(state.f[at]! - 1).toFixed(1)} hours after it was created`,
}
