import { createHash } from 'node:crypto'
import * as z from 'zod'
import { profiles } from '../core/principal.ts'
import { parseNetwork } from './address.ts'
import type { IdentityConfig, KeyConfig } from './config.ts'
import { onAnyMap, complain, label, nothingLeft, secretText, text, word } from './fields.ts'

export const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex')

const key = z
  .strictObject({
    id: label,
    secret: secretText(24, '${ACME_KEY}').optional(),
    secret_sha256: word(
      /^[0-9a-fA-F]{64}$/,
      { message: 'not a SHA-256 in hex', hint: "make it with: printf %s 'SECRET' | sha256sum" },
      ['0'.repeat(64)],
    ).optional(),
    tenant: label.optional(),
    profile: z.enum(profiles).default('unknown'),
  })
  .superRefine(({ secret, secret_sha256 }, ctx) => {
    const hint = 'write either secret, best as "${NAME}", or secret_sha256'
    if (secret === undefined && secret_sha256 === undefined) {
      ctx.addIssue(complain({ message: 'a key without a secret: secret or secret_sha256 is needed', hint }))
    } else if (secret !== undefined && secret_sha256 !== undefined) {
      ctx.addIssue(complain({ message: 'secret and secret_sha256 exclude each other', hint }, ['secret_sha256'], 'key'))
    }
  }, onAnyMap)
  .transform(({ id, secret, secret_sha256, tenant, profile, ...rest }): KeyConfig => {
    nothingLeft(rest)
    return {
      id,
      secretSha256: secret === undefined ? secret_sha256!.toLowerCase() : sha256(secret),
      tenant: tenant ?? null,
      profile,
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

export const identity: z.ZodType<IdentityConfig> = z
  .strictObject({
    trusted_proxies: z.array(text(parseNetwork, { examples: ['10.0.0.0/8', '127.0.0.1'] })).default([]),
    keys: z.array(key).default([]),
    auth_failures: authFailures.prefault({}),
  })
  .transform(({ trusted_proxies, keys, auth_failures, ...rest }) => {
    nothingLeft(rest)
    const { per_minute, ...restOfFailures } = auth_failures
    nothingLeft(restOfFailures)
    return { trustedProxies: trusted_proxies, keys, authFailuresPerMinute: per_minute }
  })
