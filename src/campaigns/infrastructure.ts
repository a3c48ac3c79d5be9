import { Tallies, type TalliesState } from '../sketch/tallies.ts'
import type { Member } from './member.ts'

/**
 * Whether suspects share more than chance where they call from and what with: the share of a value among suspects against
 * its share among all. A likelihood ratio, so an e-value for an honest account, whose values are drawn from all.
 *
 * Also met by: colleagues of whoever is suspected, users of a rare client. It only ever multiplies what an account's own
 * prompts say, and never says anything alone. Dodged by buying as many networks, clients and sign-up days as accounts.
 */
export const infraKinds = ['fingerprint', 'userAgent', 'ipPrefix', 'asn', 'signedUp'] as const

export interface Infrastructure {
  readonly evidence: number
  /** The part of client and sign-up: neighbours share a network. */
  readonly client: number
}

const none: Infrastructure = { evidence: 0, client: 0 }

export interface InfraBookState {
  readonly accounts: number
  readonly suspects: number
  readonly counts: TalliesState
}

const MAX_VALUES = 1_000_000
/** As many suspects' worth of doubt is mixed in. */
const PRIOR = 3
const LEAST = -0.7
const MOST = 3.5
/** A class, an office and a campus share an address. */
const MOST_BY_NETWORK = 2

export class InfraBook {
  /** Of each value, among all and among suspects. */
  readonly #counts = new Tallies(MAX_VALUES)
  #accounts = 0
  #suspects = 0

  join(member: Member): void {
    this.#accounts++
    for (const kind of infraKinds) if (member[kind] !== 0) this.#counts.addFirst(member[kind])
  }

  suspect(member: Member): void {
    this.#suspects++
    for (const kind of infraKinds) if (member[kind] !== 0) this.#counts.addSecond(member[kind])
  }

  /** ln of how much more usual its values are among suspects, itself left out; client, network and sign-up are three words. */
  evidence({ strong, fingerprint, userAgent, ipPrefix, asn, signedUp }: Member): Infrastructure {
    const own = strong ? 1 : 0
    if (this.#suspects <= own) return none
    const client = Math.max(this.#ratio(fingerprint, own), this.#ratio(userAgent, own)) + this.#ratio(signedUp, own)
    const network = Math.min(MOST_BY_NETWORK, Math.max(this.#ratio(ipPrefix, own), this.#ratio(asn, own)))
    return { evidence: Math.max(0, client + network), client }
  }

  save(): InfraBookState {
    return { accounts: this.#accounts, suspects: this.#suspects, counts: this.#counts.save() }
  }

  load({ accounts, suspects, counts }: InfraBookState): void {
    this.#accounts = accounts
    this.#suspects = suspects
    this.#counts.load(counts)
  }

  #ratio(value: number, own: number): number {
    const place = value === 0 ? -1 : this.#counts.find(value)
    if (place < 0) return 0
    const usual = this.#counts.firstAt(place) / this.#accounts
    const share = (this.#counts.secondAt(place) - own + PRIOR * usual) / (this.#suspects - own + PRIOR)
    return Math.min(MOST, Math.max(LEAST, Math.log(share / usual)))
  }
}
