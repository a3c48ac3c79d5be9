import * as z from 'zod'
import { err, ok, type Result } from '../core/result.ts'
import type { ModelRoute, UpstreamConfig } from './config.ts'
import { onAnyMap, complain, duration, isLabel, labelComplaint, nothingLeft, secretText, text } from './fields.ts'
import { price } from './pricing.ts'
import type { Complaint } from './problem.ts'
import { caps } from './request.ts'
import { upstreamTls } from './tls.ts'

const DAY_MS = 86_400_000
/** Models are matched one after the other on every request. */
const MAX_MODELS = 1000

const baseUrl = text(readBaseUrl, {
  examples: ['http://127.0.0.1:9100/v1'],
  description: 'Ends with the version segment; the path of the request is appended to it.',
})

const dialect = z.enum(['openai', 'anthropic', 'gemini'])

const breaker = z
  .strictObject({
    failures: z.int().min(1).max(1000).default(5).describe('Failures within the window that open it.'),
    window: duration(1000, DAY_MS, '30s').prefault('30s'),
    open: duration(100, DAY_MS, '10s').prefault('10s'),
  })
  .transform(({ failures, window, open, ...rest }) => {
    nothingLeft(rest)
    return { failures, windowMs: window, openMs: open }
  })

const upstream = z
  .strictObject({
    dialect: z.union([dialect, z.array(dialect).min(1)]).meta({ examples: ['openai'] }),
    base_url: z
      .union([baseUrl, z.array(baseUrl).min(1).max(64)])
      .meta({ examples: ['http://127.0.0.1:9100/v1'] })
      .optional()
      .describe('Several: equal servers, used in turn.'),
    embedded: z.enum(['demo']).optional().describe('A model inside the process, instead of base_url.'),
    api_key: secretText(1, '${UPSTREAM_KEY}').optional(),
    tls: upstreamTls.optional(),
    stream_usage: z.boolean().default(true).describe('Whether to ask the upstream for a usage chunk.'),
    connections: z.int().min(1).max(4096).default(256),
    connect_timeout: duration(1, DAY_MS, '5s').prefault('5s'),
    first_byte_timeout: duration(1, DAY_MS, '120s').prefault('120s'),
    idle_timeout: duration(1, DAY_MS, '60s').prefault('60s'),
    breaker: breaker.prefault({}),
  })
  .superRefine(({ dialect, base_url, embedded, tls }, ctx) => {
    for (const [name, list] of Object.entries({ dialect, base_url })) {
      if (!Array.isArray(list)) continue
      const entries: readonly unknown[] = list
      for (const [i, one] of entries.entries()) {
        if (entries.indexOf(one) === i) continue
        ctx.addIssue(complain({ message: 'named twice', hint: 'name each one once' }, [name, i]))
      }
    }
    if (tls !== undefined && embedded !== undefined) {
      const hint = 'remove tls'
      ctx.addIssue(complain({ message: 'nothing leaves this process, so there is no TLS', hint }, ['tls'], 'key'))
    }
    const hint = 'write base_url for a server, or embedded: demo for the model inside the process'
    if (base_url === undefined && embedded === undefined) {
      ctx.addIssue(complain({ message: 'leads nowhere: base_url or embedded is needed', hint }, [], 'key'))
    } else if (base_url !== undefined && embedded !== undefined) {
      ctx.addIssue(complain({ message: 'base_url and embedded exclude each other', hint }, ['embedded'], 'key'))
    }
  }, onAnyMap)
  .transform((fields): Omit<UpstreamConfig, 'name'> => {
    const { dialect, base_url, embedded, api_key, tls, stream_usage, connections, ...times } = fields
    const { connect_timeout, first_byte_timeout, idle_timeout, breaker, ...rest } = times
    nothingLeft(rest)
    return {
      dialects: [dialect].flat(),
      baseUrls: base_url === undefined ? [] : [base_url].flat(),
      embedded: embedded ?? null,
      apiKey: api_key ?? null,
      tls: tls ?? null,
      streamUsage: stream_usage,
      connections,
      connectTimeoutMs: connect_timeout,
      firstByteTimeoutMs: first_byte_timeout,
      idleTimeoutMs: idle_timeout,
      breaker,
    }
  })

export const upstreams: z.ZodType<ReadonlyMap<string, UpstreamConfig>> = z
  .record(z.string(), upstream)
  .meta({ example: { main: { dialect: 'openai', base_url: 'http://127.0.0.1:9100/v1' } } })
  .superRefine((value, ctx) => {
    const names = Object.keys(value)
    for (const name of names) if (!isLabel(name)) ctx.addIssue(complain(labelComplaint, [name], 'key'))
    if (names.length === 0) {
      ctx.addIssue(complain({ message: 'no upstream is named', hint: 'name at least one server that has the models' }))
    }
  }, onAnyMap)
  .transform((value) => new Map(Object.entries(value).map(([name, fields]) => [name, { name, ...fields }])))

const model = z.strictObject({
  upstream: z.string().meta({ examples: ['main'] }),
  failover: z
    .array(z.string())
    .meta({ examples: [['backup']] })
    .default([])
    .describe('Upstreams to ask in this order where the first one cannot answer.'),
  max_output: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(4096)
    .describe('Output tokens that an answer may have whose request names no bound.'),
  price: price.optional(),
  request: caps.prefault({}),
})

export const models: z.ZodType<readonly ModelRoute[]> = z
  .record(z.string(), model)
  .meta({ example: { '*': { upstream: 'main' } } })
  .superRefine((value, ctx) => {
    const patterns = Object.keys(value)
    for (const pattern of patterns) {
      if (pattern.length >= 1 && pattern.length <= 256) continue
      const message = 'the name of a model, or a glob, has 1 to 256 characters'
      ctx.addIssue(
        complain({ message, hint: 'write for instance "gpt-4o*", or "*" for every model' }, [pattern], 'key'),
      )
    }
    if (patterns.length === 0) {
      const hint = 'write "*": { upstream: NAME } to let every model through to one upstream'
      ctx.addIssue(complain({ message: 'no model is named, so every request would be refused', hint }))
    } else if (patterns.length > MAX_MODELS) {
      const hint = 'join models of one upstream with globs'
      ctx.addIssue(complain({ message: `more than ${MAX_MODELS} entries`, hint }, [], 'key'))
    }
  }, onAnyMap)
  .transform((value) =>
    Object.entries(value).map(([pattern, fields]) => {
      const { upstream, failover, max_output: maxOutputTokens, price, request, ...rest } = fields
      nothingLeft(rest)
      return { pattern, upstream, failover, maxOutputTokens, price: price ?? null, request }
    }),
  )

function readBaseUrl(value: string): Result<string, Complaint> {
  const hint = 'write for instance http://127.0.0.1:9100/v1'
  if (!/^https?:\/\/[^/\\]/i.test(value) || /[\s\\]/.test(value) || !URL.canParse(value)) {
    return err({ message: 'not an http or https URL', hint })
  }
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') {
    return err({ message: 'holds a user name or a password', hint: 'write the credential as api_key' })
  }
  if (/[?#]/.test(value)) return err({ message: 'holds a query or a fragment', hint })
  return ok(url.href.replace(/\/+$/, ''))
}
