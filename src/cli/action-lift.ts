import { actionText, type ActionRow } from './action-rows.ts'
import { askActions, signedBy } from './actions-plane.ts'
import type { CommandInput } from './command.ts'

/** Ends an action by hand, before its time. */
export function run(input: CommandInput): Promise<number> {
  const { args, options, print } = input
  const path = `/api/v1/actions/${encodeURIComponent(args[0]!)}`
  return askActions(input, { method: 'DELETE', path, body: signedBy(input) }, ({ value }) => {
    const { lifted } = value as { readonly lifted: ActionRow }
    print(options['json'] === true ? JSON.stringify(lifted, null, 2) : `lifted\n${actionText(lifted)}`)
  })
}
