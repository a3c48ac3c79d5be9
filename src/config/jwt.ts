import { jwtAlgorithms } from '../core/jwt.ts'
import * as z from 'zod'
import { profiles } from '../core/principal.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type CertificateConfig, type JwtConfig } from './config.ts'
import { complain, duration, file, glob, label, nothingLeft, onAnyMap, safeUrl, sentence, text } from './fields.ts'
import type { FoundFile } from './fill.ts'
import type { Complaint } from './problem.ts'

const DAY_MS = 86_400_000
const MAX_JWKS_BYTES = 1_048_576

const audience = sentence(256, 'weir')
const claim = sentence(128, 'org_id')

/** Issuers whose tokens are taken. */
export const jwt: z.ZodType<JwtConfig> = z
  .strictObject({
    name: label,
    issuer: safeUrl('https://login.example.com'),
    audience: z.union([audience, z.array(audience).min(1)]).meta({ examples: ['weir'] }),
    algorithms: z.array(z.enum(jwtAlgorithms)).min(1).default(['RS256', 'ES256', 'EdDSA']),
    jwks_url: safeUrl('https://login.example.com/jwks').optional(),
    jwks_file: file(MAX_JWKS_BYTES, 'jwks.json', readJwks).optional(),
    clock_skew: duration(0, 600_000, '60s').prefault('60s'),
    max_age: duration(1000, 365 * DAY_MS, '1d').optional(),
    claims: z
      .strictObject({ tenant: claim.optional(), user: claim.optional(), profile: claim.optional() })
      .prefault({})
      .transform(({ tenant, user, profile, ...rest }) => {
        nothingLeft(rest)
        return { tenant: tenant ?? null, user: user ?? null, profile: profile ?? null }
      }),
    profile: z.enum(profiles).default('unknown'),
    trust: label.optional(),
  })
  .superRefine(({ jwks_url, jwks_file }, ctx) => {
    if (jwks_url === undefined || jwks_file === undefined) return
    const hint = 'keep one of the two; with neither the issuer is asked'
    ctx.addIssue(complain({ message: 'jwks_url and jwks_file exclude each other', hint }, ['jwks_file'], 'key'))
  }, onAnyMap)
  .transform((fields): JwtConfig => {
    const { name, issuer, audience, algorithms, jwks_url, jwks_file, clock_skew, max_age, claims, ...more } = fields
    const { profile, trust, ...rest } = more
    nothingLeft(rest)
    return {
      name,
      issuer,
      audiences: [audience].flat(),
      algorithms,
      jwksUrl: jwks_url ?? null,
      jwks: jwks_file?.jwks ?? null,
      jwksFile: jwks_file?.path ?? null,
      clockSkewMs: clock_skew,
      maxAgeMs: max_age ?? null,
      claims,
      profile,
      trust: trust ?? null,
    }
  })

const sha256Hex = text(
  (value) => {
    const hex = value.replaceAll(':', '').toLowerCase()
    if (/^[0-9a-f]{64}$/.test(hex)) return ok(hex)
    const hint = 'make it with: openssl x509 -in cert.pem -noout -fingerprint -sha256'
    return err({ message: 'not a SHA-256 in hex', hint })
  },
  { examples: ['0'.repeat(64)] },
)

/** Certificates of clients, by their fingerprint or their name. */
export const certificate: z.ZodType<CertificateConfig> = z
  .strictObject({
    id: label,
    sha256: sha256Hex.optional(),
    subject: glob.optional(),
    tenant: label.optional(),
    profile: z.enum(profiles).default('unknown'),
    trust: label.optional(),
  })
  .superRefine(({ sha256, subject }, ctx) => {
    const hint = 'write either sha256, or subject with a name or a glob'
    if (sha256 === undefined && subject === undefined) {
      ctx.addIssue(complain({ message: 'names no certificate: sha256 or subject is needed', hint }, [], 'key'))
    } else if (sha256 !== undefined && subject !== undefined) {
      ctx.addIssue(complain({ message: 'sha256 and subject exclude each other', hint }, ['subject'], 'key'))
    }
  }, onAnyMap)
  .transform(({ id, sha256, subject, tenant, profile, trust, ...rest }) => {
    nothingLeft(rest)
    return {
      id,
      sha256: sha256 ?? null,
      subject: subject ?? null,
      tenant: tenant ?? null,
      profile,
      trust: trust ?? null,
    }
  })

/** A key set of public keys: a private one in it would be handed to everybody who can read a log or a memory dump. */
function readJwks({ path, text }: FoundFile): Result<{ readonly path: string; readonly jwks: object }, Complaint> {
  const hint = 'write a JSON Web Key Set: { "keys": [ ... ] } with public keys'
  let jwks: unknown
  try {
    jwks = JSON.parse(text)
  } catch {
    return err({ message: 'the file is not JSON', hint })
  }
  const keys = typeof jwks === 'object' && jwks !== null && 'keys' in jwks ? jwks.keys : null
  if (!Array.isArray(keys) || keys.length === 0) return err({ message: 'the file holds no keys', hint })
  for (const key of keys as readonly unknown[]) {
    if (typeof key !== 'object' || key === null || !('kty' in key))
      return err({ message: 'an entry is not a key', hint })
    if ('d' in key || 'k' in key || key.kty === 'oct') {
      return err({
        message: 'the file holds a private or shared key',
        hint: 'keep public keys only, and change that one',
      })
    }
  }
  return ok({ path, jwks: jwks as object })
}
