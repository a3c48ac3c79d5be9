import { hash as digest } from 'node:crypto'
import type { ClientCertificate } from '../core/exchange.ts'
import { globMatches } from '../core/glob.ts'
import type { Credential, Principal, Profile } from '../core/principal.ts'
import type { AuthProblem } from '../core/refusal.ts'
import { AMBIGUOUS } from './credentials.ts'
import type { JwtIdentity } from './jwt-claims.ts'
import type { JwtChecker, JwtCheck } from './jwt.ts'
import type { FoundKey, KnownKey, Keyring } from './keys.ts'
import { looksLikeToken, type TokenClaims, type TokenMint } from './token.ts'

/** What a caller is taken for, and what still has to be looked at once its request is read. */
export interface Identified {
  readonly ok: true
  readonly principal: Principal
  /** False where all that names the caller is a signature that nobody has checked yet: then it is a mere claim. */
  readonly proven: boolean
  /** The client's own key where the upstream is to be called with it. */
  readonly passThrough: string | null
  /** Claims of a short-lived token, whose binding depends on where the call comes from. */
  readonly token: TokenClaims | null
  /** The key that the request must be signed with; a signature that nobody asked for must be right as well. */
  readonly signedBy: KnownKey | null
}

export type Identification = Identified | { readonly ok: false; readonly why: AuthProblem | 'unavailable' }

/** Somebody who is known by a certificate: by its hash, or by a glob over its subject. */
export interface KnownCertificate {
  readonly id: string
  readonly sha256: string | null
  readonly subject: string | null
  readonly tenant: string | null
  readonly profile: Profile
  readonly trust: string | null
}

/** What callers get that an issuer vouches for, where its token does not say. */
export interface IssuerDefaults {
  readonly profile: Profile
  readonly trust: string | null
}

export interface PassThrough {
  readonly match: readonly string[]
  readonly profile: Profile
  readonly trust: string | null
}

export interface IdentifierOptions {
  readonly keyring: Keyring
  readonly jwt: JwtChecker | null
  readonly issuers: ReadonlyMap<string, IssuerDefaults>
  readonly mint: TokenMint | null
  readonly certificates: readonly KnownCertificate[]
  readonly passThrough: PassThrough | null
}

/**
 * Says who is calling. A credential that was presented is the one that counts: one that fails is not made good by a
 * certificate beside it. Nothing here waits, but for a token of an issuer whose keys must be fetched.
 *
 * Names never meet: tenants and keys of the configuration are plain names without a colon, and everybody else's begins
 * with where it comes from (`jwt:`, `cert:`, `pt:`). What others may write freely enters a name as a hash.
 */
export class Identifier {
  readonly #options: IdentifierOptions
  readonly #certificates: ReadonlyMap<string, KnownCertificate>
  readonly #subjects: readonly KnownCertificate[]
  /** What was made of a token, while its checker remembers that token. */
  readonly #ofToken = new WeakMap<JwtIdentity, Identified>()

