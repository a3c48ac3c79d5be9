import { createHash } from 'node:crypto'
import * as z from 'zod'
import { profiles } from '../core/principal.ts'
import { ok } from '../core/result.ts'
import { parseNetwork } from './address.ts'
import type { IdentityConfig, KeyConfig, PassThroughConfig, TokensConfig } from './config.ts'
import {
  complain,
  type ComplaintIssue,
  date,
  duration,
  file,
  glob,
  headerName,
  label,
  nothingLeft,
  onAnyMap,
  secretText,
  text,
  word,
} from './fields.ts'
import { certificate, jwt } from './jwt.ts'

export const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex')

/** A key's secret as it can be written: itself, or what it comes to. */
export interface WrittenSecret {
  readonly secret?: string | undefined
  readonly secret_sha256?: string | undefined
}

export const secretHash: z.ZodType<string> = word(
  /^[0-9a-fA-F]{64}$/,
  { message: 'not a SHA-256 in hex', hint: "make it with: printf %s 'SECRET' | sha256sum" },
  ['0'.repeat(64)],
)

export function oneSecret(
  { secret, secret_sha256 }: WrittenSecret,
  ctx: { addIssue(issue: ComplaintIssue): void },
): void {
  const hint = 'write either secret, best as "${NAME}", or secret_sha256'
  if (secret === undefined && secret_sha256 === undefined) {
    ctx.addIssue(complain({ message: 'a key without a secret: secret or secret_sha256 is needed', hint }))
  } else if (secret !== undefined && secret_sha256 !== undefined) {
    ctx.addIssue(complain({ message: 'secret and secret_sha256 exclude each other', hint }, ['secret_sha256'], 'key'))
  }
}

/** Of a secret that was checked. */
export const hashOf = ({ secret, secret_sha256 }: WrittenSecret): string =>
  secret === undefined ? secret_sha256!.toLowerCase() : sha256(secret)

const key = z
  .strictObject({
    id: label,
    secret: secretText(24, '${ACME_KEY}').optional(),
    secret_sha256: secretHash.optional(),
    tenant: label.optional(),
    profile: z.enum(profiles).default('unknown'),
    trust: label.optional(),
    expires: date.optional(),
    signed: z.enum(['no', 'required']).default('no').describe('required: the key alone is refused.'),
  })
  .superRefine(oneSecret, onAnyMap)
  .transform(({ id, secret, secret_sha256, tenant, profile, trust, expires, signed, ...rest }): KeyConfig => {
    nothingLeft(rest)
    return {
      id,
      secretSha256: hashOf({ secret, secret_sha256 }),
      tenant: tenant ?? null,
      profile,
      trust: trust ?? null,
      expiresAtMs: expires ?? null,
      signed,
    }
  })

const authFailures = z.strictObject({
  per_minute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(60)
    .describe('Failed attempts of one network before it has to wait.'),
})

const passThrough = z
  .strictObject({
    match: z
      .array(glob)
      .min(1)
      .meta({ examples: [['sk-*']] }),
    profile: z.enum(profiles).default('unknown'),
    trust: label.optional(),
  })
  .transform(({ match, profile, trust, ...rest }): PassThroughConfig => {
    nothingLeft(rest)
    return { match, profile, trust: trust ?? null }
  })

const tokens = z
  .strictObject({
    ttl: duration(60_000, 3_600_000, '15m').prefault('15m'),
    bind: z.enum(['none', 'ip_prefix', 'fingerprint']).default('none').describe('What a token only works from.'),
  })
  .transform(({ ttl, bind, ...rest }): TokensConfig => {
    nothingLeft(rest)
    return { ttlMs: ttl, bind }
  })

const everybody = {
  message: 'trusts every address there is, so that anybody could claim to be anybody',
  hint: 'write the networks that your own proxies are in',
}
const proxy = text((value) => parseNetwork(value, everybody), { examples: ['10.0.0.0/8', '127.0.0.1'] })

const MAX_KEYS_BYTES = 1_048_576

export const identity: z.ZodType<IdentityConfig> = z
  .strictObject({
    trusted_proxies: z.array(proxy).default([]),
    keys: z.array(key).default([]),
    keys_file: file(MAX_KEYS_BYTES, 'keys.yaml', ok).optional().describe('More keys: a YAML list of the same entries.'),
    jwt: z.array(jwt).default([]),
    certificates: z.array(certificate).default([]),
    pass_through: passThrough.optional().describe('Clients that bring a key of the upstream of their own.'),
    tokens: tokens.optional().describe('Short-lived tokens in exchange for keys, at POST /weir/token.'),
    signatures: z.strictObject({ window: duration(1000, 3_600_000, '5m').prefault('5m') }).prefault({}),
    user_header: headerName('x-user-id').optional(),
    session_header: headerName('x-session-id').optional(),
    auth_failures: authFailures.prefault({}),
  })
  .transform((fields) => {
    const { trusted_proxies, keys, keys_file: _, jwt, certificates, pass_through, tokens, signatures, ...more } = fields
    const { user_header, session_header, auth_failures, ...rest } = more
    nothingLeft(rest)
    const { per_minute, ...restOfFailures } = auth_failures
    nothingLeft(restOfFailures)
    const { window, ...restOfSignatures } = signatures
    nothingLeft(restOfSignatures)
    return {
      trustedProxies: trusted_proxies,
      keys,
      jwt,
      certificates,
      passThrough: pass_through ?? null,
      tokens: tokens ?? null,
      signatures: { windowMs: window },
      userHeader: user_header ?? null,
      sessionHeader: session_header ?? null,
      authFailuresPerMinute: per_minute,
    }
  })
