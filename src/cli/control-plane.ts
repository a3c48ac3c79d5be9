import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { CommandInput } from './command.ts'

/** Where a running Weir is asked, and how. */
export interface Where {
  readonly url: string
  /** null: nobody has said it. A Weir whose configuration names none has made its own. */
  readonly token: string | null
  /** As far as it had to be read; null: it had not. */
  readonly config: Config | null
}

const DEFAULT_URL = 'http://127.0.0.1:8081'

/** What is given goes before what the configuration says; with both nothing is read. */
export function whereOf(options: CommandInput['options']): Result<Where, string> {
  const given = (name: string): string | null => (options[name] as string | undefined) ?? null
  let [url, token] = [given('url'), given('token') ?? process.env['WEIR_CONTROL_TOKEN'] ?? null]
  const file = given('config') ?? 'weir.yaml'
  let config: Config | null = null
  if ((url === null || token === null) && (given('config') !== null || existsSync(file))) {
    const loaded = loadConfig(file)
    if (!loaded.ok) return err(formatProblems(loaded.error))
    config = loaded.value
    url ??= controlUrlOf(config)
    token ??= config.control.token
  }
  url ??= DEFAULT_URL
  if (!URL.canParse(url) || !/^https?:/.test(url)) return err(`--url ${url}: write for instance ${DEFAULT_URL}`)
  return ok({ url: url.replace(/\/+$/, ''), token, config })
}

export const NO_TOKEN = 'no control token: give --token or WEIR_CONTROL_TOKEN, or write control.token in weir.yaml'

export function controlUrlOf({ control }: Config): string {
  const { host, port } = control.listen
  // Whoever listens everywhere is reached here too.
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

const DEADLINE_MS = 5000

/** null: nobody answers. The error is for whoever asked. */
export async function askControl(
  url: string,
  token: string,
  path: string,
  init: { readonly method?: string; readonly body?: string } = {},
): Promise<Response | null> {
  try {
    return await fetch(`${url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
  } catch {
    return null
  }
}

export const NOBODY = 'no Weir answers there; is it running, and is this its control plane?'
export const WRONG_TOKEN = 'the control token is not the right one'
