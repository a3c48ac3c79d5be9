import * as z from 'zod'
import { type Dimension, dimensions, type LimitConfig, type Resource, resources } from './config.ts'
import { onAnyList, onAnyMap, complain, duration, glob, nothingLeft, word } from './fields.ts'

const MAX_AMOUNT = 1e12
const DAY_MS = 86_400_000

const amount = z
  .int()
  .min(1)
  .max(MAX_AMOUNT)
  .meta({ examples: [60] })
const globs = z.union([glob, z.array(glob).min(1)]).meta({ examples: ['gpt-4o*'] })

const per = z
  .array(z.enum(dimensions))
  .min(1)
  .superRefine((value, ctx) => {
    for (const [i, dimension] of value.entries()) {
      if (value.indexOf(dimension) === i) continue
      ctx.addIssue(complain({ message: 'named twice', hint: 'name each dimension once' }, [i]))
    }
    const i = value.indexOf('global')
    if (i < 0 || value.length === 1) return
    const hint = 'write per: [global] for one counter over everything, or leave global out'
    ctx.addIssue(complain({ message: 'global stands alone', hint }, [i]))
  }, onAnyList)

const match = z
  .strictObject({
    key: globs.optional(),
    tenant: globs.optional(),
    user: globs.optional(),
    ip: globs.optional(),
    ip_prefix: globs.optional(),
    model: globs.optional(),
    endpoint: globs.optional(),
    route: globs.optional(),
    global: z.never().optional(),
  } satisfies Record<Dimension, unknown>)
  .superRefine(({ ip }, ctx) => {
    // A CIDR is a fine glob that no address ever matches: the limit would silently hold for nobody.
    if (![ip].flat().some((one) => typeof one === 'string' && one.includes('/'))) return
    const hint = 'write a glob such as "10.*", or match ip_prefix'
    ctx.addIssue(complain({ message: 'a network never matches a single address', hint }, ['ip']))
  }, onAnyMap)

const limit = z
  .strictObject({
    name: word(
      /^[a-z0-9-]{1,48}$/,
      { message: 'not a name of 1 to 48 lower-case letters, digits and "-"', hint: 'write for instance key-tpm' },
      ['key-tpm'],
    ),
    per: per.default(['key']),
    requests: amount.optional(),
    input_tokens: amount.optional(),
    output_tokens: amount.optional(),
    tokens: amount.optional(),
    concurrent: amount.optional(),
    cost_usd: z.never().optional(),
    window: duration(1000, 31 * DAY_MS, '1m').optional(),
    kind: z.enum(['bucket', 'sliding', 'calendar']).optional().describe('bucket where nothing is said'),
    burst: amount.optional().describe('Capacity of a bucket; the amount of one window where nothing is said'),
    match: match.optional(),
    mode: z.enum(['enforce', 'shadow', 'off']).default('enforce'),
    on_store_error: z.enum(['deny', 'local', 'allow']).default('local'),
  })
  .superRefine((value, ctx) => {
    const { kind, burst, window, concurrent, cost_usd } = value
    const limited = resources.filter((resource) => value[resource] !== undefined)
    if (limited.length === 0 && cost_usd === undefined) {
      const hint = `write one of ${resources.join(', ')} with its amount`
      ctx.addIssue(complain({ message: 'limits nothing', hint }))
    }
    for (const more of limited.slice(1)) {
      const message = `a limit counts one thing, and this one counts ${limited[0]} already`
      ctx.addIssue(complain({ message, hint: 'write a limit of its own for each' }, [more], 'key'))
    }
    if (concurrent === undefined) {
      if (window === undefined) {
        ctx.addIssue(complain({ message: 'is required', hint: 'add for instance window: 1m' }, ['window']))
      }
      if (burst !== undefined && kind !== undefined && kind !== 'bucket') {
        const hint = 'remove burst, or write kind: bucket'
        ctx.addIssue(complain({ message: 'only a bucket has a burst', hint }, ['burst'], 'key'))
      }
      return
    }
    for (const [name, given] of Object.entries({ window, kind, burst })) {
      if (given === undefined) continue
      const message = `concurrent counts what is in flight now and has no ${name}`
      ctx.addIssue(complain({ message, hint: `remove ${name}` }, [name], 'key'))
    }
  }, onAnyMap)
  .transform((fields): LimitConfig => {
    const { name, per, window, kind, burst, match, mode, on_store_error, cost_usd: _, ...amounts } = fields
    const { requests, input_tokens, output_tokens, tokens, concurrent, ...rest } = amounts
    nothingLeft(rest)
    const given = { requests, input_tokens, output_tokens, tokens, concurrent } satisfies Record<Resource, unknown>
    const resource = resources.find((resource) => given[resource] !== undefined)!
    const amount = given[resource]!
    return {
      name,
      per,
      resource,
      amount,
      windowMs: window ?? 0,
      kind: resource === 'concurrent' ? 'gauge' : (kind ?? 'bucket'),
      burst: burst ?? amount,
      match: dimensions.flatMap((dimension) => {
        const globs = match?.[dimension]
        return globs === undefined ? [] : [{ dimension, globs: [globs].flat() }]
      }),
      mode,
      onStoreError: on_store_error,
    }
  })

export const quotas: z.ZodType<readonly LimitConfig[]> = z.array(limit)
