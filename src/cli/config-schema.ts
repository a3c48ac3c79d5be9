import { configJsonSchema } from '../config/show.ts'
import { exit, type CommandInput } from './command.ts'

export function run({ print }: CommandInput): Promise<number> {
  print(JSON.stringify(configJsonSchema(), null, 2))
  return Promise.resolve(exit.done)
}
