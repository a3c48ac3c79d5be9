import * as z from 'zod'
import {
  type ActionSpec,
  type AppliedAction,
  firmness,
  type InForceName,
  meansNames,
  type Scope,
  type SubjectKind,
  subjectKinds,
} from './core/action.ts'
import type { Clock } from './core/clock.ts'
import { err, ok, type Result } from './core/result.ts'
import { parseDate } from './config/date.ts'
import { parseDuration } from './config/units.ts'
import type { ActionRegister } from './actions/register.ts'
import { type Containment, type ContainmentDesk, procedures, type RolledBack } from './containment.ts'
import { killSwitch, readMatch, readMatchObject, readTarget, type Target } from './subjects.ts'

/**
 * What people do to actions in force, as they write it: read, checked, done, and on the disk before it is acknowledged. The control
 * plane and the commands both come through here, so that they say and allow the same.
 */
export interface ByHand {
  list(filter: Filter): readonly AppliedAction[]
  get(id: string): AppliedAction | null
  graceLeft(id: string): number
  apply(written: unknown): Done<AppliedAction>
  lift(id: string, written: unknown): Done<AppliedAction>
  contained(): readonly Containment[]
  contain(written: unknown): Done<Containment>
  rollback(group: string, written: unknown): Done<RolledBack>
}

export interface Filter {
  readonly subject: Target['subject'] | null
  readonly kind: SubjectKind | null
  readonly action: InForceName | null
}

/** `kept`: it is done, and a restart would forget it. */
export type Done<T> = Result<
  T,
  { readonly why: 'unreadable' | 'unknown' | 'refused' | 'kept'; readonly message: string }
>

export interface ByHandOptions {
  readonly register: ActionRegister
  readonly containment: ContainmentDesk
  readonly clock: Clock
  upstreams(): ReadonlyMap<string, unknown>
}

/** Nothing is in force for good: whoever still wants it in a year says so again. */
const LONGEST_MS = 366 * 86_400_000

const durationMs = z.string().transform((text, ctx) => {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  ctx.addIssue('not a duration such as 30m, 6h, 1d')
  return z.NEVER
})
const list = <T extends z.ZodType>(one: T) => z.union([one.transform((value) => [value]), z.array(one).min(1)])
const range = (mostMs: number) =>
  z
    .tuple([durationMs.pipe(z.number().max(mostMs)), durationMs.pipe(z.number().max(mostMs))])
    .refine(([least, most]) => least <= most, 'the shortest comes first')

/** As in a playbook: the same names, units and bounds. */
const settings = {
  throttle: z
    .strictObject({ requests_per_minute: z.number().min(0.1).max(100_000) })
    .transform((value): ActionSpec => ({
      action: 'throttle',
      requestsPerMinute: value.requests_per_minute,
    })),
  tarpit: z
    .strictObject({
      first_byte: range(300_000).default([2000, 8000]),
      per_chunk: range(60_000).default([50, 400]),
    })
    .transform((value): ActionSpec => ({
      action: 'tarpit',
      firstByteMs: value.first_byte,
      perChunkMs: value.per_chunk,
    })),
  restrict: z
    .strictObject({
      max_tokens: z.int().min(1).max(10_000_000).nullable().default(null),
      model: z.string().min(1).max(128).nullable().default(null),
    })
    .transform((value): ActionSpec => ({ action: 'restrict', maxTokens: value.max_tokens, model: value.model })),
  squeeze: z
    .strictObject({
      factor: z.number().min(0.001).max(1).default(1),
      requests_per_day: z.int().min(1).max(1_000_000_000).nullable().default(null),
    })
    .refine(
      ({ factor, requests_per_day }) => factor < 1 || requests_per_day !== null,
      'squeezes nothing: write a factor below 1, or requests_per_day',
    )
    .transform((value): ActionSpec => ({
      action: 'squeeze',
      factor: value.factor,
      requestsPerDay: value.requests_per_day,
    })),
  step_up: z
    .strictObject({
      grace: z.int().min(0).max(10_000).default(20),
      means: list(z.enum(meansNames)).default(['proof_of_work', 'attestation', 'purpose']),
    })
    .transform((value): ActionSpec => ({ action: 'step_up', grace: value.grace, means: value.means })),
  decoy: z
    .strictObject({ upstream: z.string().min(1) })
    .transform((value): ActionSpec => ({ action: 'decoy', upstream: value.upstream })),
  cooldown: z.strictObject({}).transform((): ActionSpec => ({ action: 'cooldown' })),
  quarantine: z.strictObject({}).transform((): ActionSpec => ({ action: 'quarantine' })),
  block: z.strictObject({}).transform((): ActionSpec => ({ action: 'block' })),
} satisfies Record<InForceName, z.ZodType<ActionSpec>>

