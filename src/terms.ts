import type { TermsConfig } from './config/config.ts'
import type { Principal } from './core/principal.ts'
import type { Records } from './core/records.ts'

/** Accounts whose acceptance is remembered; past it nobody new can accept, and is told so. */
const MAX_ACCOUNTS = 200_000
/** Of these, accounts of keys that nobody vouches for: whoever invents such keys must not lock out everybody else. */
const MAX_UNVOUCHED = MAX_ACCOUNTS / 2
const isUnvouched = (account: string): boolean => account.startsWith('key:pt:')

interface Acceptance {
  readonly version: string
  readonly keyId: string
  readonly atMs: number
}

/**
 * Which account has accepted which version of the terms, with which key and when: what a contract clause against copying
 * the model stands on. Kept on record from the moment it is accepted.
 */
export class TermsBook {
  readonly #records: Records
  readonly #accepted = new Map<string, Acceptance>()
  #terms: TermsConfig | null
  #unvouched = 0

  constructor(terms: TermsConfig | null, records: Records) {
    this.#terms = terms
    this.#records = records
    for (const { id, value } of records.all('terms')) this.#remember(id, JSON.parse(value) as Acceptance)
  }

  /** A reload may bring another version, which has to be accepted anew. */
  set terms(terms: TermsConfig | null) {
    this.#terms = terms
  }

  accepted(account: string): boolean {
    return this.#terms === null || this.#accepted.get(account)?.version === this.#terms.version
  }

  statusOf(account: string): object {
    const known = this.#accepted.get(account)
    return {
      version: this.#terms?.version ?? null,
      url: this.#terms?.url ?? null,
      accepted: this.accepted(account),
      accepted_version: known?.version ?? null,
      accepted_at: known === undefined ? null : new Date(known.atMs).toISOString(),
    }
  }

  /** The version must be named: nobody accepts what was put in force a moment before. */
  accept(who: Principal, version: unknown, nowMs: number): [status: number, answer: object] {
    if (this.#terms === null) return [404, refused('There are no terms to accept here.', 'no_terms')]
    if (version !== this.#terms.version) {
      return [409, refused(`Send {"version": ${JSON.stringify(this.#terms.version)}} to accept it.`, 'other_version')]
    }
    if (!this.#accepted.has(who.account) && this.#isFull(who.account)) {
      return [503, refused('No more acceptances can be recorded.', 'terms_full')]
    }
    if (!this.accepted(who.account)) {
      const acceptance: Acceptance = { version, keyId: who.keyId, atMs: nowMs }
      this.#records.put('terms', who.account, JSON.stringify(acceptance))
      this.#remember(who.account, acceptance)
    }
    return [200, this.statusOf(who.account)]
  }

  #isFull(account: string): boolean {
    return this.#accepted.size >= MAX_ACCOUNTS || (isUnvouched(account) && this.#unvouched >= MAX_UNVOUCHED)
  }

  #remember(account: string, acceptance: Acceptance): void {
    if (isUnvouched(account) && !this.#accepted.has(account)) this.#unvouched++
    this.#accepted.set(account, acceptance)
  }
}

const refused = (message: string, code: string): object => ({
  error: { message, type: 'invalid_request_error', param: null, code },
})
