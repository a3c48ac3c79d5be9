import * as z from 'zod'
import { type AppliedAction, meansNames, subjectKinds } from '../core/action.ts'
import { levels } from '../core/decision.ts'
import { dimensions } from '../core/dimensions.ts'

/** How an action stands in the records. A record of another version that says more, or else, is not guessed at. */
const range = z.tuple([z.number(), z.number()])

const spec = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('throttle'),
    requestsPerMinute: z.number(),
    tell: z.string().nullable().exactOptional(),
  }),
  z.strictObject({ action: z.literal('tarpit'), firstByteMs: range, perChunkMs: range }),
  z.strictObject({ action: z.literal('restrict'), maxTokens: z.number().nullable(), model: z.string().nullable() }),
  z.strictObject({ action: z.literal('squeeze'), factor: z.number(), requestsPerDay: z.number().nullable() }),
  z.strictObject({ action: z.literal('step_up'), grace: z.number(), means: z.array(z.enum(meansNames)) }),
  z.strictObject({ action: z.literal('decoy'), upstream: z.string() }),
  z.strictObject({ action: z.literal('cooldown') }),
  z.strictObject({ action: z.literal('quarantine') }),
  z.strictObject({ action: z.literal('block') }),
])

const stored = z.strictObject({
  v: z.literal(1),
  graceLeft: z.int().min(0),
  action: z.strictObject({
    id: z.string(),
    spec,
    subject: z.strictObject({ kind: z.enum(subjectKinds), value: z.string() }),
    scope: z.array(z.strictObject({ dimension: z.enum(dimensions), globs: z.array(z.string()) })),
    mode: z.enum(['enforce', 'shadow']),
    heldBack: z.boolean(),
    by: z.strictObject({ kind: z.enum(['playbook', 'operator', 'containment', 'decoy']), name: z.string() }),
    reason: z.string(),
    level: z.enum(levels).nullable(),
    evidence: z.number().nullable(),
    findings: z.array(z.string()),
    campaign: z.string().nullable(),
    group: z.string().nullable(),
    atMs: z.number(),
    untilMs: z.number(),
  }),
})

export interface Stored {
  readonly action: AppliedAction
  readonly graceLeft: number
}

export const written = ({ action, graceLeft }: Stored): string => JSON.stringify({ v: 1, graceLeft, action })

/** null: it cannot be read. */
export function readStored(text: string): Stored | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const parsed = stored.safeParse(value)
  return parsed.success ? parsed.data : null
}