const signed = { by: z.string().trim().min(1).max(100), reason: z.string().trim().min(1).max(500) }
const lasting = { for: durationMs.optional(), until: z.string().optional() }
const signature = z.strictObject(signed)
const glob = z.string().max(256)
const applying = z.strictObject({
  action: z.enum(firmness),
  settings: z.record(z.string(), z.unknown()).default({}),
  subject: z.string().max(2048).optional(),
  match: z.union([z.string().max(2048), z.record(z.string(), z.union([glob, z.array(glob)]))]).optional(),
  mode: z.enum(['enforce', 'shadow']).default('enforce'),
  ...signed,
  ...lasting,
})
const containing = z.strictObject({
  procedure: z.enum(procedures),
  args: z.array(z.string().max(2048)).default([]),
  ...signed,
  ...lasting,
})

export function byHand({ register, containment, clock, upstreams }: ByHandOptions): ByHand {
  const kept = <T>(value: T): Done<T> => {
    const problem = containment.flush()
    return problem === null
      ? ok(value)
      : no('kept', `Done, but not on the disk, and a restart would forget it: ${problem}`)
  }
  return {
    list({ subject, kind, action }) {
      const nowMs = clock.now()
      const all = subject === null ? register.list() : register.of(subject)
      return all
        .filter(
          (one) =>
            one.untilMs > nowMs &&
            (kind === null || one.subject.kind === kind) &&
            (action === null || one.spec.action === action),
        )
        .toReversed()
    },
    get(id) {
      const action = register.get(id)
      return action === null || action.untilMs <= clock.now() ? null : action
    },
    graceLeft: (id) => register.graceLeft(id),
    apply(written) {
      const nowMs = clock.now()
      const parsed = applying.safeParse(written)
      if (!parsed.success) return no('unreadable', z.prettifyError(parsed.error))
      const { action, mode, by, reason, ...rest } = parsed.data
      const spec = settings[action].safeParse(rest.settings)
      if (!spec.success) return no('unreadable', `settings of ${action}: ${z.prettifyError(spec.error)}`)
      const target = targetOf(rest.subject, rest.match)
      if (!target.ok) return no('unreadable', target.error)
      const untilMs = endOf(rest, nowMs)
      if (!untilMs.ok) return no('unreadable', untilMs.error)
      if (spec.data.action === 'decoy' && !upstreams().has(spec.data.upstream)) {
        return no(
          'refused',
          `there is no upstream "${spec.data.upstream}"; there is ${[...upstreams().keys()].join(', ')}`,
        )
      }
      const done = register.apply({
        ...target.value,
        spec: spec.data,
        mode,
        heldBack: false,
        by: { kind: 'operator', name: by },
        reason,
        level: null,
        evidence: null,
        findings: [],
        campaign: target.value.subject.kind === 'campaign' ? target.value.subject.value : null,
        group: null,
        atMs: nowMs,
        untilMs: untilMs.value,
      })
      return done.ok ? kept(done.value) : no('refused', done.error)
    },
    lift(id, written) {
      const parsed = signature.safeParse(written)
      if (!parsed.success) return no('unreadable', z.prettifyError(parsed.error))
      const { by, reason } = parsed.data
      const ended = register.end(id, 'lifted', by, clock.now(), reason)
      return ended === null ? no('unknown', `No action "${id.slice(0, 64)}" is in force.`) : kept(ended)
    },
    contained: () => containment.list(clock.now()),
    contain(written) {
      const nowMs = clock.now()
      const parsed = containing.safeParse(written)
      if (!parsed.success) return no('unreadable', z.prettifyError(parsed.error))
      const { procedure, args, by, reason, ...rest } = parsed.data
      const untilMs = endOf(rest, nowMs)
      if (!untilMs.ok) return no('unreadable', untilMs.error)
      const done = containment.contain({ procedure, args, by, reason, atMs: nowMs, untilMs: untilMs.value })
      return done.ok ? kept(done.value) : no('refused', done.error)
    },
    rollback(group, written) {
      const parsed = signature.safeParse(written)
      if (!parsed.success) return no('unreadable', z.prettifyError(parsed.error))
      const { by, reason } = parsed.data
      const done = containment.rollback(group, by, reason, clock.now())
      return done === null ? no('unknown', `Nothing is contained as "${group.slice(0, 64)}".`) : kept(done)
    },
  }
}

