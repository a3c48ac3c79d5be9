import * as z from 'zod'
import { dimensions, type Resource, resources } from '../core/dimensions.ts'
import { amountComplaint, counted, MAX_AMOUNT, MAX_USD, MIN_USD } from './amount.ts'
import type { LimitConfig } from './config.ts'
import { onAnyList, onAnyMap, complain, duration, nothingLeft, word } from './fields.ts'
import { matchWhen } from './match.ts'

const DAY_MS = 86_400_000

const amount = z
  .int()
  .min(1)
  .max(MAX_AMOUNT)
  .meta({ examples: [60] })
const usd = z
  .number()
  .min(MIN_USD)
  .max(MAX_USD)
  .meta({ examples: [5] })

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
    cost_usd: usd.optional().describe('US dollars, with up to nine decimals'),
    window: duration(1000, 31 * DAY_MS, '1m').optional(),
    kind: z.enum(['bucket', 'sliding', 'calendar']).optional().describe('bucket where nothing is said'),
    burst: z
      .number()
      .meta({ minimum: MIN_USD, maximum: MAX_AMOUNT })
      .optional()
      .describe('Capacity of a bucket; the amount of one window where nothing is said'),
    match: matchWhen.optional(),
    mode: z.enum(['enforce', 'shadow', 'off']).default('enforce'),
    on_store_error: z.enum(['deny', 'local', 'allow']).default('local'),
  })
  .superRefine((value, ctx) => {
    const { kind, burst, window, concurrent, cost_usd } = value
    const limited = resources.filter((resource) => value[resource] !== undefined)
    if (limited.length === 0) {
      const hint = `write one of ${resources.join(', ')} with its amount`
      ctx.addIssue(complain({ message: 'limits nothing', hint }))
    }
    for (const more of limited.slice(1)) {
      const message = `a limit counts one thing, and this one counts ${limited[0]} already`
      ctx.addIssue(complain({ message, hint: 'write a limit of its own for each' }, [more], 'key'))
    }
    if (typeof cost_usd === 'number') {
      const wrong = amountComplaint(cost_usd, 'cost_usd')
      if (wrong !== null) ctx.addIssue(complain(wrong, ['cost_usd']))
    }
    if (concurrent === undefined) {
      const wrong = typeof burst === 'number' ? amountComplaint(burst, limited[0] ?? 'tokens') : null
      if (wrong !== null) ctx.addIssue(complain(wrong, ['burst']))
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
    const { name, per, window, kind, burst, match, mode, on_store_error, ...amounts } = fields
    const { requests, input_tokens, output_tokens, tokens, cost_usd, concurrent, ...rest } = amounts
    nothingLeft(rest)
    const given = { requests, input_tokens, output_tokens, tokens, cost_usd, concurrent } satisfies Record<
      Resource,
      unknown
    >
    const resource = resources.find((resource) => given[resource] !== undefined)!
    const amount = counted(given[resource]!, resource)
    return {
      name,
      per,
      resource,
      amount,
      windowMs: window ?? 0,
      kind: resource === 'concurrent' ? 'gauge' : (kind ?? 'bucket'),
      burst: burst === undefined ? amount : counted(burst, resource),
      match: match?.match ?? [],
      when: match?.when ?? null,
      mode,
      onStoreError: on_store_error,
    }
  })

export const quotas: z.ZodType<readonly LimitConfig[]> = z.array(limit)
