import { Hono } from 'hono'
import * as z from 'zod'
import type { Weir } from '../compose.ts'
import { jsonOf } from './asked.ts'

const subject = {
  kind: z.enum(['cidr', 'asn', 'ja4', 'key', 'fingerprint']),
  value: z.string().min(1).max(256),
}

const entry = z.strictObject({
  ...subject,
  score: z.number().min(0).max(100),
  expires: z.iso.datetime({ offset: true }).nullable().default(null),
  reason: z.string().min(1).max(500),
})

/** What operators say of networks, keys and programs while Weir runs: read, said and taken back. */
export function reputationApi({ reputation }: Weir): Hono {
  const app = new Hono()
  app.get('/', (c) =>
    c.json(
      reputation.entries.map(({ subject, score, expiresAtMs, reason }) => {
        return { ...subject, score, expires: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(), reason }
      }),
    ),
  )
  app.post('/', async (c) => {
    const parsed = entry.safeParse(await jsonOf(c.req.raw))
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400)
    const { kind, value, score, expires, reason } = parsed.data
    const expiresAtMs = expires === null ? null : Date.parse(expires)
    const done = reputation.put({ subject: { kind, value }, score, expiresAtMs, reason, source: 'operator' })
    return done.ok ? c.json({ kind, value, score }) : c.json({ error: done.error }, 422)
  })
  app.delete('/', (c) => {
    const parsed = z.object(subject).safeParse(c.req.query())
    if (!parsed.success) return c.json({ error: 'Say of whom: ?kind=cidr&value=192.0.2.0/24' }, 400)
    const done = reputation.remove(parsed.data.kind, parsed.data.value)
    return done.ok ? c.json({ removed: parsed.data }) : c.json({ error: done.error }, 404)
  })
  return app
}
