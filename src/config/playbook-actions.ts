import * as z from 'zod'
import { type ActionSpec, firmness, meansNames, type Range, type SubjectKind } from '../core/action.ts'
import { complain, type ComplaintIssue, duration, nothingLeft, onAnyList, onAnyMap, word } from './fields.ts'
import type { Mode, PlaybookAction } from './response-config.ts'

export const mode: z.ZodType<Mode> = z.enum(['enforce', 'shadow', 'off'])

/** Kill switches are by hand: a playbook speaks of somebody. */
const subjects = [
  'key',
  'user',
  'account',
  'ip_prefix',
  'asn',
  'fingerprint',
  'campaign',
] as const satisfies readonly Exclude<SubjectKind, 'descriptor'>[]

/** Behind these are people who have nothing in common but their network. */
const crowds: ReadonlySet<string> = new Set(['ip_prefix', 'asn'])

const MINUTE_MS = 60_000

/** The name of a model as it is written in a request: no glob. */
export const modelName = (example: string): z.ZodType<string> =>
  word(
    /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/,
    { message: 'not the name of a model', hint: `write one name and no glob, for instance ${example}` },
    [example],
  )

const range = (maxMs: number, example: readonly [string, string]): z.ZodType<Range> =>
  z
    .array(duration(0, maxMs, example[0]))
    .meta({ examples: [[...example]] })
    .superRefine((value, ctx) => {
      const hint = `write for instance [${example.join(', ')}]`
      const [least, most] = value
      if (value.length !== 2)
        ctx.addIssue(complain({ message: 'not two durations, the shortest and the longest', hint }))
      else if (typeof most === 'number' && least! > most)
        ctx.addIssue(complain({ message: 'the shortest comes first', hint }))
    }, onAnyList)
    .transform(([least, most]) => [least!, most!] as const)

const throttle = z.strictObject({
  requests_per_minute: z
    .number()
    .min(0.1)
    .max(100_000)
    .meta({ examples: [6] }),
})

const firstByte = ['2s', '8s'] as const
const perChunk = ['50ms', '400ms'] as const

const tarpit = z
  .strictObject({
    first_byte: range(5 * MINUTE_MS, firstByte).prefault([...firstByte]),
    per_chunk: range(MINUTE_MS, perChunk).prefault([...perChunk]),
  })
  .superRefine(({ first_byte, per_chunk }, ctx) => {
    if (first_byte?.[1] !== 0 || per_chunk?.[1] !== 0) return
    ctx.addIssue(complain({ message: 'slows nothing', hint: 'write for instance first_byte: [2s, 8s]' }))
  }, onAnyMap)

const restrict = z.strictObject({
  max_tokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .meta({ examples: [512] }),
  model: modelName('gpt-4o-mini').optional().describe('A cheaper model that answers instead.'),
})

const squeeze = z
  .strictObject({
    factor: z.number().min(0.001).max(1).default(1).describe('On the own limits of whom it falls on.'),
    requests_per_day: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe('One budget for all that it falls on together.'),
  })
  .superRefine(({ factor, requests_per_day }, ctx) => {
    if (factor !== 1 || requests_per_day !== undefined) return
    ctx.addIssue(complain({ message: 'squeezes nothing', hint: 'write a factor below 1, or requests_per_day' }))
  }, onAnyMap)

const means = z
  .array(z.enum(meansNames))
  .min(1)
  .superRefine((value, ctx) => {
    for (const [i, one] of value.entries()) {
      if (value.indexOf(one) === i) continue
      ctx.addIssue(complain({ message: 'named twice', hint: 'name each means once' }, [i]))
    }
  }, onAnyList)

const stepUp = z.strictObject({
  grace: z.int().min(0).max(10_000).default(20).describe('Requests that are still answered, under restrict.'),
  means: means.prefault(['proof_of_work', 'attestation', 'purpose']),
})

const decoy = z.strictObject({
  upstream: z
    .string()
    .min(1)
    .meta({ examples: ['decoy'] }),
})

/** Where there is nothing to set, `block` alone and `{ block: {} }` say the same, and so does `{ block, on: key }`. */
const bare = z.union([z.null(), z.strictObject({})]).meta({ example: {} })

