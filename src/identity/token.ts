import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'

/**
 * Weir's own short-lived tokens: what a client gets for its key, so that the key itself need not travel or be stored
 * where the requests are made. A token is `wt_`, a JSON payload and an HMAC-SHA-256 over both.
 *
 * It is not a JWT on purpose. Only Weir makes and reads it, so nothing is gained by a header that names an algorithm,
 * and everything that has gone wrong with such headers cannot; and its check is synchronous, as the request path wants.
 */
export interface TokenClaims {
  readonly keyId: string
  /** Which secret of the key it was got with: a token ends with the secret. */
  readonly stamp: string
  readonly boundTo: TokenBinding
  readonly issuedAtMs: number
  readonly expiresAtMs: number
}

/** What a token may be tied to; null is not tied. */
export interface TokenBinding {
  readonly ipPrefix: string | null
  readonly fingerprint: string | null
}

export type TokenCheck = TokenClaims | 'malformed' | 'unknown' | 'expired'

const PREFIX = 'wt_'
const VERSION = 1
const MAX_CHARS = 1024
/** Base64url of 32 bytes. */
const MAC_CHARS = 43
const MIN_SECRET_BYTES = 32
const DEFAULT_TTL_MS = 15 * 60_000
/** How far the clocks of two Weirs that share a secret may be apart. */
const MAX_SKEW_MS = 60_000

/** Whether a credential wants to be read as a Weir token. */
export const looksLikeToken = (text: string): boolean => text.startsWith(PREFIX)

/** Whether the caller is still the one whom the token was given to. */
export const bindingHolds = ({ boundTo }: TokenClaims, caller: TokenBinding): boolean =>
  (boundTo.ipPrefix === null || boundTo.ipPrefix === caller.ipPrefix) &&
  (boundTo.fingerprint === null || boundTo.fingerprint === caller.fingerprint)

/** Makes and checks tokens with one secret, which must serve nothing else. */
export class TokenMint {
  readonly #secret: KeyObject
  readonly #ttlMs: number

  constructor(secret: Uint8Array, ttlMs: number = DEFAULT_TTL_MS) {
    if (secret.length < MIN_SECRET_BYTES) throw new RangeError(`a token secret has ${MIN_SECRET_BYTES} bytes or more`)
    if (!Number.isSafeInteger(ttlMs) || ttlMs <= 0) throw new RangeError('a token lives for a whole number of ms')
    this.#secret = createSecretKey(secret)
    this.#ttlMs = ttlMs
  }

  /** A token for a key. Key id, prefix and fingerprint must not exceed some 600 bytes together. */
  mint(keyId: string, stamp: string, boundTo: TokenBinding, nowMs: number): string {
    const payload = JSON.stringify({
      v: VERSION,
      key: keyId,
      st: stamp,
      ip: boundTo.ipPrefix,
      fp: boundTo.fingerprint,
      iat: nowMs,
      exp: nowMs + this.#ttlMs,
    })
    const signed = PREFIX + Buffer.from(payload).toString('base64url')
    const token = `${signed}.${this.#mac(signed)}`
    if (token.length > MAX_CHARS) throw new RangeError('a token would be too long to be read back')
    return token
  }

  /** What a token says, if this mint made it and it still counts. Whether its binding holds is for the caller. */
  check(token: string, nowMs: number): TokenCheck {
    if (token.length > MAX_CHARS || !token.startsWith(PREFIX)) return 'malformed'
    const dot = token.length - MAC_CHARS - 1
    if (dot <= PREFIX.length || token[dot] !== '.') return 'malformed'
    const signed = token.slice(0, dot)
    const mac = token.slice(dot + 1)
    if (!BASE64URL.test(signed) || !BASE64URL.test(mac)) return 'malformed'
    // Compared as text: of the encodings of one MAC, only the one that Weir writes is right.
    if (!timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(signed)))) return 'unknown'
    const claims = parse(Buffer.from(signed.slice(PREFIX.length), 'base64url').toString())
    if (claims === null) return 'malformed'
    // One that would outlive whatever is minted now is from a clock that was wrong, or from before the ttl was cut.
    const isTooFar = claims.expiresAtMs > nowMs + this.#ttlMs + MAX_SKEW_MS
    return claims.expiresAtMs <= nowMs || isTooFar ? 'expired' : claims
  }

  #mac(signed: string): string {
    return createHmac('sha256', this.#secret).update(signed).digest('base64url')
  }
}

const BASE64URL = /^[\w-]+$/

/** The payload is Weir's own, but an older or newer Weir's may look different. */
function parse(text: string): TokenClaims | null {
  let payload: unknown
  try {
    payload = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof payload !== 'object' || payload === null) return null
  const { v, key, st, ip, fp, iat, exp } = payload as Readonly<Record<string, unknown>>
  if (v !== VERSION || typeof key !== 'string' || typeof st !== 'string' || !isTextOrNull(ip) || !isTextOrNull(fp))
    return null
  if (!isTime(iat) || !isTime(exp)) return null
  return { keyId: key, stamp: st, boundTo: { ipPrefix: ip, fingerprint: fp }, issuedAtMs: iat, expiresAtMs: exp }
}

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string'
const isTime = (value: unknown): value is number => Number.isSafeInteger(value)
