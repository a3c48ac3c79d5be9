import { Trace } from './trace.ts'

/** What the engine holds of one account. */
export class Member {
  readonly number: number
  readonly trace: Trace
  /** Keyed numbers of where it calls from and with what, in the order of `infraKinds`; 0: unknown. */
  readonly infra: Uint32Array
  /** How much of what it sends is made alike, 0 to 1, over its last dozen prompts. */
  narrow = 0
  scores: Scores = noScores
  /** What it has met, as `MatchRates` packs it, and when it was counted there; null: it is not. */
  met = 0
  metAt: number | null = null
  /** Suspected enough for others to be measured by it. */
  suspected = false
  /** Suspected enough for its infrastructure to be that of suspects. */
  strong = false
  /** Another member of its campaign; itself where it has none. */
  parent: Member

  constructor(number: number, infra: Uint32Array) {
    this.number = number
    this.trace = new Trace(number)
    this.infra = infra
    this.parent = this
  }
}

/** Evidence of three families, as logarithms; `total` is what the account is weighed by. */
export interface Scores {
  readonly content: number
  readonly form: number
  readonly infrastructure: number
  /** The part of infrastructure that neighbours do not share. */
  readonly client: number
  readonly total: number
}

export const noScores: Scores = { content: 0, form: 0, infrastructure: 0, client: 0, total: 0 }
