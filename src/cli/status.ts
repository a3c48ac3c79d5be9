import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { exit, type CommandInput } from './command.ts'
import { statusOf, statusText, type Answers } from './status-screen.ts'

/** One screen about a running Weir, from its control plane. */
export async function run({ options, print, complain }: CommandInput): Promise<number> {
  const where = whereOf(options)
  if (!where.ok) {
    complain(where.error)
    return exit.usage
  }
  const { url } = where.value
  const answers = await askAll(where.value)
  if (!answers.ok) {
    complain(answers.error)
    return exit.usage
  }
  const status = statusOf(url, answers.value)
  print(options['json'] === true ? JSON.stringify(status, null, 2) : statusText(status).trimEnd())
  return exit.done
}

interface Where {
  readonly url: string
  readonly token: string
}

/** What is given goes before what the configuration says; with both nothing is read. */
function whereOf(options: CommandInput['options']): Result<Where, string> {
  const given = (name: string): string | null => (options[name] as string | undefined) ?? null
  let [url, token] = [given('url'), given('token') ?? process.env['WEIR_CONTROL_TOKEN'] ?? null]
  const file = given('config') ?? 'weir.yaml'
  if ((url === null || token === null) && (given('config') !== null || existsSync(file))) {
    const loaded = loadConfig(file)
    if (!loaded.ok) return err(formatProblems(loaded.error))
    url ??= urlOf(loaded.value)
    token ??= loaded.value.control.token
  }
  url ??= DEFAULT_URL
  if (!URL.canParse(url) || !/^https?:/.test(url)) return err(`--url ${url}: write for instance ${DEFAULT_URL}`)
  if (token === null) {
    return err('no control token: give --token or WEIR_CONTROL_TOKEN, or write control.token in weir.yaml')
  }
  return ok({ url: url.replace(/\/+$/, ''), token })
}

const DEFAULT_URL = 'http://127.0.0.1:8081'

function urlOf({ control }: Config): string {
  const { host, port } = control.listen
  // Whoever listens everywhere is reached here too.
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

async function askAll(where: Where): Promise<Result<Answers, string>> {
  try {
    const [ready, status, detection, metrics] = await Promise.all(
      ['/readyz', '/api/v1/status', '/api/v1/detection', '/metrics'].map((path) => ask(where, path)),
    )
    return ok({
      ready: JSON.parse(ready!) as Answers['ready'],
      status: JSON.parse(status!) as Answers['status'],
      detection: JSON.parse(detection!) as Answers['detection'],
      metrics: metrics!,
    })
  } catch (error) {
    return err(`${where.url}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const DEADLINE_MS = 5000

async function ask({ url, token }: Where, path: string): Promise<string> {
  let answer: Response
  try {
    answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
  } catch {
    throw new Error('no Weir answers there; is it running, and is this its control plane?')
  }
  if (answer.status === 401) throw new Error('the control token is not the right one')
  // A Weir that drains says so with 503, and everything else all the same.
  if (answer.status !== 200 && !(path === '/readyz' && answer.status === 503)) {
    throw new Error(`${path} answered with status ${answer.status}: this is no control plane of this version of Weir`)
  }
  return answer.text()
}
