import { askActions, signedBy } from './actions-plane.ts'
import type { CommandInput } from './command.ts'
import { containmentText, type ContainmentRow } from './contain.ts'

/** Takes a procedure back as a whole. */
export function run(input: CommandInput): Promise<number> {
  const { args, options, print } = input
  const path = `/api/v1/contain/${encodeURIComponent(args[0]!)}/rollback`
  return askActions(input, { method: 'POST', path, body: signedBy(input) }, ({ value }) => {
    const done = value as { readonly rolled_back: ContainmentRow; readonly actions_ended: number }
    if (options['json'] === true) print(JSON.stringify(done, null, 2))
    else print(`rolled back, ${done.actions_ended} actions ended\n${containmentText(done.rolled_back)}`)
  })
}
