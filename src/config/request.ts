import type { RequestCaps } from '../core/caps.ts'
import * as z from 'zod'
import type { OnErrorConfig, OverloadConfig, RequestConfig, ScreeningConfig } from './config.ts'
import { bytes, complain, duration, nothingLeft, onAnyList } from './fields.ts'

const DAY_MS = 86_400_000
const MAX_BODY_BYTES = 64 * 1024 * 1024

const count = (max: number): z.ZodOptional<z.ZodInt> => z.int().min(0).max(max).optional()

const temperature = z
  .array(z.number().min(0).max(100))
  .meta({ examples: [[0, 1]] })
  .superRefine((value, ctx) => {
    const [min, max] = value
    if (value.length === 2 && !(min! > max!)) return
    ctx.addIssue(complain({ message: 'not a range of two numbers', hint: 'write the lower one first: [0, 1]' }))
  }, onAnyList)

const capFields = {
  max_choices: count(1000),
  max_tokens: count(100_000_000),
  max_prompt: bytes(MAX_BODY_BYTES, '1MiB').optional(),
  max_tools: count(100_000),
  max_images: count(100_000),
  temperature: temperature.optional(),
  max_stops: count(1000),
  max_stop_chars: count(1_000_000),
}

const messages = z.int().min(1).max(100_000)

type WrittenCaps = {
  readonly [K in keyof typeof capFields]?: z.output<(typeof capFields)[K]>
} & { readonly max_messages?: number | undefined }

function capsOf(written: WrittenCaps): RequestCaps {
  const { max_messages, max_choices, max_tokens, max_prompt, max_tools, max_images, temperature, ...more } = written
  const { max_stops, max_stop_chars, ...rest } = more
  nothingLeft(rest)
  const [min, max] = temperature ?? []
  return {
    maxMessages: max_messages ?? null,
    maxChoices: max_choices ?? null,
    maxTokens: max_tokens ?? null,
    maxPromptBytes: max_prompt ?? null,
    maxTools: max_tools ?? null,
    maxOpaqueParts: max_images ?? null,
    temperature: temperature === undefined ? null : { min: min!, max: max! },
    maxStops: max_stops ?? null,
    maxStopChars: max_stop_chars ?? null,
  }
}

/** Bounds of a model or a trust profile, beside those of everybody. */
export const caps: z.ZodType<RequestCaps> = z
  .strictObject({ max_messages: messages.optional(), ...capFields })
  .transform(capsOf)

/** Bounds of everybody. `max_messages` stands in no cap here: a body with more is not read to its end. */
export const request: z.ZodType<RequestConfig> = z
  .strictObject({
    max_body: bytes(MAX_BODY_BYTES, '8MiB').prefault('8MiB'),
    max_messages: messages.default(2048),
    max_depth: z.int().min(4).max(512).default(64).describe('Levels of nesting in a body.'),
    body_timeout: duration(1, DAY_MS, '30s').prefault('30s'),
    max_duration: duration(1, DAY_MS, '30m').prefault('30m'),
    ...capFields,
  })
  .transform(({ max_body, max_messages, max_depth, body_timeout, max_duration, ...written }) => ({
    maxBodyBytes: max_body,
    maxMessages: max_messages,
    maxDepth: max_depth,
    bodyTimeoutMs: body_timeout,
    maxDurationMs: max_duration,
    caps: capsOf(written),
  }))

const screen = z.enum(['off', 'flag', 'refuse']).default('flag')

export const screening: z.ZodType<ScreeningConfig> = z
  .strictObject({
    invisible_unicode: screen,
    encoded_payload: screen,
    glitch_tokens: screen,
    flood: screen,
    max_scan: bytes(4 * 1024 * 1024, '64KiB').prefault('64KiB'),
  })
  .transform(({ max_scan, ...written }) => {
    const { invisible_unicode, encoded_payload, glitch_tokens, flood, ...rest } = written
    nothingLeft(rest)
    return { actions: { invisible_unicode, encoded_payload, glitch_tokens, flood }, maxScanBytes: max_scan }
  })

export const overload: z.ZodType<OverloadConfig> = z
  .strictObject({
    max_in_flight: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1024)
      .describe('Requests at once; the lowest priority goes first.'),
  })
  .transform(({ max_in_flight, ...rest }) => {
    nothingLeft(rest)
    return { maxInFlight: max_in_flight }
  })

const verdict = z.enum(['deny', 'allow']).default('deny')

export const onError: z.ZodType<OnErrorConfig> = z
  .strictObject({ enforce: verdict, admit: verdict, meter: verdict, screen: verdict, audit: verdict })
  .transform(({ enforce, admit, meter, screen, audit, ...rest }) => {
    nothingLeft(rest)
    return { enforce, admit, meter, screen, audit }
  })
