import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { showConfig } from '../config/show.ts'
import { exit, type CommandInput } from './command.ts'

export function run({ args, print, complain }: CommandInput): Promise<number> {
  const loaded = loadConfig(args[0] ?? 'weir.yaml')
  if (loaded.ok) print(showConfig(loaded.value).trimEnd())
  else complain(formatProblems(loaded.error))
  return Promise.resolve(loaded.ok ? exit.done : exit.usage)
}
