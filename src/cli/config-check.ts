import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { exit, type CommandInput } from './command.ts'

export function run({ args, print, complain }: CommandInput): Promise<number> {
  const loaded = loadConfig(args[0] ?? 'weir.yaml')
  if (!loaded.ok) {
    complain(formatProblems(loaded.error))
    return Promise.resolve(exit.usage)
  }
  const { hash, quotas, models, upstreams, identity } = loaded.value
  print(
    `configuration ${hash} is good: ${upstreams.size} upstreams, ${models.length} model routes, ` +
      `${identity.keys.length} keys, ${quotas.length} quotas`,
  )
  return Promise.resolve(exit.done)
}
