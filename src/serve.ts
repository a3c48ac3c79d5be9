import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { compose, type Weir } from './compose.ts'
import type { ActionsInForce } from './core/action.ts'
import type { Address, Config } from './config/config.ts'
import { systemClock } from './core/clock.ts'
import { err, ok, type Result } from './core/result.ts'
import { controlApp } from './control/app.ts'
import { createMetrics } from './control/metrics.ts'
import { fetchJson } from './gateway/fetch-json.ts'
import { postBytes } from './gateway/post-bytes.ts'
import { startServer, type RunningServer } from './gateway/server.ts'
import { createDemoModel } from './lab/demo-model.ts'
import type { EventSink } from './loop.ts'
import { openJournal } from './store/journal.ts'
import { openSecrets } from './store/secrets.ts'
import { openSqlite } from './store/sqlite.ts'
import { openStateFile } from './store/state-file.ts'
import { watchFiles } from './store/watch-files.ts'
import { openEvidence } from './evidence.ts'
import { recordEvents } from './record.ts'
import { refreshEvery } from './refresh.ts'

/** A Weir with both of its listeners, on the machine's clock: what `weir serve` and the demo run. */
export interface Serving {
  readonly weir: Weir
  readonly dataUrl: string
  readonly controlUrl: string
  /** Reads the configuration again; gives what is wrong with it, or null when it is in force. */
  reload(): string | null
  /** Turns new requests away, waits for those in flight, then closes everything. */
  stop(graceMs: number): Promise<void>
}

export interface ServeOptions {
  readonly config: Config
  readonly controlToken: string
  readConfig(): Result<Config, string>
  readonly sinks: readonly EventSink[]
  readonly actions?: ActionsInForce
  say(level: 'info' | 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>): void
}

