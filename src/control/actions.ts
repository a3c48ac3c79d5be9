import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type ByHand, type Done, readFilter } from '../by-hand.ts'
import type { ActionSpec, AppliedAction } from '../core/action.ts'
import { subjectText } from '../subjects.ts'
import { badLimit, jsonOf, limitOf } from './asked.ts'

/** The actions in force, with the evidence behind each: listed, applied and lifted by hand. */
export function actionsApi({ byHand }: { readonly byHand: ByHand }): Hono {
  const app = new Hono()
  const row = (action: AppliedAction): object => actionRow(action, byHand.graceLeft(action.id))
  app.get('/', (c) => {
    const limit = limitOf(c.req.query('limit'))
    if (limit === null) return c.json(badLimit, 400)
    const { subject, kind, action } = c.req.query()
    const filter = readFilter({ subject, kind, action })
    if (!filter.ok) return c.json({ error: filter.error }, 400)
    const found = byHand.list(filter.value)
    return c.json(found.slice(0, limit).map(row), 200, { 'x-total-count': String(found.length) })
  })
  app.post('/', async (c) => {
    const done = byHand.apply(await jsonOf(c.req.raw))
    return done.ok ? c.json(row(done.value)) : c.json({ error: done.error.message }, statusOf(done))
  })
  app.get('/:id', (c) => {
    const action = byHand.get(c.req.param('id'))
    return action === null ? c.json({ error: 'No such action is in force.' }, 404) : c.json(row(action))
  })
  app.delete('/:id', async (c) => {
    // Not every client can send a body with a DELETE.
    const done = byHand.lift(c.req.param('id'), (await jsonOf(c.req.raw)) ?? c.req.query())
    return done.ok ? c.json({ lifted: row(done.value) }) : c.json({ error: done.error.message }, statusOf(done))
  })
  return app
}

export const statusOf = (refused: Done<unknown> & { readonly ok: false }): ContentfulStatusCode =>
  ({ unreadable: 400, unknown: 404, refused: 422, kept: 503 } as const)[refused.error.why]

export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString()

function actionRow(one: AppliedAction, graceLeft: number): object {
  const { id, spec, subject, scope, mode, heldBack, by, reason, level, evidence, findings, campaign, group } = one
  return {
    id,
    action: spec.action,
    settings: settingsOf(spec),
    subject: subjectText(subject),
    match: Object.fromEntries(scope.map(({ dimension, globs }) => [dimension, globs])),
    mode,
    held_back: heldBack,
    by,
    reason,
    level,
    evidence,
    findings,
    campaign,
    group,
    grace_left: spec.action === 'step_up' ? graceLeft : null,
    at: isoTime(one.atMs),
    until: isoTime(one.untilMs),
  }
}

/** As they are written when an action is applied, times in milliseconds. */
function settingsOf(spec: ActionSpec): object {
  switch (spec.action) {
    case 'throttle':
      return { requests_per_minute: spec.requestsPerMinute }
    case 'tarpit':
      return { first_byte: spec.firstByteMs.map(inMs), per_chunk: spec.perChunkMs.map(inMs) }
    case 'restrict':
      return { max_tokens: spec.maxTokens, model: spec.model }
    case 'squeeze':
      return { factor: spec.factor, requests_per_day: spec.requestsPerDay }
    case 'step_up':
      return { grace: spec.grace, means: spec.means }
    case 'decoy':
      return { upstream: spec.upstream }
    case 'cooldown':
    case 'quarantine':
    case 'block':
      return {}
  }
}

const inMs = (durationMs: number): string => `${durationMs}ms`
