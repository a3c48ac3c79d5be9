import { Hono } from 'hono'
import type { ByHand } from '../by-hand.ts'
import type { Containment } from '../containment.ts'
import { isoTime, statusOf } from './actions.ts'
import { jsonOf } from './asked.ts'

/** Procedures of containment: started, listed and rolled back. */
export function containmentApi({ byHand }: { readonly byHand: ByHand }): Hono {
  const app = new Hono()
  app.get('/', (c) => c.json(byHand.contained().map(containmentRow)))
  app.post('/', async (c) => {
    const done = byHand.contain(await jsonOf(c.req.raw))
    return done.ok ? c.json(containmentRow(done.value)) : c.json({ error: done.error.message }, statusOf(done))
  })
  app.post('/:group/rollback', async (c) => {
    const done = byHand.rollback(c.req.param('group'), await jsonOf(c.req.raw))
    if (!done.ok) return c.json({ error: done.error.message }, statusOf(done))
    const { containment, ended } = done.value
    return c.json({ rolled_back: containmentRow(containment), actions_ended: ended })
  })
  return app
}

const containmentRow = ({ group, procedure, args, by, reason, atMs, untilMs }: Containment): object => ({
  group,
  procedure,
  args,
  by,
  reason,
  at: isoTime(atMs),
  until: isoTime(untilMs),
})
