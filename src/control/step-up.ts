import { Hono } from 'hono'
import * as z from 'zod'
import type { Weir } from '../compose.ts'
import { jsonOf } from './asked.ts'

type Review = ReturnType<Weir['stepUp']['reviews']>[number]

const asked = z.object({
  state: z.enum(['pending', 'accepted', 'rejected', 'all']).default('pending'),
  /** The oldest first. */
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

const decision = z.strictObject({ decision: z.enum(['accept', 'reject']), by: z.string().trim().min(1).max(100) })

/** What accounts have declared or asked for, for a person to decide about: purposes, and leave to distil. */
export function stepUpApi({ stepUp }: Weir): Hono {
  const app = new Hono()
  app.get('/reviews', (c) => {
    const parsed = asked.safeParse(c.req.query())
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400)
    const { state, limit } = parsed.data
    const wanted = (review: Review): boolean => state === 'all' || review.state === state
    return c.json(stepUp.reviews().filter(wanted).slice(0, limit).map(shown))
  })
  app.post('/reviews/:id', async (c) => {
    const parsed = decision.safeParse(await jsonOf(c.req.raw))
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400)
    const done = stepUp.decide(c.req.param('id'), parsed.data.decision, parsed.data.by)
    return done.ok ? c.json(shown(done.value)) : c.json({ error: done.error }, 409)
  })
  return app
}

const shown = ({ id, account, asked, atMs, state, by, decidedMs, used }: Review): object => ({
  id,
  account,
  means: asked.means,
  state,
  at: new Date(atMs).toISOString(),
  purpose: asked.purpose,
  contact: asked.contact,
  ...(asked.means === 'grant'
    ? { models: asked.models, tokens: asked.tokens, days: asked.days, tokens_used: used }
    : { requests_per_day: asked.requestsPerDay, requests_used: used }),
  decided_by: by,
  decided_at: decidedMs === null ? null : new Date(decidedMs).toISOString(),
})
