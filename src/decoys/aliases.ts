import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/**
 * A model name of its own for each account. Its code is the month and a keyed hash of account and month, so nobody can work
 * out another's, and it is the same all month without being stored anywhere. Whose a code is stands in an index of those
 * that were given out this month and the last. That it is one's own is known for ever, by making it once more: programs
 * keep the names that they were written with.
 */
export interface AliasRead {
  /** `own`: the caller's. `other`: it was given to somebody else. `unknown`: made up, or nobody remembers to whom. */
  readonly whose: 'own' | 'other' | 'unknown'
  readonly owner: string | null
  /** Different accounts other than its owner that have used it by now, to one above `PUBLIC_FROM`. */
  readonly users: number
}

interface Given {
  readonly account: string
  users: Set<string> | null
}

/** Crockford's digits, which nobody reads for one another. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const CODE = new RegExp(`^[${DIGITS}]{16}$`)
/** Two digits are the month, which is enough to the year 2109. */
const FIRST_YEAR = 2024
/** The others are 70 bits: among a million accounts two share a code with a probability of 1 in 2 billion. */
const HASH_BYTES = 9

/** A name that so many others use was published, and using it says nothing any more. */
export const PUBLIC_FROM = 16

export class AliasBook {
  readonly #key: KeyObject
  readonly #most: number
  #month = 0
  #given = new Map<string, Given>()
  #givenBefore = new Map<string, Given>()

  /** `secret`: of this deployment and for nothing else. `most`: codes that are remembered for each of the two months. */
  constructor(secret: Uint8Array, most: number) {
    this.#key = createSecretKey(secret)
    this.#most = most
  }

  /** The account's code of this month. From now on others who use it are told apart. */
  give(account: string, nowMs: number): string {
    this.#turn(nowMs)
    const code = this.#codeOf(account, this.#month)
    this.#remember(this.#given, code, account)
    // One that an earlier process has given out.
    this.#remember(this.#givenBefore, this.#codeOf(account, this.#month - 1), account)
    return code
  }

  /** Whose an alias is, for the account that uses it; null: it does not look like one. */
  read(code: string, account: string, nowMs: number): AliasRead | null {
    if (!CODE.test(code)) return null
    this.#turn(nowMs)
    const given = this.#given.get(code) ?? this.#givenBefore.get(code)
    if (given !== undefined && given.account !== account) {
      return { whose: 'other', owner: given.account, users: usedBy(given, account) }
    }
    return { whose: given !== undefined || this.#isOwn(code, account) ? 'own' : 'unknown', owner: null, users: 0 }
  }

  #isOwn(code: string, account: string): boolean {
    const month = DIGITS.indexOf(code[0]!) * 32 + DIGITS.indexOf(code[1]!)
    return month <= this.#month && this.#codeOf(account, month) === code
  }

  #codeOf(account: string, month: number): string {
    const bytes = createHmac('sha256', this.#key).update(`alias ${month} ${account}`).digest()
    let code = DIGITS[month >>> 5]! + DIGITS[month & 31]!
    for (let bits = 0, held = 0, at = 0; at < HASH_BYTES; at++) {
      bits = (bits << 8) | bytes[at]!
      for (held += 8; held >= 5; held -= 5) code += DIGITS[(bits >>> (held - 5)) & 31]!
      bits &= (1 << held) - 1
    }
    return code
  }

  /** Nobody is pushed out: of accounts beyond the bound it is not known whose a code is, and their own use goes on. */
  #remember(codes: Map<string, Given>, code: string, account: string): void {
    if (codes.size < this.#most && !codes.has(code)) codes.set(code, { account, users: null })
  }

  #turn(nowMs: number): void {
    const month = monthOf(nowMs)
    if (month <= this.#month) return
    this.#givenBefore = month === this.#month + 1 ? this.#given : new Map()
    this.#given = new Map()
    this.#month = month
  }
}

function usedBy(given: Given, account: string): number {
  given.users ??= new Set()
  if (given.users.size <= PUBLIC_FROM) given.users.add(account)
  return given.users.size
}

function monthOf(nowMs: number): number {
  const date = new Date(nowMs)
  return Math.min(1023, Math.max(1, (date.getUTCFullYear() - FIRST_YEAR) * 12 + date.getUTCMonth()))
}
