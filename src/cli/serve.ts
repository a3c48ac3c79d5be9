import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { pino } from 'pino'
import type { Config } from '../config/config.ts'
import { demoConfigText } from '../config/default.ts'
import { loadConfig, parseConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import type { Result } from '../core/result.ts'
import { serve } from '../serve.ts'
import { exit, type CommandInput } from './command.ts'

/** How long exchanges in flight may take to end after SIGTERM. */
const GRACE_MS = 30_000

export async function run({ options, print, complain }: CommandInput): Promise<number> {
  const asked = options['config'] as string | undefined
  const file = asked ?? 'weir.yaml'
  const demoKey = asked === undefined && !existsSync(file) ? `wr_demo_${randomBytes(16).toString('hex')}` : null
  const readConfig = (): Result<Config, string> => {
    const loaded = demoKey === null ? loadConfig(file) : parseConfig(demoConfig(demoKey), 'built-in configuration', {})
    return loaded.ok ? loaded : { ok: false, error: formatProblems(loaded.error) }
  }
  const config = readConfig()
  if (!config.ok) {
    complain(config.error)
    return exit.usage
  }
  const log = pino({ base: null }, pino.destination({ fd: 2, sync: false }))
  const token = config.value.control.token ?? randomBytes(24).toString('base64url')
  const started = await serve({
    config: config.value,
    controlToken: token,
    readConfig,
    sinks: [],
    say: (level, what, details) => log[level](details, what),
  })
  if (!started.ok) {
    complain(started.error)
    return exit.usage
  }
  const serving = started.value
  process.on('SIGHUP', () => void serving.reload())
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  if (demoKey !== null) {
    print('no weir.yaml here: serving the built-in demo model')
    print(`demo key (shown once): ${demoKey}`)
  }
  if (config.value.control.token === null) print(`control token (shown once): ${token}`)
  print(`listening on ${serving.dataUrl}`)
  print(`listening on ${serving.controlUrl} (control plane)`)
  await stopped
  print('draining')
  await serving.stop(GRACE_MS)
  log.flush()
  return exit.done
}

const demoConfig = (secret: string): string =>
  `${demoConfigText()}\nidentity: { keys: [{ id: demo, secret: "${secret}", tenant: demo, profile: app }] }\n`