const fields = {
  throttle: throttle.optional(),
  tarpit: z.union([z.null(), tarpit]).optional(),
  restrict: z.union([z.null(), restrict]).optional(),
  step_up: z.union([z.null(), stepUp]).optional(),
  decoy: decoy.optional(),
  squeeze: squeeze.optional(),
  cooldown: bare.optional(),
  quarantine: bare.optional(),
  block: bare.optional(),
} satisfies Record<ActionSpec['action'], unknown>

const words = ['tarpit', 'restrict', 'step_up', 'cooldown', 'quarantine', 'block'] as const

/** The keys of a map that name an action. */
const namedIn = (value: object): readonly ActionSpec['action'][] =>
  firmness.filter((name) => (value as Record<string, unknown>)[name] !== undefined)

const long = z
  .strictObject({
    ...fields,
    on: z.enum(subjects).optional().describe('account where nothing is said'),
    mode: mode.optional(),
  })
  .superRefine((value, ctx) => {
    const names = namedIn(value)
    if (names.length === 0)
      ctx.addIssue(complain({ message: 'names no action', hint: `write one of ${firmness.join(', ')}` }))
    for (const more of names.slice(1)) {
      const message = `an entry is one action, and this one is ${names[0]} already`
      ctx.addIssue(complain({ message, hint: 'write an entry of its own for each' }, [more], 'key'))
    }
    if (names[0] !== undefined && names.length === 1) checkSubject(names[0], value.on, ctx)
  }, onAnyMap)
  .transform(({ on, mode, ...written }): PlaybookAction => ({
    mode: mode ?? 'enforce',
    on: on ?? subjectOf(namedIn(written)[0]),
    spec: specOf(written),
  }))

const subjectOf = (name: ActionSpec['action'] | undefined): PlaybookAction['on'] =>
  name === 'quarantine' ? 'key' : 'account'

function checkSubject(
  name: ActionSpec['action'],
  on: string | undefined,
  ctx: { addIssue(issue: ComplaintIssue): void },
): void {
  if (on === undefined) return
  if (crowds.has(on) && firmness.indexOf(name) > firmness.indexOf('step_up')) {
    const message = `a network alone meets nothing firmer than step_up, and ${name} is firmer`
    ctx.addIssue(complain({ message, hint: 'write on: account or on: campaign, or a milder action' }, ['on']))
  } else if (name === 'quarantine' && on !== 'key') {
    const message = 'a quarantine puts a key out of use, and nothing else'
    ctx.addIssue(complain({ message, hint: 'write on: key, or block' }, ['on']))
  }
}

/** One action of a level: a word, or a map with the action and its settings. */
export const action: z.ZodType<PlaybookAction> = z.union([
  z.enum(words).transform((name): PlaybookAction => ({
    mode: 'enforce',
    on: subjectOf(name),
    spec: specOf({ [name]: null }),
  })),
  long,
])

type Written = { readonly [Name in keyof typeof fields]?: z.output<(typeof fields)[Name]> }

function specOf(written: Written): ActionSpec {
  const { throttle, tarpit, restrict, step_up, decoy, squeeze, cooldown, quarantine, block, ...rest } = written
  nothingLeft(rest)
  if (throttle !== undefined) return { action: 'throttle', requestsPerMinute: throttle.requests_per_minute }
  if (tarpit !== undefined) {
    const { first_byte, per_chunk } = tarpit ?? usualTarpit
    return { action: 'tarpit', firstByteMs: first_byte, perChunkMs: per_chunk }
  }
  if (restrict !== undefined) {
    return { action: 'restrict', maxTokens: restrict?.max_tokens ?? null, model: restrict?.model ?? null }
  }
  if (step_up !== undefined) {
    const { grace, means } = step_up ?? usualStepUp
    return { action: 'step_up', grace, means }
  }
  if (decoy !== undefined) return { action: 'decoy', upstream: decoy.upstream }
  if (squeeze !== undefined) {
    return { action: 'squeeze', factor: squeeze.factor, requestsPerDay: squeeze.requests_per_day ?? null }
  }
  if (cooldown !== undefined) return { action: 'cooldown' }
  if (quarantine !== undefined) return { action: 'quarantine' }
  if (block !== undefined) return { action: 'block' }
  throw new TypeError('an entry that names no action was not refused')
}

const usualTarpit = tarpit.parse({})
const usualStepUp = stepUp.parse({})
