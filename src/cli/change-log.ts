import { realDisk } from '../audit/disk.ts'
import { Writer } from '../audit/writer.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { systemClock } from '../core/clock.ts'
import { err, ok, type Result } from '../core/result.ts'
import { exit, type CommandInput } from './command.ts'
import { controlUrlOf } from './control-plane.ts'

/** A change of the log: by the running Weir through its control plane, or on its files where none runs. */
export interface Change {
  readonly path: string
  readonly body: object
  here(writer: Writer): Result<object, string>
}

export async function changeLog({ options, print, complain }: CommandInput, change: Change): Promise<number> {
  const loaded = loadConfig((options['config'] as string | undefined) ?? 'weir.yaml')
  if (!loaded.ok) {
    complain(formatProblems(loaded.error))
    return exit.usage
  }
  const config = loaded.value
  if (config.dataDir === null) {
    complain('there is no log without a data_dir')
    return exit.usage
  }
  const token = (options['token'] as string | undefined) ?? config.control.token
  const done = await make(config, config.dataDir, token, change)
  if (done.ok) print(JSON.stringify(done.value))
  else complain(done.error)
  return done.ok ? exit.done : exit.checkFailed
}

async function make(
  config: Config,
  dataDir: string,
  token: string | null,
  change: Change,
): Promise<Result<object, string>> {
  const opened = Writer.open(dataDir, config.audit.origin, realDisk, systemClock.now())
  if (!opened.ok) return opened.error.startsWith('another process') ? ask(config, token, change) : opened
  try {
    return change.here(opened.value)
  } finally {
    opened.value.close(systemClock.now())
  }
}

async function ask(config: Config, token: string | null, { path, body }: Change): Promise<Result<object, string>> {
  if (token === null) return err('Weir runs and made its own control token: pass it with --token')
  const url = `${controlUrlOf(config)}${path}`
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
    const value = (await answer.json()) as { error?: string }
    return answer.ok ? ok(value) : err(value.error ?? `answered with status ${answer.status}`)
  } catch (error) {
    return err(`the log is in use, and nobody answers at ${url}: ${String(error)}`)
  }
}