  constructor(options: IdentifierOptions) {
    const { certificates } = options
    this.#options = options
    this.#certificates = new Map(
      certificates.flatMap((known) => (known.sha256 === null ? [] : [[known.sha256, known] as const])),
    )
    this.#subjects = certificates.filter(({ subject }) => subject !== null)
  }

  /** `signer` is the key that a signature names, if there is one. */
  identify(
    secret: string | undefined | typeof AMBIGUOUS,
    certificate: ClientCertificate | null,
    signer: string | null,
    nowMs: number,
  ): Identification | Promise<Identification> {
    const { jwt, mint } = this.#options
    if (secret === AMBIGUOUS) return refused('malformed')
    if (secret === undefined) return signer === null ? this.#byCertificate(certificate) : this.#bySigner(signer, nowMs)
    if (secret === '') return refused('missing')
    if (mint !== null && looksLikeToken(secret)) return this.#byToken(mint, secret, signer !== null, nowMs)
    if (jwt !== null && jwt.looksLikeJwt(secret)) {
      // Signed with a key of the configuration, and brought by somebody else: two callers in one request.
      if (signer !== null) return refused('malformed')
      const checked = jwt.check(secret)
      return checked instanceof Promise ? checked.then((check) => this.#byJwt(check)) : this.#byJwt(checked)
    }
    const found = this.#options.keyring.bySecret(secret)
    if (typeof found !== 'string') return this.#byKey(found, nowMs, null, signer !== null)
    if (found !== 'unknown') return refused(found)
    return signer === null ? this.#byPassThrough(secret) : refused('unknown')
  }

  /** The caller that a configured key stands for. */
  byKeyId(id: string): Principal | null {
    return this.#options.keyring.byId(id)?.principal ?? null
  }

  /** What tokens of a configured key carry. */
  stampOf(id: string): string | null {
    return this.#options.keyring.byId(id)?.stamp ?? null
  }

  #byKey({ known, principal }: FoundKey, nowMs: number, token: TokenClaims | null, isSigned: boolean): Identification {
    if (known.expiresAtMs !== null && known.expiresAtMs <= nowMs) return refused('expired')
    // A token was got with a signed request; it takes the signature's place while it lives.
    const mustSign = known.signed === 'required' && token === null
    return {
      ok: true,
      principal: token === null ? principal : { ...principal, credential: 'token' },
      proven: true,
      passThrough: null,
      token,
      // The check refuses a signature that names another key than this one.
      signedBy: mustSign || isSigned ? known : null,
    }
  }

  /** A signature names its key, so that the secret need not travel with every request. */
  #bySigner(keyId: string, nowMs: number): Identification {
    const found = this.#options.keyring.byId(keyId)
    if (found === undefined) return refused('unknown')
    const identified = this.#byKey(found, nowMs, null, true)
    return identified.ok ? { ...identified, proven: false } : identified
  }

  #byToken(mint: TokenMint, secret: string, isSigned: boolean, nowMs: number): Identification {
    const claims = mint.check(secret, nowMs)
    if (typeof claims === 'string') return refused(claims)
    const found = this.#options.keyring.byId(claims.keyId)
    // Revoking a key, or changing its secret, revokes what was made with it.
    return found === undefined || found.stamp !== claims.stamp
      ? refused('unknown')
      : this.#byKey(found, nowMs, claims, isSigned)
  }

  #byJwt(check: JwtCheck): Identification {
    if (!check.ok) return refused(check.why)
    const known = this.#ofToken.get(check)
    if (known !== undefined) return known
    const { issuer, user, profile } = check
    const tenant = tenantOfToken(check)
    const defaults = this.#options.issuers.get(issuer)
    const made = accepted(
      keyIdOfToken(check),
      tenant,
      'jwt',
      profile ?? defaults?.profile ?? 'unknown',
      defaults?.trust ?? null,
      user,
    )
    this.#ofToken.set(check, made)
    return made
  }

  /** One certificate known by its hash goes before every name that it might fit as well. */
  #byCertificate(certificate: ClientCertificate | null): Identification {
    if (certificate === null) return refused('missing')
    const exact = this.#certificates.get(certificate.sha256)
    if (exact !== undefined) {
      const { id, tenant, profile, trust } = exact
      return accepted(`cert:${id}`, tenant, 'certificate', profile, trust, null)
    }
    const { subject } = certificate
    // Those without a name would all be one caller.
    if (subject === '') return refused('unknown')
    for (const { id, subject: glob, tenant, profile, trust } of this.#subjects) {
      if (!globMatches(glob!, subject)) continue
      // Of a glob each subject is a caller of its own.
      const name = PLAIN_NAME.test(subject) ? subject : hashOf(subject)
      return accepted(`cert:${id}:${name}`, tenant, 'certificate', profile, trust, null)
    }
    return refused('unknown')
  }

  #byPassThrough(secret: string): Identification {
    const { passThrough } = this.#options
    // A token of Weir's own is nobody else's business, also where tokens have been switched off.
    if (passThrough === null || !isVisible(secret) || looksLikeToken(secret)) return refused('unknown')
    if (!passThrough.match.some((glob) => globMatches(glob, secret))) return refused('unknown')
    const { profile, trust } = passThrough
    return { ...accepted(`pt:${hashOf(secret)}`, null, 'pass_through', profile, trust, null), passThrough: secret }
  }
}

const refused = (why: AuthProblem | 'unavailable'): Identification => ({ ok: false, why })

const accepted = (
  keyId: string,
  tenant: string | null,
  credential: Credential,
  profile: Profile,
  trust: string | null,
  user: string | null,
): Identified => ({
  ok: true,
  principal: { keyId, tenant, account: accountOf(tenant, keyId), profile, credential, user, trust },
  proven: true,
  passThrough: null,
  token: null,
  signedBy: null,
})

const accountOf = (tenant: string | null, keyId: string): string => tenant ?? `key:${keyId}`

/** The account that calls with such a token belong to. */
export const accountOfToken = (token: JwtIdentity): string => accountOf(tenantOfToken(token), keyIdOfToken(token))

const keyIdOfToken = ({ issuer, subject }: JwtIdentity): string => `jwt:${issuer}:${hashOf(subject)}`

const tenantOfToken = ({ issuer, tenant }: JwtIdentity): string | null =>
  tenant === null ? null : tenantOf(issuer, tenant)

/** 96 bits: nobody finds a text that has the name of another one. */
const hashOf = (text: string): string => digest('sha256', text, 'hex').slice(0, 24)

/** As names in the configuration are. */
const PLAIN_NAME = /^(?=[._-]*[A-Za-z0-9])[A-Za-z0-9._-]{1,64}$/

/** With a colon behind them, these begin the accounts of others. */
const prefixes: ReadonlySet<string> = new Set(['key', 'jwt'])

/** A tenant claim is free text of its issuer: what is no plain name must not read like somebody else's account. */
const tenantOf = (issuer: string, claim: string): string =>
  PLAIN_NAME.test(claim) && !prefixes.has(claim) ? claim : `jwt:${issuer}:${hashOf(claim)}`

/** What can stand in a header that goes to the upstream. */
function isVisible(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x21 || code > 0x7e) return false
  }
  return true
}
