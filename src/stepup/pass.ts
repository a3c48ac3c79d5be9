import type { Means } from '../core/action.ts'

/** What somebody who is asked has shown, as far as it weighs differently. */
export const kinds = ['proof', 'signature', 'login', 'attestation', 'purpose_declared', 'purpose_accepted'] as const
export type Kind = (typeof kinds)[number]

/** An answer that counts. Passing is evidence itself. */
export interface Pass {
  readonly account: string
  readonly means: Means
  readonly atMs: number
  /** What the evidence against the account is divided by; 1 says nothing about it. */
  readonly likelihoodRatio: number
  /** How many requests it opens, for `StepUps.takeRequest` to count; null: what was asked is answered. */
  readonly requests: number | null
}

export const meansOf: Readonly<Record<Kind, Means>> = {
  proof: 'proof_of_work',
  signature: 'reauthenticate',
  login: 'reauthenticate',
  attestation: 'attestation',
  purpose_declared: 'purpose',
  purpose_accepted: 'purpose',
}

/**
 * How much rarer each of these is among those who harvest than among the honest, at the prices of docs/step-up.md. An
 * attacker who knows this table pays and passes, so what is cheap for a fleet stays near 1.
 */
const ratios: Readonly<Record<Kind, number>> = {
  proof: 3,
  signature: 2,
  login: 10,
  attestation: 1000,
  purpose_declared: 1,
  purpose_accepted: 100,
}

/** Within a day the same thing shown again opens the door and says nothing new: nobody pays evidence off in small coins. */
export const ratioOf = (kind: Kind, shownBefore: readonly Kind[]): number =>
  shownBefore.includes(kind) ? 1 : ratios[kind]
