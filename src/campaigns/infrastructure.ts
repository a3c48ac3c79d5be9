import type { Member } from './member.ts'

/**
 * Whether suspects share more than chance where they call from and what with: the share of a value among suspects against
 * its share among all. A likelihood ratio, so an e-value for an honest account, whose values are drawn from all.
 *
 * Also met by: colleagues of whoever is suspected, users of a rare client. It only ever multiplies what an account's own
 * prompts say, and never says anything alone. Dodged by buying as many networks, clients and sign-up days as accounts.
 */
export const infraKinds = ['fingerprint', 'user_agent', 'ip_prefix', 'asn', 'signed_up'] as const

export interface Infrastructure {
  readonly evidence: number
  /** The part of client and sign-up: neighbours share a network. */
  readonly client: number
}

const none: Infrastructure = { evidence: 0, client: 0 }

interface Count {
  all: number
  suspects: number
}

export interface InfraBookState {
  readonly accounts: number
  readonly suspects: number
  readonly counts: readonly (readonly [number, Count])[]
}

const MAX_VALUES = 1_000_000
/** As many suspects' worth of doubt is mixed in. */
const PRIOR = 3
const LEAST = -0.7
const MOST = 3.5
/** A class, an office and a campus share an address. */
const MOST_BY_NETWORK = 2

export class InfraBook {
  readonly #counts = new Map<number, Count>()
  #accounts = 0
  #suspects = 0

  join(member: Member): void {
    this.#accounts++
    for (const value of member.infra) {
      if (value === 0) continue
      const count = this.#counts.get(value)
      if (count !== undefined) count.all++
      else if (this.#counts.size < MAX_VALUES) this.#counts.set(value, { all: 1, suspects: 0 })
    }
  }

  suspect(member: Member): void {
    this.#suspects++
    for (const value of member.infra) {
      const count = value === 0 ? undefined : this.#counts.get(value)
      if (count !== undefined) count.suspects++
    }
  }

  /** ln of how much more usual its values are among suspects, itself left out; client, network and sign-up are three words. */
  evidence({ infra, strong }: Member): Infrastructure {
    const own = strong ? 1 : 0
    if (this.#suspects <= own) return none
    const [fingerprint, userAgent, prefix, asn, signedUp] = infra as unknown as readonly [
      number,
      number,
      number,
      number,
      number,
    ]
    const client = Math.max(this.#ratio(fingerprint, own), this.#ratio(userAgent, own)) + this.#ratio(signedUp, own)
    const network = Math.min(MOST_BY_NETWORK, Math.max(this.#ratio(prefix, own), this.#ratio(asn, own)))
    return { evidence: Math.max(0, client + network), client }
  }

  save(): InfraBookState {
    return { accounts: this.#accounts, suspects: this.#suspects, counts: [...this.#counts] }
  }

  load({ accounts, suspects, counts }: InfraBookState): void {
    this.#accounts = accounts
    this.#suspects = suspects
    for (const [value, count] of counts) this.#counts.set(value, count)
  }

  #ratio(value: number, own: number): number {
    const count = value === 0 ? undefined : this.#counts.get(value)
    if (count === undefined) return 0
    const usual = count.all / this.#accounts
    const share = (count.suspects - own + PRIOR * usual) / (this.#suspects - own + PRIOR)
    return Math.min(MOST, Math.max(LEAST, Math.log(share / usual)))
  }
}