/** What is asked for when a list is. The error says how it is written. */
export function readFilter(
  written: Readonly<Record<'subject' | 'kind' | 'action', string | undefined>>,
): Result<Filter, string> {
  const { kind, action } = written
  const subject = written.subject === undefined ? null : readTarget(written.subject)
  if (subject !== null && !subject.ok) return subject
  const isKind = (text: string): text is SubjectKind => subjectKinds.includes(text as SubjectKind)
  const isAction = (text: string): text is InForceName => firmness.includes(text as InForceName)
  if (kind !== undefined && !isKind(kind)) return err(`"kind" is one of ${subjectKinds.join(', ')}.`)
  if (action !== undefined && !isAction(action)) return err(`"action" is one of ${firmness.join(', ')}.`)
  return ok({ subject: subject?.value.subject ?? null, kind: kind ?? null, action: action ?? null })
}

const no = (
  why: 'unreadable' | 'unknown' | 'refused' | 'kept',
  message: string,
): Result<never, { why: typeof why; message: string }> => err({ why, message })

type WrittenMatch = z.output<typeof applying>['match']

function targetOf(subject: string | undefined, match: WrittenMatch): Result<Target, string> {
  const scope: Result<Scope, string> =
    match === undefined ? ok([]) : typeof match === 'string' ? readMatch(match) : readMatchObject(match)
  if (!scope.ok) return scope
  if (subject === undefined) {
    return match === undefined
      ? err('say on whom: a "subject", or a "match" alone for a kill switch')
      : ok(killSwitch(scope.value))
  }
  const target = readTarget(subject)
  if (!target.ok || match === undefined) return target
  return target.value.subject.kind === 'descriptor'
    ? err('a kill switch has one match: write it as the subject or as "match"')
    : ok({ ...target.value, scope: scope.value })
}

function endOf(
  written: { for?: number | undefined; until?: string | undefined },
  nowMs: number,
): Result<number, string> {
  if ((written.for === undefined) === (written.until === undefined)) {
    return err('say how long: either "for", such as 6h, or "until", such as 2026-12-31T00:00:00Z')
  }
  const untilMs = written.for === undefined ? parseDate(written.until!) : nowMs + written.for
  if (untilMs === null) return err('"until" is no RFC 3339 time such as 2026-12-31T00:00:00Z')
  if (!(untilMs > nowMs)) return err('it would be over before it begins')
  return untilMs - nowMs > LONGEST_MS ? err('nothing is in force by hand for more than 366d') : ok(untilMs)
}
