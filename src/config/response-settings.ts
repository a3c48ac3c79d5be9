import * as z from 'zod'
import { bytes, complain, duration, label, nothingLeft, onAnyMap, safeUrl } from './fields.ts'
import { noResponse } from './response.ts'
import type { LoopsConfig, StepUpConfig, TarpitConfig, TruthConfig } from './response-config.ts'
import { formatBytes, formatDuration } from './units.ts'

const DAY_MS = 86_400_000
const usual = noResponse

const challenge = formatDuration(usual.stepUp.challengeMs)

/** How people and programs confirm an account. */
export const stepUp: z.ZodType<StepUpConfig> = z
  .strictObject({
    proof_bits: z
      .int()
      .min(1)
      .max(30)
      .default(usual.stepUp.proofBits)
      .describe('Of the first proof of work; each one after it within a day takes one more, to 8 more.'),
    challenge: duration(10_000, DAY_MS, challenge).prefault(challenge).describe('How long one can be answered.'),
    attestation_issuer: label.optional().describe('One of identity.jwt.'),
    url: safeUrl('https://example.com/confirm').optional(),
  })
  .transform(({ proof_bits, challenge, attestation_issuer, url, ...rest }) => {
    nothingLeft(rest)
    return {
      proofBits: proof_bits,
      challengeMs: challenge,
      attestationIssuer: attestation_issuer ?? null,
      url: url ?? null,
    }
  })

/** What slowed connections may cost Weir itself. */
export const tarpit: z.ZodType<TarpitConfig> = z
  .strictObject({
    max_held: z.int().min(1).max(100_000).default(usual.tarpit.maxHeld),
    max_held_bytes: bytes(4 * 1024 * 1024 * 1024, '64MiB').prefault(formatBytes(usual.tarpit.maxHeldBytes)),
  })
  .transform(({ max_held, max_held_bytes, ...rest }) => {
    nothingLeft(rest)
    return { maxHeld: max_held, maxHeldBytes: max_held_bytes }
  })

/** How often we look whether we were right, and what follows. */
export const truth: z.ZodType<TruthConfig> = z
  .strictObject({
    held_back: z.number().min(0).max(0.1).default(usual.truth.heldBack).describe('Part of soft actions.'),
    max_wrong: z
      .union([z.literal('never'), z.number().min(0.001).max(0.9)])
      .meta({ examples: [0.1] })
      .optional(),
    least_reviewed: z
      .int()
      .min(5)
      .max(100_000)
      .optional()
      .meta({ examples: [usual.truth.leastReviewed] }),
  })
  .superRefine(({ max_wrong, least_reviewed }, ctx) => {
    if (typeof max_wrong !== 'number' || least_reviewed !== undefined) return
    const message = 'is no measure without least_reviewed: one review would be enough'
    ctx.addIssue(complain({ message, hint: 'add for instance least_reviewed: 20' }, ['max_wrong'], 'key'))
  }, onAnyMap)
  .transform(({ held_back, max_wrong, least_reviewed, ...rest }) => {
    nothingLeft(rest)
    return {
      heldBack: held_back,
      maxWrong: max_wrong === 'never' ? null : (max_wrong ?? usual.truth.maxWrong),
      leastReviewed: least_reviewed ?? usual.truth.leastReviewed,
    }
  })

/** An agent that is stuck is slowed for its own sake, and told why. */
export const loops: z.ZodType<LoopsConfig> = z
  .strictObject({
    repeats: z.int().min(3).max(1000).default(20).describe('The same request so often in a row is a loop.'),
    within: duration(1000, DAY_MS, '10m').prefault('10m'),
    requests_per_minute: z.number().min(0.1).max(100_000).default(6).describe('What is left to whoever is in it.'),
    lasts: duration(1000, DAY_MS, '5m').prefault('5m'),
  })
  .transform(({ repeats, within, requests_per_minute, lasts, ...rest }) => {
    nothingLeft(rest)
    return { repeats, withinMs: within, requestsPerMinute: requests_per_minute, lastsMs: lasts }
  })
