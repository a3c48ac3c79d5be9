import * as z from 'zod'
import { complain, type ComplaintIssue, duration, label, nothingLeft, onAnyMap, word } from './fields.ts'
import { matchWhen } from './match.ts'
import { action, mode } from './playbook-actions.ts'
import type { Playbook, PlaybookAction, PlaybookLevel } from './response-config.ts'
import { formatDuration } from './units.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const MAX_MS = 366 * DAY_MS

/** Lowest first. */
export const playbookLevels: readonly PlaybookLevel['level'][] = ['notice', 'step_up', 'tarpit', 'squeeze', 'block']

const fields = {
  evidence: z
    .number()
    .min(1)
    .max(1e12)
    .optional()
    .describe('From how much; where nothing is said, as detection.ladder has it.'),
  mode: mode.default('enforce'),
  actions: z.array(action).default([]),
  alert: z.array(label).default([]).describe('Names of alerts.'),
}

interface Written {
  readonly mode: string
  readonly actions: readonly (PlaybookAction | undefined)[]
  readonly alert: readonly string[]
}

type Context = { addIssue(issue: ComplaintIssue): void }

const notice = z.strictObject(fields).superRefine(({ actions }, ctx) => {
  if (!Array.isArray(actions) || actions.length === 0) return
  const message = 'notice tells operators, and nobody meets anything at it'
  ctx.addIssue(complain({ message, hint: 'move its actions to step_up or above' }, ['actions']))
}, onAnyMap)

const level = z.strictObject(fields).superRefine(checkLevel, onAnyMap)

const isOn = (mode: string): boolean => mode === 'enforce' || mode === 'shadow'

/** What cannot be read is told of by its own check: here it may be anything. */
function checkLevel({ mode, actions, alert }: Written, ctx: Context): void {
  if (!Array.isArray(actions) || !Array.isArray(alert)) return
  if (actions.length === 0 && alert.length === 0 && isOn(mode)) {
    const hint = 'add actions or an alert, or remove the level: what the ones below do goes on'
    ctx.addIssue(complain({ message: 'does nothing', hint }))
  }
  const seen = new Map<string, number>()
  for (const [i, one] of (actions as Written['actions']).entries()) {
    if (one?.spec === undefined) continue
    const { on, spec } = one
    const before = seen.get(`${spec.action} ${on}`)
    if (before === undefined) seen.set(`${spec.action} ${on}`, i)
    else {
      const message = `a second ${spec.action} on the same ${on}: the first is actions[${before}]`
      ctx.addIssue(complain({ message, hint: 'keep one of the two, or write another subject' }, ['actions', i]))
    }
    const other = spec.action === 'block' ? 'step_up' : spec.action === 'step_up' ? 'block' : null
    if (other === null || !(actions as Written['actions']).slice(0, i).some((one) => one?.spec?.action === other))
      continue
    const message = `${spec.action} beside ${other}: nobody can pass a step-up and stay blocked`
    ctx.addIssue(complain({ message, hint: 'write step_up at a lower level, block at a higher one' }, ['actions', i]))
  }
}

const levels = z
  .strictObject({
    notice: notice.optional(),
    step_up: level.optional(),
    tarpit: level.optional(),
    squeeze: level.optional(),
    block: level.optional(),
  } satisfies Record<PlaybookLevel['level'], unknown>)
  .transform((written): readonly PlaybookLevel[] =>
    playbookLevels.flatMap((level) => {
      const found = written[level]
      if (found === undefined) return []
      const { evidence, mode, actions, alert, ...rest } = found
      nothingLeft(rest)
      return [{ level, evidence: evidence ?? null, mode, actions, alert }]
    }),
  )

const playbook = z
  .strictObject({
    name: word(
      /^[a-z0-9-]{1,48}$/,
      { message: 'not a name of 1 to 48 lower-case letters, digits and "-"', hint: 'write for instance default' },
      ['default'],
    ),
    mode: mode.default('enforce'),
    match: matchWhen.optional().describe('Whom it is for; everybody where nothing is said.'),
    levels: levels.prefault({}),
    cooldown: duration(1000, MAX_MS, '1d')
      .optional()
      .describe('How long somebody who shows nothing new stays at a level; 1d where nothing is said.'),
    hysteresis: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.5)
      .describe('A level is left once evidence is below this part of what it takes to reach it.'),
    probation: z
      .strictObject({
        lasts: duration(0, MAX_MS, '7d').prefault('7d'),
        factor: z.number().min(0.001).max(1).default(0.5).describe('On limits, after the last level.'),
      })
      .prefault({}),
    longest: duration(MINUTE_MS, MAX_MS, '30d').optional().describe('No action lasts longer without new evidence.'),
  })
  .superRefine(checkPlaybook, onAnyMap)
  .transform((fields): Playbook => {
    const { name, mode, match, levels, cooldown, hysteresis, probation, longest, ...rest } = fields
    nothingLeft(rest)
    const { lasts, factor, ...restOfProbation } = probation
    nothingLeft(restOfProbation)
    const longestMs = longest ?? 30 * DAY_MS
    return {
      name,
      mode,
      match: match?.match ?? [],
      when: match?.when ?? null,
      levels,
      cooldownMs: cooldown ?? Math.min(DAY_MS, longestMs),
      hysteresis,
      probation: { lastsMs: lasts, factor },
      longestMs,
    }
  })

interface WrittenPlaybook {
  readonly mode: string
  readonly levels: readonly (Partial<PlaybookLevel> | null)[]
  readonly cooldown?: number | undefined
  readonly longest?: number | undefined
}

/** As above: what cannot be read may be anything. */
function checkPlaybook({ mode, levels, cooldown, longest }: WrittenPlaybook, ctx: Context): void {
  if (!Array.isArray(levels)) return
  if (levels.length === 0 && isOn(mode)) {
    const hint = 'add levels, or write mode: "off" where nobody shall meet anything'
    ctx.addIssue(complain({ message: 'has no levels', hint }))
  }
  const acts = (levels as WrittenPlaybook['levels']).some((level) => (level?.actions?.length ?? 0) > 0)
  if (acts && longest === undefined) {
    const message = 'has no exit: nothing says how long an action lasts at the most'
    ctx.addIssue(complain({ message, hint: 'add for instance longest: 30d' }))
  }
  if (typeof cooldown === 'number' && typeof longest === 'number' && cooldown > longest) {
    const message = 'can never pass: actions end before, with longest'
    ctx.addIssue(complain({ message, hint: `write at most ${formatDuration(longest)}` }, ['cooldown']))
  }
}

export const playbooks: z.ZodType<readonly Playbook[]> = z.array(playbook)
