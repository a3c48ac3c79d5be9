import type { ActionName, Family, Level } from '../core/decision.ts'

/** What the ladder's words mean, for a reader who has never seen Weir. */
export const levelMeans: Readonly<Record<Level, string>> = {
  normal: 'nothing stands out',
  watch: 'watched more closely; clients feel nothing',
  notice: 'told to the operator; clients feel nothing',
  step_up: 'asked to show who they are',
  tarpit: 'answered slowly',
  squeeze: 'given much less',
  block: 'refused',
}

export const actionMeans: Readonly<Record<ActionName, string>> = {
  allow: 'answered as asked',
  throttle: 'answered, at a lower rate',
  tarpit: 'answered in full, but slowly',
  restrict: 'answered within tighter limits',
  squeeze: 'answered with much less',
  step_up: 'asked to show who they are before they go on',
  decoy: 'given marked text that shows up in a copy',
  cooldown: 'told to come back later',
  quarantine: 'held until an operator decides',
  block: 'refused',
}

export const familyMeans: Readonly<Record<Family, string>> = {
  content: 'what is asked',
  form: 'how it is written',
  infrastructure: 'where it comes from',
  timing: 'when it comes',
  output: 'what is taken',
  intent: 'what it is after',
  decoy: 'traps that were touched',
}
