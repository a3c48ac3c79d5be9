import type { JWTPayload } from 'jose'
import type { JwtAlgorithm } from '../core/jwt.ts'
import { profiles, type Profile } from '../core/principal.ts'

/** Which claims say what Weir wants to know. A name, or names of nested objects with dots between; null is not read. */
export interface JwtClaimNames {
  readonly tenant: string | null
  readonly user: string | null
  readonly profile: string | null
}

/** An issuer whose tokens are believed, as the configuration has it. */
export interface JwtIssuer {
  /** Label for key ids and logs. */
  readonly name: string
  /** Exactly as in `iss`. */
  readonly issuer: string
  /** One of them must be in `aud`. */
  readonly audiences: readonly string[]
  readonly algorithms: readonly JwtAlgorithm[]
  /** null: OIDC discovery. */
  readonly jwksUrl: string | null
  /** A key set that is given; then nothing is fetched. */
  readonly jwks: object | null
  readonly clockSkewMs: number
  /** Tokens that were made for longer are refused, and so older ones are too. */
  readonly maxAgeMs: number | null
  readonly claims: JwtClaimNames
}

export type JwtRefusal = 'malformed' | 'unknown' | 'expired' | 'unavailable'

/**
 * Who a token is for. Every text in it is the issuer's free text of printable characters, of any alphabet and with any
 * punctuation: whoever builds names of it must keep them apart from names of other origin.
 */
export interface JwtIdentity {
  readonly ok: true
  /** The issuer's label. */
  readonly issuer: string
  readonly subject: string
  readonly tenant: string | null
  readonly user: string | null
  /** null also if the claim says nothing that Weir knows. */
  readonly profile: Profile | null
  readonly expiresAtMs: number
}

/** When a token was made, by which login, and which one it is; null where it does not say. */
export interface JwtMoment {
  readonly issuedAtMs: number | null
  readonly authenticatedAtMs: number | null
  readonly id: string | null
}

export type JwtCheck = JwtIdentity | { readonly ok: false; readonly why: JwtRefusal }

export const refused = (why: JwtRefusal): JwtCheck => ({ ok: false, why })

/** OpenID Connect Core 1.0, 2: a subject has 255 characters at most. */
const MAX_SUBJECT_CHARS = 255
const MAX_CLAIM_CHARS = 128
/** The last instant that a Date can hold. */
const MAX_TIME_MS = 8.64e15

/** No control, format, unassigned or surrogate code points, and no line breaks of any alphabet. */
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u

/**
 * What a payload says, its signature, issuer, audience and `nbf` being right already. A claim that the configuration
 * names must be there: a user whose token has no tenant must not thereby escape the tenant's limits.
 */
export function identityOf(issuer: JwtIssuer, payload: JWTPayload, nowMs: number): JwtCheck {
  const { sub, iat } = payload
  const expiresAtMs = timeOf(payload.exp)
  if (expiresAtMs === null || !isText(sub, MAX_SUBJECT_CHARS)) return refused('malformed')
  const stale = staleness(issuer, expiresAtMs, iat, nowMs)
  if (stale !== null) return refused(stale)
  const { claims } = issuer
  const tenant = named(payload, claims.tenant)
  const user = named(payload, claims.user)
  if (tenant === undefined || user === undefined) return refused('malformed')
  const said = claims.profile === null ? undefined : at(payload, claims.profile)
  const profile = profiles.find((profile) => profile === said) ?? null
  return { ok: true, issuer: issuer.name, subject: sub, tenant, user, profile, expiresAtMs }
}

export const momentIn = (payload: JWTPayload): JwtMoment => ({
  issuedAtMs: timeOf(payload.iat),
  authenticatedAtMs: timeOf(payload['auth_time']),
  id: isText(payload.jti, MAX_SUBJECT_CHARS) && payload.jti !== '' ? payload.jti : null,
})

function staleness(
  { clockSkewMs, maxAgeMs }: JwtIssuer,
  expiresAtMs: number,
  iat: unknown,
  nowMs: number,
): JwtRefusal | null {
  if (expiresAtMs + clockSkewMs <= nowMs) return 'expired'
  if (iat === undefined) return maxAgeMs === null ? null : 'malformed'
  const issuedAtMs = timeOf(iat)
  if (issuedAtMs === null) return 'malformed'
  if (issuedAtMs > nowMs + clockSkewMs) return 'unknown'
  // Issued longer ago than that, it would have expired.
  return maxAgeMs !== null && expiresAtMs - issuedAtMs > maxAgeMs ? 'unknown' : null
}

/** A NumericDate in ms; JSON can also write 1e400, which would be valid for ever. */
const timeOf = (seconds: unknown): number | null =>
  typeof seconds === 'number' && Math.abs(seconds) <= MAX_TIME_MS / 1000 ? Math.floor(seconds * 1000) : null

/** null if nobody asks for it, undefined if it is asked for and not there. */
function named(payload: JWTPayload, name: string | null): string | null | undefined {
  if (name === null) return null
  const value = at(payload, name)
  return isText(value, MAX_CLAIM_CHARS) ? value : undefined
}

/** A claim by its whole name first: names that are URLs have dots of their own. */
function at(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path]
  let value: unknown = payload
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

const isText = (value: unknown, maxChars: number): value is string =>
  typeof value === 'string' && value.length <= maxChars && PRINTABLE.test(value)