/** The error says what keeps it from running, for the operator. */
export async function serve(options: ServeOptions): Promise<Result<Serving, string>> {
  const { config, say } = options
  const clock = systemClock
  const metrics = createMetrics()
  // The database first: its lock keeps a second process away from the journal too.
  const opened = config.dataDir === null ? null : openSqlite(join(config.dataDir, 'weir.db'), clock)
  if (opened !== null && !opened.ok) return opened
  const db = opened === null ? null : opened.value
  const journal =
    config.dataDir === null ? null : openJournal(join(config.dataDir, 'spool', 'open-requests.jsonl'), clock)
  const secrets = config.dataDir === null ? null : openSecrets(join(config.dataDir, 'keys', 'root.key'))
  const evidence = config.dataDir === null ? null : await openEvidence(config, config.dataDir, say)
  const log = evidence?.ok === true ? evidence.value : null
  const closeFiles = async (): Promise<void> => {
    await log?.close()
    journal?.stop()
    db?.close()
  }
  for (const needed of [secrets, evidence]) {
    if (needed === null || needed.ok) continue
    await closeFiles()
    return needed
  }
  const composed = compose(config, {
    clock,
    random: (below) => randomInt(below),
    embedded: () => createDemoModel({ clock, seed: 'weir-demo' }),
    sinks: [metrics.sink, ...(log === null ? [] : [recordEvents(log)]), ...options.sinks],
    journal,
    leases: db === null ? null : { store: db.leases, processes: 1 },
    records: db?.records ?? null,
    log,
    secrets: secrets?.ok === true ? secrets.value : null,
    detection: config.dataDir === null ? null : openStateFile(join(config.dataDir, 'detection.state')),
    post: postBytes,
    host: hostname(),
    fetchJson,
    say,
    ...(options.actions !== undefined && { actions: options.actions }),
  })
  if (!composed.ok) {
    await closeFiles()
    return composed
  }
  const weir = composed.value
  metrics.watch(weir)
  if (log !== null) metrics.watchLog(log)
  log?.watch(() => weir.stats.loop.lost)
  if (db !== null && db.recovered > 0) say('warn', 'leases_charged', { counters: db.recovered })
  if (journal !== null) {
    if (journal.unreadable > 0) say('warn', 'journal_damaged', { lines: journal.unreadable })
    if (journal.owed.length > 0) say('warn', 'requests_interrupted', { requests: journal.owed.length })
    for (const event of journal.owed) weir.emit({ ...event, endMs: clock.now() })
    journal.paid()
  }
  let configProblem: string | null = null
  let data: RunningServer | null = null
  let watched = config
  const attempt = (isAsked: boolean): string | null => {
    const next = options.readConfig()
    const problem = next.ok ? putInForce(next.value) : next.error
    if (problem !== null && (isAsked || problem !== configProblem)) say('error', 'config_refused', { problem })
    configProblem = problem
    watch.reset(watched.sources)
    return problem
  }
  const reload = (): string | null => attempt(true)
  const putInForce = (next: Config): string | null => {
    // Its files are the ones to watch, whether it can be used or not.
    watched = next
    const fixed = fixedAtStart(weir.config, next)
    if (fixed.length > 0) say('warn', 'restart_needed', { changed: fixed })
    const certificates = data?.setTls(next.tls) ?? null
    if (certificates !== null) return certificates
    const before = weir.config.hash
    const done = weir.reload(next)
    if (done.ok) log?.append({ type: 'config_loaded', what: { hash: next.hash, before, why: 'reload' } })
    if (done.ok) return null
    // Refused whole: nobody must see the new certificates of a configuration that is not in force.
    data?.setTls(weir.config.tls)
    return done.error
  }
  const watch = watchFiles(config.sources, clock, () => void reload())
  // A refused file can name one that is not there yet, and nobody watches that: it is tried again, without a word.
  const everyMs = (): number | null => (configProblem === null ? watched.secretsRefreshMs : RETRY_MS)
  const refreshing = refreshEvery(clock, everyMs, () => void attempt(false))
  const app = controlApp({
    weir,
    metrics,
    log,
    token: options.controlToken,
    reload,
    get configProblem() {
      return configProblem
    },
  })
  const answerControl = getRequestListener(app.fetch)
  const control = createServer((request, response) => void answerControl(request, response))
  const closeRest = async (): Promise<void> => {
    watch.stop()
    refreshing()
    await weir.close()
    await closeFiles()
  }
  let controlUrl: string
  try {
    data = await startServer({
      ...config.listen,
      clock,
      nextId: weir.nextId,
      bodyTimeoutMs: config.request.bodyTimeoutMs,
      tls: config.tls,
      handle: weir.handle,
      unparsable: weir.unparsable,
    })
    controlUrl = await listen(control, config.control.listen)
  } catch (error) {
    await data?.close(0)
    await closeRest()
    return err(`cannot listen: ${error instanceof Error ? error.message : String(error)}`)
  }
  const sweeping = setInterval(() => db?.sweep(), SWEEP_MS)
  sweeping.unref()
  return ok({
    weir,
    dataUrl: data.url,
    controlUrl,
    reload,
    async stop(graceMs) {
      weir.drain()
      await data.close(graceMs)
      clearInterval(sweeping)
      control.closeAllConnections()
      await new Promise((resolve) => control.close(resolve))
      await closeRest()
    },
  })
}

/** What a reload cannot change: sockets and files that are open. */
const fixedAtStart = (before: Config, after: Config): readonly string[] => [
  ...(['listen', 'control', 'dataDir'] as const).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  ),
  ...((before.tls === null) === (after.tls === null) ? [] : ['tls']),
  ...(before.identity.signatures.windowMs === after.identity.signatures.windowMs ? [] : ['identity.signatures']),
]

/** How often a refused configuration is tried again. */
const RETRY_MS = 15_000

/** How often counters that have come to rest are dropped from the database. */
const SWEEP_MS = 60_000

function listen(server: Server, { host, port }: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const bound = server.address() as AddressInfo
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`)
    })
  })
}
