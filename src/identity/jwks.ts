import { createLocalJWKSet, type CryptoKey, type JWK, type LocalJWKSet } from 'jose'
import type { Cancel, Clock } from '../core/clock.ts'

/**
 * The public keys of one issuer of JWTs: from the configuration, or fetched, kept fresh, and kept for a day when the
 * issuer is down. What clients send can cause a fetch (a key id that nobody has heard of may be a new key), so fetches
 * have a cool-down, one is under way at most, and only so many callers wait for it.
 */
export interface KeySource {
  readonly issuer: string
  /** null: what OIDC discovery says. */
  readonly jwksUrl: string | null
  /** A key set that is given; then nothing is fetched. */
  readonly jwks: object | null
}

/** What reading keys needs of the world; byte caps, redirects and egress rules are the port's business. */
export interface KeyPorts {
  readonly clock: Clock
  fetchJson(url: string): Promise<unknown>
}

/** Younger keys are taken as they are. */
const FRESH_MS = 5 * 60_000
/** Up to this age they are taken while new ones are fetched; older ones only if the issuer does not answer. */
const AGED_MS = 10 * 60_000
/** A day without an answer, and nobody can say any more which keys are good. */
const DEAD_MS = 24 * 3_600_000
const COOL_DOWN_MS = 30_000
/** Without any keys there is nothing to fall back on. */
const COOL_DOWN_EMPTY_MS = 5_000
const DEADLINE_MS = 5_000
const MAX_WAITING = 1000
const MAX_KEYS = 100
/** Base64url of an RSA modulus of 16,384 bits; verifying with a longer one takes long. */
const MAX_MEMBER_CHARS = 2731

export class IssuerKeys {
  readonly #source: KeySource
  readonly #ports: KeyPorts
  #keys: LocalJWKSet | null = null
  #loadedAtMs = 0
  #triedAtMs = -Infinity
  #hasFailed = false
  #loading: Promise<void> | null = null
  #waiting = 0

  constructor(source: KeySource, ports: KeyPorts) {
    this.#source = source
    this.#ports = ports
    if (source.jwks === null) return
    this.#keys = keySetOf(source.jwks)
    if (this.#keys === null) throw new TypeError(`the given key set of ${source.issuer} is not one`)
  }

  /** The one key that fits; `unavailable` if the issuer would have to be asked and cannot be. */
  async find(alg: string, kid: string | undefined): Promise<CryptoKey | 'unknown' | 'unavailable'> {
    const isGiven = this.#source.jwks !== null
    if (!isGiven && !(await this.#areUsable())) return 'unavailable'
    const known = await this.#pick(alg, kid)
    if (known !== null) return known
    if (isGiven) return 'unknown'
    if (await this.#reload()) return (await this.#pick(alg, kid)) ?? 'unknown'
    return this.#hasFailed ? 'unavailable' : 'unknown'
  }

  async #areUsable(): Promise<boolean> {
    const ageMs = this.#since(this.#loadedAtMs)
    if (this.#keys !== null && ageMs < FRESH_MS) return true
    // Nobody waits for an issuer that did not answer last time while its old keys are still good.
    if (this.#keys !== null && ageMs < (this.#hasFailed ? DEAD_MS : AGED_MS)) {
      if (this.#mayLoad()) void this.#load()
      return true
    }
    await this.#reload()
    return this.#keys !== null && this.#since(this.#loadedAtMs) < DEAD_MS
  }

  /** Exactly one key must fit: a token that leaves open which one is refused, and costs one verification, not many. */
  async #pick(alg: string, kid: string | undefined): Promise<CryptoKey | null> {
    if (this.#keys === null) return null
    try {
      return await this.#keys({ alg, ...(kid !== undefined && { kid }) })
    } catch {
      return null
    }
  }

  /** True if new keys have come. */
  async #reload(): Promise<boolean> {
    if ((this.#loading === null && !this.#mayLoad()) || this.#waiting >= MAX_WAITING) return false
    this.#waiting++
    await this.#load()
    this.#waiting--
    return !this.#hasFailed
  }

  #mayLoad(): boolean {
    return this.#since(this.#triedAtMs) >= (this.#keys === null ? COOL_DOWN_EMPTY_MS : COOL_DOWN_MS)
  }

  /** A clock that was ahead and has come back must not make anything look fresh for ever. */
  #since(atMs: number): number {
    return Math.abs(this.#ports.clock.now() - atMs)
  }

  /** Never rejects. */
  #load(): Promise<void> {
    this.#loading ??= this.#loadOnce()
    return this.#loading
  }

  async #loadOnce(): Promise<void> {
    const keys = await within(this.#ports.clock, DEADLINE_MS, fetchKeys(this.#source, this.#ports))
    this.#loading = null
    this.#triedAtMs = this.#ports.clock.now()
    this.#hasFailed = keys === null
    if (keys === null) return
    this.#keys = keys
    this.#loadedAtMs = this.#triedAtMs
  }
}

/** null if the issuer does not answer, or with anything but a key set. */
async function fetchKeys({ issuer, jwksUrl }: KeySource, ports: KeyPorts): Promise<LocalJWKSet | null> {
  try {
    const url = jwksUrl ?? (await discover(issuer, ports))
    return url === null ? null : keySetOf(await ports.fetchJson(url))
  } catch {
    return null
  }
}

/** OpenID Connect Discovery 1.0, 4: the document must name the issuer it was asked for. */
async function discover(issuer: string, ports: KeyPorts): Promise<string | null> {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
  const at = URL.parse(`${base}/.well-known/openid-configuration`)
  if (at === null || !isSafe(at)) return null
  const document = await ports.fetchJson(at.href)
  if (!isRecord(document) || document['issuer'] !== issuer || typeof document['jwks_uri'] !== 'string') return null
  const found = URL.parse(document['jwks_uri'])
  // Elsewhere than at the issuer itself, keys are believed only if the configuration says where.
  return found !== null && isSafe(found) && found.host === at.host ? found.href : null
}

const isSafe = ({ protocol, hostname, username, password }: URL): boolean =>
  username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)))

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)

const MEMBERS = ['kty', 'kid', 'alg', 'use', 'key_ops', 'crv', 'x', 'y', 'n', 'e'] as const

/** Reduced to what verifying needs. Secret keys, and private ones that should never have been published, are left out. */
function keySetOf(document: unknown): LocalJWKSet | null {
  if (!isRecord(document) || !Array.isArray(document['keys']) || document['keys'].length > MAX_KEYS) return null
  const keys: JWK[] = []
  for (const key of document['keys'] as unknown[]) {
    if (!isRecord(key)) return null
    if (key['kty'] === 'oct' || key['d'] !== undefined || key['priv'] !== undefined) continue
    const members = MEMBERS.filter((name) => key[name] !== undefined).map((name) => [name, key[name]] as const)
    if (members.every(([, value]) => JSON.stringify(value).length <= MAX_MEMBER_CHARS + 2)) {
      keys.push(Object.fromEntries(members))
    }
  }
  return createLocalJWKSet({ keys })
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

async function within<T>(clock: Clock, delayMs: number, result: Promise<T>): Promise<T | null> {
  let cancel: Cancel = () => {}
  const late = new Promise<null>((resolve) => {
    cancel = clock.after(delayMs, () => resolve(null))
  })
  try {
    return await Promise.race([result, late])
  } finally {
    cancel()
  }
}
