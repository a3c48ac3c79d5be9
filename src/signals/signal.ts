import type { Family } from '../core/decision.ts'
import type { Observed } from '../core/observed.ts'
import type { Profile } from '../core/principal.ts'
import type { Slots } from './slots.ts'

/**
 * One measurable fact about an account: a fold over its exchanges that keeps a few numbers and no text. The same exchanges
 * in the same order give the same value. A signal does not judge: how often honest accounts show it stands in
 * `docs/signals.md`, measured by `bench/signals.ts`.
 */
export interface Signal {
  readonly name: string
  readonly family: Family
  /** What it measures, which honest traffic it also meets, how an attacker dodges it. */
  readonly measures: string
  readonly alsoMet: string
  readonly dodge: string
  /** What it may do: `evidence` enters the account's evidence, `context` only explains. */
  readonly weight: Weight
  /** Profiles within which it is evidence; for all others it is context. null: all of them. */
  readonly among: readonly Profile[] | null
  /** Technique in MITRE ATLAS, where there is one. */
  readonly atlas: string | null
  /** How many slots of the account's state are its own, from `at` on. All start at 0. */
  readonly slots: number
  observe(state: Slots, at: number, seen: Observed, account: Standing): void
  /** 0 none .. 1 as strong as it gets, or null while there is too little to say. */
  read(state: Slots, at: number, account: Standing): number | null
  /** One sentence with the numbers, for an operator. Called only where there is a value. */
  says(state: Slots, at: number, account: Standing): string
}

export type Weight = 'evidence' | 'context'

/** What all signals of an account share, as of the exchange that is observed, or of the time that is read at. */
export interface Standing {
  /** Exchanges so far, this one included. */
  readonly calls: number
  readonly firstMs: number
  readonly nowMs: number
  /** Since the exchange before, and since the last one that a person (or what stands for one) has made. */
  readonly gapMs: number
  readonly humanGapMs: number
  readonly profile: Profile
  /** Countries that the account has declared, where it has. */
  readonly regions: ReadonlySet<string> | null
}
