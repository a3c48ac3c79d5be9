import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { createVirtualClock, type VirtualClock } from '../../src/lab/virtual-clock.ts'
import { JwtChecker, type JwtCheck, type JwtIssuer } from '../../src/identity/jwt.ts'

/** An issuer with an RSA and an EC key, its tokens, and a checker on a virtual clock: what tests of tokens begin with. */
export const NOW_MS: number = Date.UTC(2026, 0, 1)
export const NOW_S: number = NOW_MS / 1000
export const ISSUER = 'https://id.example.com'

interface Pair {
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey
}

const made: readonly Pair[] = await Promise.all([
  generateKeyPair('RS256', { extractable: true }),
  generateKeyPair('ES256', { extractable: true }),
])
export const rsa: Pair = made[0]!
export const ec: Pair = made[1]!
export const jwk = async (key: CryptoKey, kid: string): Promise<JWK> => ({ ...(await exportJWK(key)), kid })
export const published: { keys: JWK[] } = { keys: [await jwk(rsa.publicKey, 'rsa'), await jwk(ec.publicKey, 'ec')] }

export const corp: JwtIssuer = {
  name: 'corp',
  issuer: ISSUER,
  audiences: ['weir', 'weir-staging'],
  algorithms: ['RS256', 'ES256', 'PS256'],
  jwksUrl: `${ISSUER}/keys`,
  jwks: null,
  clockSkewMs: 30_000,
  maxAgeMs: null,
  claims: { tenant: null, user: 'sub', profile: null },
}

export interface Desk {
  readonly clock: VirtualClock
  readonly checker: JwtChecker
  readonly asked: string[]
  keys: { keys: JWK[] }
}

export function desk(issuers: readonly JwtIssuer[] = [corp]): Desk {
  const clock = createVirtualClock(NOW_MS)
  const asked: string[] = []
  const it = { clock, asked, keys: published }
  const fetchJson = async (url: string): Promise<unknown> => {
    asked.push(url)
    return it.keys
  }
  return Object.assign(it, { checker: new JwtChecker(issuers, { clock, fetchJson }) })
}

export interface Made {
  readonly payload?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: CryptoKey
}

export const make = ({ payload, header, key = ec.privateKey }: Made = {}): Promise<string> =>
  new SignJWT({ iss: ISSUER, aud: 'weir', sub: 'u1', exp: NOW_S + 600, iat: NOW_S, ...payload })
    .setProtectedHeader({ alg: 'ES256', kid: 'ec', ...header })
    .sign(key)

export const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
export const why = async (check: JwtCheck | Promise<JwtCheck>): Promise<string> => {
  const result = await check
  return result.ok ? 'ok' : result.why
}
export const verdict = async (token: string, it: Desk = desk()): Promise<string> => why(it.checker.check(token))

/** The same token under another header or payload, its signature left as it is. */
export const edited = (token: string, change: { header?: object; payload?: object }): string => {
  const [header, payload, signature] = token.split('.') as [string, string, string]
  const merge = (text: string, more: object): string =>
    b64({ ...(JSON.parse(Buffer.from(text, 'base64url').toString()) as object), ...more })
  return `${merge(header, change.header ?? {})}.${merge(payload, change.payload ?? {})}.${signature}`
}
