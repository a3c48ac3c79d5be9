import { CLASSES } from './match.ts'
import type { Member } from './member.ts'

/**
 * How often accounts of this population meet a match of each class, and so what a match says. Among more accounts a common
 * opening finds more holders, so a weight that is right for a thousand accounts is too much for a hundred thousand. A match
 * says ln(p / q): p is how often an account of a campaign meets it, q how often an honest one does, here and now. The same
 * for the suspects among those whom it was met with: where a third of everybody is one, that says little, and taking it for
 * much makes more suspects.
 *
 * Each account counts once, by its last prompts, and for no more than `MOST_MET` matches of a class, so that volume buys
 * nothing; suspects do not count. No weight is ever more than that of the size it was measured at.
 *
 * Dodged by accounts that stay below suspicion and meet a little of everything, so that matches look usual. One of them moves
 * q by MOST_MET / RING over the number of accounts: at the most q comes to 8 % times their share of all accounts, which takes
 * the two lower classes away when most accounts are theirs, and leaves form, infrastructure and volume. In a population no
 * larger than `USUAL_ACCOUNTS` it moves nothing. Whoever sends more than the weights of the moment allow is a suspect, and
 * what it has added is taken out.
 */
export interface MatchRatesState {
  readonly sums: Float64Array
  readonly weight: number
  readonly shaded: number
  readonly meeting: number
  readonly now: number
  readonly accounts: number
}

/** What a match of each class says, as a logarithm, where it is as rare as below (docs/detection.md). */
const MOST_WEIGHT = [1.2, 2.4, 3.6, 4.4]
/** The share of an account's prompts that are a match of each class: measured on people's, a thousand accounts of them. */
const USUAL = [0.019, 0.0039, 0.0014, 0.0009]
/**
 * Accounts that those were measured among. How often an account meets others grows at most as their number does: a rate beyond
 * that has another cause than the size of the population, and is not believed.
 */
const USUAL_ACCOUNTS = 1000
/** So many accounts' worth of the usual rates is mixed in: a small population cannot tell how rare the rare is. */
const PRIOR = 200
/** Accounts after which what was seen before counts e times less. */
const MEMORY = 4096
/** An account is counted anew after so many prompts. */
const EACH = 12
const MOST_MET = 2
const BITS = 2
const MOST_SHADE = 15
const SHADE_BITS = 5
/** Share of honest accounts' matches that are with suspects, where there are few of these; and its weight in accounts. */
const USUAL_SHADE = 0.1
const SHADE_PRIOR = 50

export class MatchRates {
  readonly #sums = new Float64Array(CLASSES)
  readonly #weights = Float64Array.from(MOST_WEIGHT)
  #weight = 0
  #shaded = 0
  /** Weight of those that have met anything. */
  #meeting = 0
  #shadeSays = 1
  /** Counts accounts; a fast one moves it no faster than a slow one. */
  #now = 0
  #accounts = 0

  /** What a match of this class says, as a logarithm. */
  weightOf(what: number): number {
    return this.#weights[what]!
  }

  /** How much it says that a match is with suspects: 1 where honest people hardly ever meet any, 0 where they always do. */
  get shadeSays(): number {
    return this.#shadeSays
  }

  /** Takes in what an account has met among the prompts of its ring, and what share of it with suspects; -1: nothing met. */
  note(member: Member, met: Uint8Array, shade: number): void {
    const { prompts, held } = member.trace
    if (prompts % EACH !== 0 || member.suspected) return
    const before = this.#remove(member)
    if (member.metAt === null) this.#accounts++
    this.#forget(1 - before)
    let packed = (held << SHADE_BITS) | (shade < 0 ? 0 : 1 + Math.round(shade * MOST_SHADE))
    for (let what = CLASSES - 1; what >= 0; what--) packed = (packed << BITS) | Math.min(MOST_MET, met[what]!)
    member.met = packed
    member.metAt = this.#now
    this.#add(packed, 1)
    this.#weigh()
  }

  /** A suspect is no measure of what is usual. */
  withdraw(member: Member): void {
    if (member.metAt === null) return
    this.#remove(member)
    member.metAt = null
    this.#accounts--
    this.#weigh()
  }

  save(): MatchRatesState {
    return {
      sums: this.#sums,
      weight: this.#weight,
      shaded: this.#shaded,
      meeting: this.#meeting,
      now: this.#now,
      accounts: this.#accounts,
    }
  }

  load({ sums, weight, shaded, meeting, now, accounts }: MatchRatesState): void {
    this.#sums.set(sums)
    this.#weight = weight
    this.#shaded = shaded
    this.#meeting = meeting
    this.#now = now
    this.#accounts = accounts
    this.#weigh()
  }

  /** Gives what was left of it. */
  #remove({ met, metAt }: Member): number {
    if (metAt === null) return 0
    const left = Math.exp((metAt - this.#now) / MEMORY)
    this.#add(met, -left)
    return left
  }

  #forget(accounts: number): void {
    this.#now += accounts
    const kept = Math.exp(-accounts / MEMORY)
    this.#weight *= kept
    this.#shaded *= kept
    this.#meeting *= kept
    for (let what = 0; what < CLASSES; what++) this.#sums[what]! *= kept
  }

  #add(packed: number, weight: number): void {
    const rest = packed >>> (BITS * CLASSES)
    const held = rest >>> SHADE_BITS
    const shade = rest & ((1 << SHADE_BITS) - 1)
    if (shade > 0) {
      this.#shaded += (weight * (shade - 1)) / MOST_SHADE
      this.#meeting += weight
    }
    this.#weight += weight
    for (let what = 0; what < CLASSES; what++)
      this.#sums[what]! += (weight * ((packed >>> (BITS * what)) & ((1 << BITS) - 1))) / held
  }

  #weigh(): void {
    const shade = (this.#shaded + SHADE_PRIOR * USUAL_SHADE) / (this.#meeting + SHADE_PRIOR)
    this.#shadeSays = Math.min(1, Math.max(0, Math.log(shade) / Math.log(USUAL_SHADE)))
    const most = Math.max(1, this.#accounts / USUAL_ACCOUNTS)
    for (let what = 0; what < CLASSES; what++) {
      const usual = USUAL[what]!
      const times = (PRIOR * usual + this.#sums[what]!) / ((PRIOR + this.#weight) * usual)
      this.#weights[what] = Math.max(0, MOST_WEIGHT[what]! - Math.log(Math.min(most, Math.max(1, times))))
    }
  }
}
