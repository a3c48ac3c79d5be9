import { Hono } from 'hono'
import * as z from 'zod'
import type { Weir } from '../compose.ts'
import { isoTime } from './actions.ts'
import { badLimit, jsonOf, limitOf } from './asked.ts'

const verdict = z.strictObject({ verdict: z.enum(['right', 'wrong']), by: z.string().min(1).max(128) })

/** What it needs of a Weir, whether it runs or not. */
export interface ReviewDesk {
  readonly actions: Pick<Weir['actions'], 'list'>
  readonly response: Pick<Weir['response'], 'review'> & {
    readonly truth: Pick<Weir['response']['truth'], 'reviewOf' | 'rules'>
  }
}

/** Whether actions were right, as people say who have looked: what is to be looked at, what was said, how rules have done. */
export function reviewApi({ actions, response }: ReviewDesk): Hono {
  const { truth } = response
  const app = new Hono()
  app.get('/', (c) => {
    const limit = limitOf(c.req.query('limit'))
    if (limit === null) return c.json(badLimit, 400)
    const open = actions
      .list()
      .filter(({ id, by }) => by.kind === 'playbook' && truth.reviewOf(id) === null)
      // Those held back first: nobody was hurt by looking at them, and they say most.
      .toSorted((a, b) => Number(b.heldBack) - Number(a.heldBack) || (b.evidence ?? 0) - (a.evidence ?? 0))
    return c.json(
      open.slice(0, limit).map(({ id, spec, subject, by, level, evidence, findings, heldBack, atMs }) => {
        const { action } = spec
        const rule = by.name
        return { id, action, subject, rule, level, evidence, findings, held_back: heldBack, at: isoTime(atMs) }
      }),
      200,
      { 'x-total-count': String(open.length) },
    )
  })
  app.get('/rules', (c) =>
    c.json(
      truth.rules().map(({ rule, applied, right, wrong, wrongAtLeast, wrongAtMost, demoted }) => {
        return { rule, applied, right, wrong, wrong_at_least: wrongAtLeast, wrong_at_most: wrongAtMost, demoted }
      }),
    ),
  )
  app.post('/:id', async (c) => {
    const parsed = verdict.safeParse(await jsonOf(c.req.raw))
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400)
    const { verdict: said, by } = parsed.data
    const done = response.review(c.req.param('id'), said, by)
    if (!done.ok) return c.json({ error: done.error }, 404)
    const { action, rule, atMs } = done.value
    return c.json({ action, rule, verdict: said, by, at: isoTime(atMs) })
  })
  return app
}
