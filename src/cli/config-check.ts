import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { exit, type CommandInput } from './command.ts'

export async function run({ args, print, complain }: CommandInput): Promise<number> {
  const loaded = loadConfig(args[0] ?? 'weir.yaml')
  if (!loaded.ok) {
    complain(formatProblems(loaded.error))
    return exit.usage
  }
  const problem = await problemOf(loaded.value)
  if (problem !== null) {
    complain(problem)
    return exit.usage
  }
  const { hash, quotas, models, upstreams, identity } = loaded.value
  print(
    `configuration ${hash} is good: ${upstreams.size} upstreams, ${models.length} model routes, ` +
      `${identity.keys.length} keys, ${quotas.length} quotas`,
  )
  return exit.done
}

/** Reading a database takes the rooms that a gateway is made of; most configurations name none, and are checked at once. */
async function problemOf(config: Config): Promise<string | null> {
  if (config.network.databases.length === 0 && config.pricing.book === null) return null
  const { fileProblem } = await import('../compose.ts')
  return fileProblem(config)
}
