import { userInfo } from 'node:os'
import { type AtRest, openAtRest } from '../at-rest.ts'
import { err, ok, type Result } from '../core/result.ts'
import { exit, type CommandInput } from './command.ts'
import { askControl, NO_TOKEN, NOBODY, whereOf, WRONG_TOKEN } from './control-plane.ts'

/** Actions in force as commands reach them: of the running Weir through its control plane, or on data_dir where none runs. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: object
}

/** What came back, and how many there are of which it shows some. */
export interface Told {
  readonly value: unknown
  readonly total: number | null
}

/** Asks, and shows what comes back; gives the exit code. */
export async function askActions(input: CommandInput, asked: Asked, show: (told: Told) => void): Promise<number> {
  const answer = await answerTo(input, asked)
  if (!answer.ok) {
    input.complain(answer.error)
    return exit.usage
  }
  const { status, value, total } = answer.value
  if (status === 200) {
    show({ value, total })
    return exit.done
  }
  input.complain((value as { error?: string } | null)?.error ?? `answered with status ${status}`)
  return status === 400 || status === 422 ? exit.usage : exit.checkFailed
}

interface Answer extends Told {
  readonly status: number
}

async function answerTo({ options, complain }: CommandInput, asked: Asked): Promise<Result<Answer, string>> {
  const where = whereOf(options)
  if (!where.ok) return where
  const { url, token, config } = where.value
  const init = { method: asked.method, ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }) }
  const answer = token === null ? null : await askControl(url, token, asked.path, init)
  if (answer !== null) {
    if (answer.status === 401) return err(`${url}: ${WRONG_TOKEN}`)
    return read(answer)
  }
  // Whoever names a server means that one.
  const dataDir = options['url'] === undefined ? (config?.dataDir ?? null) : null
  if (config === null || dataDir === null) return err(token === null ? NO_TOKEN : `${url}: ${NOBODY}`)
  const opened = await openAtRest(config, dataDir, asked.method === 'GET', complain)
  if (!opened.ok) {
    const why = token === null ? 'if a Weir runs, pass its token with --token' : `and no Weir answers at ${url}`
    return err(`${opened.error}; ${why}`)
  }
  return atRest(opened.value, asked.path, init)
}

async function atRest(
  desk: AtRest,
  path: string,
  init: { method: string; body?: string },
): Promise<Result<Answer, string>> {
  try {
    return await read(await desk.request(path, init))
  } finally {
    await desk.close()
  }
}

async function read(answer: Response): Promise<Result<Answer, string>> {
  const total = answer.headers.get('x-total-count')
  try {
    const value: unknown = await answer.json()
    return ok({ status: answer.status, value, total: total === null ? null : Number(total) })
  } catch {
    return err(`answered with status ${answer.status}: this is no control plane of this version of Weir`)
  }
}

/** A container may run under a user whom its machine has no name for. */
function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/** Who does it, why, and for how long; what is missing is left for the control plane to ask for. */
export const signedBy = ({ options }: CommandInput): object => ({
  by: options['by'] ?? userName(),
  reason: options['reason'],
})

export const lasting = ({ options }: CommandInput): object => ({ for: options['for'], until: options['until'] })
