import * as z from 'zod'
import type { Exemption, TenantConfig, TermsConfig, TrustProfile } from './config.ts'
import {
  complain,
  date,
  glob,
  isLabel,
  label,
  labelComplaint,
  nothingLeft,
  onAnyMap,
  safeUrl,
  sentence,
  word,
} from './fields.ts'
import { match } from './match.ts'
import { caps } from './request.ts'

/** Amounts in the limit's own unit as they are written, dollars for money: `schema.ts` knows the limits. */
const amounts = z
  .record(z.string(), z.number().meta({ minimum: 0.000001, maximum: 1e12 }))
  .meta({ example: { 'key-tpm': 5000 } })
  .prefault({})
  .transform((value): ReadonlyMap<string, number> => new Map(Object.entries(value)))

const endpoint = word(
  /^[a-z][a-z0-9_]{0,47}$/,
  { message: 'not the name of an endpoint', hint: 'write for instance chat_completions' },
  ['chat_completions'],
)
const bodyField = word(
  /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/,
  { message: 'not the name of a field', hint: 'write for instance logprobs' },
  ['logprobs'],
)

const profile = z
  .strictObject({
    priority: z.int().min(0).max(9).default(5).describe('Under overload the lowest go first.'),
    scale: z.number().min(0.001).max(1000).default(1).describe('Factor on limits per key, tenant or user.'),
    quotas: amounts,
    models: z.array(glob).min(1).optional(),
    endpoints: z.array(endpoint).min(1).optional(),
    deny_fields: z.array(bodyField).default([]),
    request: caps.prefault({}),
    when_reputation_at_most: z.int().min(0).max(100).optional(),
  })
  .transform((fields): Omit<TrustProfile, 'name'> => {
    const { priority, scale, quotas, models, endpoints, deny_fields, request, when_reputation_at_most, ...rest } =
      fields
    nothingLeft(rest)
    return {
      priority,
      scale,
      quotas,
      models: models ?? null,
      endpoints: endpoints ?? null,
      denyFields: deny_fields,
      request,
      whenReputationAtMost: when_reputation_at_most ?? null,
    }
  })

/** A map from names to what `entry` reads. */
const namedMap = <T extends object>(
  entry: z.ZodType<T>,
  example: unknown,
): z.ZodType<ReadonlyMap<string, T & { name: string }>> =>
  z
    .record(z.string(), entry)
    .meta({ example })
    .superRefine((value, ctx) => {
      for (const name of Object.keys(value)) {
        if (!isLabel(name)) ctx.addIssue(complain(labelComplaint, [name], 'key'))
      }
    }, onAnyMap)
    .transform((value) => new Map(Object.entries(value).map(([name, fields]) => [name, { name, ...fields }])))

export const trustProfiles: z.ZodType<ReadonlyMap<string, TrustProfile>> = namedMap(profile, { new: { scale: 0.25 } })

const tenant = z
  .strictObject({ trust: label.optional(), quotas: amounts })
  .transform(({ trust, quotas, ...rest }): Omit<TenantConfig, 'name'> => {
    nothingLeft(rest)
    return { trust: trust ?? null, quotas }
  })

export const tenants: z.ZodType<ReadonlyMap<string, TenantConfig>> = namedMap(tenant, { acme: { trust: 'verified' } })

/** Words beside the names of limits that somebody can be let out of. */
export const exemptible = ['screening', 'reputation', 'terms', 'overload', 'actions'] as const

const exemption = z
  .strictObject({
    reason: sentence(500, 'load test, ticket 42'),
    expires: date,
    match,
    from: z
      .array(z.string())
      .min(1)
      .meta({ examples: [['key-tpm']] }),
  })
  .transform(({ reason, expires, match, from, ...rest }): Exemption => {
    nothingLeft(rest)
    return { reason, expiresAtMs: expires, match, from }
  })

export const exemptions: z.ZodType<readonly Exemption[]> = z.array(exemption)

export const terms: z.ZodType<TermsConfig> = z
  .strictObject({
    version: word(
      /^[\x21-\x7e]{1,64}$/,
      { message: 'not a version of 1 to 64 characters without spaces', hint: 'write for instance "2026-11"' },
      ['2026-11'],
    ),
    url: safeUrl('https://example.com/terms'),
    on_unaccepted: z.enum(['allow', 'announce', 'deny']).default('announce'),
  })
  .transform(({ version, url, on_unaccepted, ...rest }) => {
    nothingLeft(rest)
    return { version, url, onUnaccepted: on_unaccepted }
  })
