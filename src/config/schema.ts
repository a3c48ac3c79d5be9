import * as z from 'zod'
import type { Config } from './config.ts'
import { address, bytes, complain, duration, nothingLeft, secretText } from './fields.ts'
import { identity } from './identity.ts'
import { quotas } from './quotas.ts'
import { models, upstreams } from './upstreams.ts'

const DAY_MS = 86_400_000
const MAX_BODY_BYTES = 64 * 1024 * 1024

const token = secretText(16, '${WEIR_CONTROL_TOKEN}').superRefine((value, ctx) => {
  if (!isGuessable(value)) return
  ctx.addIssue(complain({ message: 'is easy to guess', hint: 'make one with: openssl rand -hex 24' }))
})

const control = z
  .strictObject({ listen: address.prefault('127.0.0.1:8081'), token: token.optional() })
  .transform(({ listen, token, ...rest }) => {
    nothingLeft(rest)
    return { listen, token: token ?? null }
  })

const request = z
  .strictObject({
    max_body: bytes(MAX_BODY_BYTES, '8MiB').prefault('8MiB'),
    max_messages: z.int().min(1).max(100_000).default(2048),
    body_timeout: duration(1, DAY_MS, '30s').prefault('30s'),
    max_duration: duration(1, DAY_MS, '30m').prefault('30m'),
  })
  .transform(({ max_body, max_messages, body_timeout, max_duration, ...rest }) => {
    nothingLeft(rest)
    return {
      maxBodyBytes: max_body,
      maxMessages: max_messages,
      bodyTimeoutMs: body_timeout,
      maxDurationMs: max_duration,
    }
  })

const verdict = z.enum(['deny', 'allow']).default('deny')

/** The whole of `weir.yaml`: what is not named here is an error. How entries fit together is in `check.ts`. */
export const fileSchema: z.ZodType<Omit<Config, 'hash'>> = z
  .strictObject({
    listen: address.prefault('127.0.0.1:8080'),
    control: control.prefault({}),
    data_dir: z
      .string()
      .min(1)
      .optional()
      .meta({ examples: ['./.weir'] }),
    upstreams,
    models,
    identity: identity.prefault({}),
    quotas: quotas.prefault([]),
    request: request.prefault({}),
    on_error: z.strictObject({ admit: verdict, meter: verdict }).prefault({}),
  })
  .transform((fields) => {
    const { listen, control, data_dir, upstreams, models, identity, quotas, request, on_error, ...rest } = fields
    nothingLeft(rest)
    const { admit, meter, ...restOfErrors } = on_error
    nothingLeft(restOfErrors)
    const onError = { admit, meter }
    return { listen, control, dataDir: data_dir ?? null, upstreams, models, identity, quotas, request, onError }
  })

/** Only what a first dictionary would hold; real strength is the operator's business. */
function isGuessable(token: string): boolean {
  const bare = token.toLowerCase().replaceAll(/[-_. ]/g, '')
  const known = [
    'changeme',
    'password',
    'passw0rd',
    'letmein',
    'qwerty',
    'yourtoken',
    '12345678',
    '01234567',
    'abcdefgh',
  ]
  return new Set(bare).size < 5 || known.some((start) => bare.startsWith(start))
}
