import { Hono } from 'hono'
import * as z from 'zod'
import type { Recorder } from '../audit/recorder.ts'
import { sealedKinds } from '../core/record-log.ts'

const subject = z.strictObject({ kind: z.enum(sealedKinds), value: z.string().min(1).max(512) })

/** The log of this Weir: where it stands, and what an operator does to it. */
export function auditApi(log: Recorder | null): Hono {
  const app = new Hono()
  if (log === null) return app.all('*', (c) => c.json({ error: 'There is no log without a data_dir.' }, 404))
  app.get('/', (c) => {
    const { size, vkey, queued, lost, trouble } = log.stats
    return c.json({ origin: log.origin, key: vkey, size, queued, lost, writing: log.isWriting, trouble })
  })
  // What somebody keeps to show later that nothing was rolled back.
  app.get('/checkpoint', (c) => c.text(log.stats.checkpoint))
  app.post('/rotate-key', async (c) => c.json({ key: await log.rotateKey() }))
  app.post('/erase', async (c) => {
    const parsed = subject.safeParse(await c.req.json().catch(() => null))
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400)
    const { kind, value } = parsed.data
    return (await log.erase(kind, value))
      ? c.json({ erased: kind })
      : c.json({ error: 'The log holds nothing of this subject.' }, 404)
  })
  return app
}
