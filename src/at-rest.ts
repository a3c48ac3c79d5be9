import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import type { Config } from './config/config.ts'
import { systemClock, type Clock } from './core/clock.ts'
import { idsFrom, named } from './core/ids.ts'
import type { Records } from './core/records.ts'
import { err, ok, type Result } from './core/result.ts'
import { recordActions, recordContainment } from './action-record.ts'
import { ActionRegister } from './actions/register.ts'
import { type Recorder, startRecorder } from './audit/recorder.ts'
import { byHand } from './by-hand.ts'
import { ContainmentDesk } from './containment.ts'
import { actionsApi } from './control/actions.ts'
import { containmentApi } from './control/containment.ts'
import { reviewApi, type ReviewDesk } from './control/review.ts'
import { recordedRecords } from './record.ts'
import { openSqlite } from './store/sqlite.ts'
import { endActionsOf, Truth } from './truth.ts'

/**
 * The actions of a Weir that does not run, on the files that it left: the same routes as those of its control plane, without a socket.
 * The database's lock keeps it and a Weir that starts meanwhile apart.
 */
export interface AtRest {
  request(path: string, init: { readonly method?: string; readonly body?: string }): Promise<Response>
  close(): Promise<void>
}

const MAX_QUEUED_CHARS = 16 * 1024 * 1024

/** Whoever only reads leaves no trace in the log. The error is for the operator. */
export async function openAtRest(
  config: Config,
  dataDir: string,
  reads: boolean,
  complain: (line: string) => void,
): Promise<Result<AtRest, string>> {
  const clock = systemClock
  const path = join(dataDir, 'weir.db')
  if (!existsSync(path)) return err(`${path}: there is none; no Weir has run on this data_dir yet`)
  const opened = openSqlite(path, clock)
  if (!opened.ok) return opened
  const db = opened.value
  const say = (_level: string, what: string, details: Readonly<Record<string, unknown>>): void =>
    complain(`${what} ${JSON.stringify(details)}`)
  let log: Recorder | null = null
  if (!reads) {
    const started = await startRecorder({
      dataDir,
      origin: config.audit.origin,
      clock,
      maxQueuedChars: MAX_QUEUED_CHARS,
      say,
    })
    if (!started.ok) {
      db.close()
      return started
    }
    log = started.value
  }
  const nextId = idsFrom(
    () => clock.now(),
    (below) => randomInt(below),
  )
  const upstreams = (): Config['upstreams'] => config.upstreams
  const common = { records: db.records, clock, say }
  const register = new ActionRegister({ ...common, nextId: named('act', nextId) })
  const containment = new ContainmentDesk({ ...common, register, nextId: named('cont', nextId), upstreams })
  if (log !== null) {
    recordActions(register, log, 'command')
    recordContainment(containment, log, 'command')
  }
  const desk = { byHand: byHand({ register, containment, clock, upstreams }) }
  const app = new Hono()
  app.route('/api/v1/actions', actionsApi(desk))
  app.route('/api/v1/contain', containmentApi(desk))
  app.route('/api/v1/review', reviewApi(reviewDesk(config, register, db.records, log, clock)))
  return ok({
    async request(path, init) {
      const answer = await app.request(path, init)
      await log?.settled()
      return answer
    },
    async close() {
      containment.close()
      register.close()
      await log?.close()
      db.close()
    },
  })
}

/** What a running Weir knows of what its rules were worth, as far as it was written down. */
function reviewDesk(
  { response }: Config,
  register: ActionRegister,
  kept: Records,
  log: Recorder | null,
  clock: Clock,
): ReviewDesk {
  const records = log === null ? kept : recordedRecords(kept, log)
  const truth = new Truth(response.truth, records, ({ rule }) => endActionsOf(rule, register, clock.now()))
  for (const action of register.list()) truth.applied(action)
  return {
    actions: register,
    response: { truth, review: (action, verdict, by) => truth.review(action, verdict, by, clock.now()) },
  }
}
