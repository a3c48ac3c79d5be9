import { err, ok, type Result } from '../core/result.ts'
import { exit, type CommandInput } from './command.ts'
import { askControl, NO_TOKEN, NOBODY, whereOf, WRONG_TOKEN } from './control-plane.ts'
import { statusOf, statusText, type Answers } from './status-screen.ts'

/** One screen about a running Weir, from its control plane. */
export async function run({ options, print, complain }: CommandInput): Promise<number> {
  const where = whereOf(options)
  if (!where.ok) {
    complain(where.error)
    return exit.usage
  }
  const { url, token } = where.value
  if (token === null) {
    complain(NO_TOKEN)
    return exit.usage
  }
  const answers = await askAll(url, token)
  if (!answers.ok) {
    complain(answers.error)
    return exit.usage
  }
  const status = statusOf(url, answers.value)
  print(options['json'] === true ? JSON.stringify(status, null, 2) : statusText(status).trimEnd())
  return exit.done
}

async function askAll(url: string, token: string): Promise<Result<Answers, string>> {
  try {
    const [ready, status, detection, metrics] = await Promise.all(
      ['/readyz', '/api/v1/status', '/api/v1/detection', '/metrics'].map((path) => ask(url, token, path)),
    )
    return ok({
      ready: JSON.parse(ready!) as Answers['ready'],
      status: JSON.parse(status!) as Answers['status'],
      detection: JSON.parse(detection!) as Answers['detection'],
      metrics: metrics!,
    })
  } catch (error) {
    return err(`${url}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function ask(url: string, token: string, path: string): Promise<string> {
  const answer = await askControl(url, token, path)
  if (answer === null) throw new Error(NOBODY)
  if (answer.status === 401) throw new Error(WRONG_TOKEN)
  // A Weir that drains says so with 503, and everything else all the same.
  if (answer.status !== 200 && !(path === '/readyz' && answer.status === 503)) {
    throw new Error(`${path} answered with status ${answer.status}: this is no control plane of this version of Weir`)
  }
  return answer.text()
}
