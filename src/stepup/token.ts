import { hash as digest } from 'node:crypto'
import { err, ok, type Result } from '../core/result.ts'

/** What a token says whose signature, issuer, audience and validity were found right. */
export interface ShownToken {
  /** Accounts that it names. */
  readonly accounts: readonly string[]
  readonly issuer: string
  readonly subject: string
  readonly issuedAtMs: number | null
  /** When its subject has last shown a credential to the issuer (OpenID Connect Core 1.0, 2: `auth_time`). */
  readonly authenticatedAtMs: number | null
  /** `jti`. */
  readonly id: string | null
}

export type CheckToken = (
  token: string,
  use: 'attestation' | 'reauthenticate',
) => Promise<ShownToken | 'refused' | 'unavailable'>

const ATTESTATION_MS = 600_000
const LOGIN_MS = 300_000
/** How far an issuer's clock may be ahead of ours. */
const AHEAD_MS = 60_000

/** The name by which an attestation counts once, if it is fresh. */
export const attestationProblem = (
  { issuer, id, issuedAtMs }: ShownToken,
  nowMs: number,
): Result<string, 'invalid' | 'expired'> => {
  if (id === null || issuedAtMs === null) return err('invalid')
  return isFresh(issuedAtMs, ATTESTATION_MS, nowMs) ? ok(nameOf('jti', issuer, id)) : err('expired')
}

/** The name by which a login counts once, however many tokens were made of it. */
export const loginProblem = (
  { issuer, subject, authenticatedAtMs }: ShownToken,
  nowMs: number,
): Result<string, 'invalid' | 'expired'> => {
  if (authenticatedAtMs === null) return err('invalid')
  return isFresh(authenticatedAtMs, LOGIN_MS, nowMs)
    ? ok(nameOf('login', issuer, subject, authenticatedAtMs))
    : err('expired')
}

const isFresh = (atMs: number, forMs: number, nowMs: number): boolean => nowMs - atMs < forMs && atMs - nowMs < AHEAD_MS

const nameOf = (...parts: readonly (string | number)[]): string =>
  digest('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)
