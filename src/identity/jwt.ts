import { hash as digest } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type CryptoKey, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../core/clock.ts'
import { jwtAlgorithms } from '../core/jwt.ts'
import { err, ok, type Result } from '../core/result.ts'
import { IssuerKeys, type KeyPorts } from './jwks.ts'
import {
  identityOf,
  momentIn,
  refused,
  type JwtCheck,
  type JwtIssuer,
  type JwtMoment,
  type JwtRefusal,
} from './jwt-claims.ts'

export type { JwtCheck, JwtIssuer } from './jwt-claims.ts'

/**
 * Checks JWTs of identity providers. What a forged token can cost is kept small: text that cannot be a good token ends
 * before any cryptography, results are remembered, the bad apart from the good so that a flood of those cannot push out
 * these, and nothing in a token's header but `alg`, `kid` and `typ` is listened to.
 */
export class JwtChecker {
  readonly #trusted: readonly Trusted[]
  readonly #clock: Clock
  /** By the token itself: a hash would cost each request more than all else that is done for it here. */
  readonly #good = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED })
  /** By the token's hash, since whoever sends forged ones decides how long they are. */
  readonly #bad = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED })
  readonly #pending = new Map<string, Promise<JwtCheck>>()

  constructor(issuers: readonly JwtIssuer[], ports: KeyPorts) {
    this.#clock = ports.clock
    this.#trusted = issuers.map((issuer) => {
      const { name, algorithms, audiences } = issuer
      if (algorithms.length === 0 || algorithms.some((alg) => !jwtAlgorithms.includes(alg))) {
        throw new RangeError(`issuer ${name}: an algorithm that cannot be trusted, or none`)
      }
      if (audiences.length === 0) throw new RangeError(`issuer ${name}: no audience`)
      return { issuer, keys: new IssuerKeys(issuer, ports) }
    })
  }

  /** Whether a credential wants to be read as a JWT: a JSON object in base64url, and two dots. */
  looksLikeJwt(text: string): boolean {
    if (!text.startsWith('eyJ')) return false
    const dot = text.indexOf('.')
    const second = dot < 0 ? -1 : text.indexOf('.', dot + 1)
    return second >= 0 && !text.includes('.', second + 1)
  }

  /** At once if the token is known or cannot be good, else when its signature has been checked. */
  check(token: string): JwtCheck | Promise<JwtCheck> {
    if (token.length > MAX_TOKEN_CHARS) return MALFORMED
    const nowMs = this.#clock.now()
    const good = current(this.#good.get(token), nowMs)
    if (good !== null) return good
    const name = digest('sha256', token, 'base64url')
    const known = current(this.#bad.get(name), nowMs)
    if (known !== null) return known
    const pending = this.#pending.get(name)
    if (pending !== undefined) return pending
    const claim = readUnverified(token, this.#trusted, nowMs)
    if (!claim.ok) return this.#remember(name, token, refused(claim.error), nowMs)
    if (this.#pending.size >= MAX_PENDING) return UNAVAILABLE
    const checked = this.#verify(name, token, claim.value)
    this.#pending.set(name, checked)
    return checked
  }

  async #verify(name: string, token: string, claim: Claim): Promise<JwtCheck> {
    try {
      const { issuer, keys } = claim.trusted
      const key = await keys.find(claim.alg, claim.kid)
      const nowMs = this.#clock.now()
      if (typeof key === 'string') return this.#remember(name, token, refused(key), nowMs)
      return this.#remember(name, token, await verified(token, key, issuer, nowMs), nowMs, issuer.clockSkewMs)
    } finally {
      this.#pending.delete(name)
    }
  }

  #remember(name: string, token: string, check: JwtCheck, nowMs: number, skewMs = 0): JwtCheck {
    if (check.ok) {
      // A key that its issuer has withdrawn must not go on counting for as long as the token would.
      const untilMs = Math.min(check.expiresAtMs + skewMs, nowMs + GOOD_FOR_MS)
      this.#good.set(token, { check, fromMs: nowMs, untilMs })
    } else if (check.why !== 'unavailable') {
      this.#bad.set(name, { check, fromMs: nowMs, untilMs: nowMs + BAD_FOR_MS })
    }
    return check
  }
}

/** Only of a token that a checker has found good: nothing is verified here. */
export const momentOf = (token: string): JwtMoment => momentIn(decodeJwt(token))

const MAX_TOKEN_CHARS = 8192
const MAX_KID_CHARS = 256
const MAX_REMEMBERED = 10_000
const MAX_PENDING = 10_000
const GOOD_FOR_MS = 5 * 60_000
const BAD_FOR_MS = 10_000

const MALFORMED = refused('malformed')
const UNAVAILABLE = refused('unavailable')

interface Trusted {
  readonly issuer: JwtIssuer
  readonly keys: IssuerKeys
}

/** What a token claims about itself, as far as it decides with which key it is to be checked. */
interface Claim {
  readonly trusted: Trusted
  readonly alg: string
  readonly kid: string | undefined
}

interface Remembered {
  readonly check: JwtCheck
  readonly fromMs: number
  readonly untilMs: number
}

/** Nothing from a time that, by a clock that has stepped back, is still to come. */
const current = (remembered: Remembered | undefined, nowMs: number): JwtCheck | null =>
  remembered !== undefined && remembered.fromMs <= nowMs && nowMs < remembered.untilMs ? remembered.check : null

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Access tokens (RFC 9068) and JWTs that do not say what they are for; never logout tokens, DPoP proofs and others. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'application/jwt', 'at+jwt', 'application/at+jwt'])

/** Everything that can be refused without a key, so that junk does not get as far as cryptography. */
function readUnverified(token: string, trusted: readonly Trusted[], nowMs: number): Result<Claim, JwtRefusal> {
  if (!COMPACT.test(token)) return err('malformed')
  let header: Readonly<Record<string, unknown>>
  let payload: JWTPayload
  try {
    header = { ...decodeProtectedHeader(token) }
    payload = decodeJwt(token)
  } catch {
    return err('malformed')
  }
  const { alg, kid, typ, crit } = header
  const type = typeof typ === 'string' ? typ.toLowerCase() : typ
  if (typeof alg !== 'string' || crit !== undefined || !TYPES.has(type)) return err('malformed')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KID_CHARS)) return err('malformed')
  const audiences: readonly unknown[] = Array.isArray(payload.aud) ? payload.aud : [payload.aud]
  const found = trusted.find(
    ({ issuer }) => issuer.issuer === payload.iss && issuer.audiences.some((audience) => audiences.includes(audience)),
  )
  if (found === undefined || !found.issuer.algorithms.some((allowed) => allowed === alg)) return err('unknown')
  const check = identityOf(found.issuer, payload, nowMs)
  return check.ok ? ok({ trusted: found, alg, kid }) : err(check.why)
}

/** jose has the last word on everything but what the token is used for. */
async function verified(token: string, key: CryptoKey, issuer: JwtIssuer, nowMs: number): Promise<JwtCheck> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: [...issuer.audiences],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: issuer.clockSkewMs / 1000,
      currentDate: new Date(nowMs),
    })
    return identityOf(issuer, payload, nowMs)
  } catch (error) {
    return refused(whyOf(error))
  }
}

/** A token that is not valid yet, or that no key fits, is `unknown` like one with a wrong signature. */
function whyOf(error: unknown): JwtRefusal {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) return error.reason === 'check_failed' ? 'unknown' : 'malformed'
  return error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid ? 'malformed' : 'unknown'
}
