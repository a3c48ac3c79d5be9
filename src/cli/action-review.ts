import { askActions, signedBy } from './actions-plane.ts'
import { printable } from './action-rows.ts'
import type { CommandInput } from './command.ts'

interface Reviewed {
  readonly action: string
  readonly rule: string
  readonly verdict: string
  readonly by: string
}

/** Says of an action whether it was right: what the precision of its rule is measured by. */
export function run(input: CommandInput): Promise<number> {
  const { args, options, print } = input
  const [id, verdict] = args
  const path = `/api/v1/review/${encodeURIComponent(id!)}`
  return askActions(input, { method: 'POST', path, body: { verdict, ...signedBy(input) } }, ({ value }) => {
    const { action, rule, verdict: said, by } = value as Reviewed
    if (options['json'] === true) print(JSON.stringify(value, null, 2))
    else print(printable(`${action} of ${rule} was ${said}, says ${by}`))
  })
}
