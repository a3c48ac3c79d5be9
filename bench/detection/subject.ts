import type { RecordedExchange } from '../../src/core/recorded.ts'

/** What the bench judges: it is given exchanges in the order of time, and says what each would have met. */
export interface Subject {
  readonly judge: (exchange: RecordedExchange) => Verdict
}

export interface Verdict {
  readonly action: string
  readonly evidence: number
  readonly level: string
}

/** TO BE REPLACED by whoever joins the detector to the bench: this one lets everything pass. */
export function createSubject(): Subject {
  return { judge: () => ({ action: 'allow', evidence: 1, level: 'normal' }) }
}
