import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Recorder } from '../audit/recorder.ts'
import type { Weir } from '../compose.ts'
import { actionsApi } from './actions.ts'
import { auditApi } from './audit.ts'
import { containmentApi } from './containment.ts'
import type { Metrics } from './metrics.ts'
import { detectionApi } from './detection.ts'
import { reputationApi } from './reputation.ts'
import { reviewApi } from './review.ts'
import { stepUpApi } from './step-up.ts'

/**
 * The control plane: what operators and their tools read. It has its own listener, so that no route of it can be reached
 * from where clients are, and everything but the two probes wants the control token.
 */
export interface ControlOptions {
  readonly weir: Weir
  readonly metrics: Metrics
  readonly log: Recorder | null
  readonly token: string
  /** Reads the configuration again; gives what is wrong with it, or null when it is in force. */
  reload(): string | null
  /** What is wrong with the configuration on disk, while the last good one stays in force. */
  readonly configProblem: string | null
}

export function controlApp(options: ControlOptions): Hono {
  const { weir, metrics, log } = options
  const app = new Hono()
  app.use(bodyLimit({ maxSize: 64 * 1024 }))
  app.get('/livez', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => {
    const { draining, degradedCounters } = weir.stats
    const problem = options.configProblem
    const isRefusing = log !== null && !log.isWriting && weir.config.onError.audit === 'deny'
    return c.json(
      {
        status: draining ? 'draining' : isRefusing ? 'not on record' : 'ok',
        config: weir.config.hash,
        limits: degradedCounters === 0 ? 'live' : 'degraded',
        // A bad file must not take down a fleet that runs well on the last good one: it is told, and stays ready.
        audit: log === null ? 'off' : log.isWriting ? 'writing' : 'not writing',
        config_on_disk: problem === null ? 'in force' : 'refused; the last good one is in force',
      },
      draining || isRefusing ? 503 : 200,
    )
  })
  const wanted = digest(options.token)
  app.use(async (c, next) => {
    const sent = c.req.header('authorization') ?? ''
    const token = sent.slice(0, 7).toLowerCase() === 'bearer ' ? sent.slice(7) : ''
    if (timingSafeEqual(digest(token), wanted)) return next()
    return c.json({ error: 'Send the control token as "Authorization: Bearer <token>".' }, 401, {
      'www-authenticate': 'Bearer',
    })
  })
  app.use(async (c, next) => {
    await next()
    if (log === null || c.req.method === 'GET' || !c.res.ok) return
    // What an operator does is on the disk before it is acknowledged.
    const problem = await log.settled().then(
      () => null,
      (error: Error) => error.message,
    )
    if (problem !== null) c.res = c.json({ error: `Done, but ${problem}` }, 503)
  })
  app.get('/metrics', async (c) => c.body(await metrics.render(), 200, { 'content-type': metrics.contentType }))
  app.get('/api/v1/quotas', (c) => {
    const key = c.req.query('key')
    if (key === undefined || key === '') return c.json({ error: 'Say whose: /api/v1/quotas?key=ID' }, 400)
    const rows = weir.quotasOf(key)
    return rows === null ? c.json({ error: `There is no key with the id "${key.slice(0, 64)}".` }, 404) : c.json(rows)
  })
  app.route('/api/v1/reputation', reputationApi(weir))
  app.route('/api/v1/detection', detectionApi(weir))
  app.route('/api/v1/actions', actionsApi(weir))
  app.route('/api/v1/contain', containmentApi(weir))
  app.route('/api/v1/review', reviewApi(weir))
  app.route('/api/v1/step-up', stepUpApi(weir))
  app.route('/api/v1/audit', auditApi(log))
  app.get('/api/v1/status', (c) => c.json({ config: weir.config.hash, ...weir.stats }))
  app.post('/api/v1/config/reload', (c) => {
    const problem = options.reload()
    return problem === null ? c.json({ config: weir.config.hash }) : c.json({ error: problem }, 422)
  })
  app.notFound((c) => c.json({ error: 'There is no such page.' }, 404))
  app.onError((error, c) => {
    const status = 'status' in error && typeof error.status === 'number' ? error.status : 500
    return c.json(
      { error: status === 500 ? 'Something went wrong in the control plane.' : error.message },
      status as 500,
    )
  })
  return app
}

/** Hashing first makes the comparison independent of lengths. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
