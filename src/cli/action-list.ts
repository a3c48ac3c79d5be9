import { actionText, type ActionRow } from './action-rows.ts'
import { askActions } from './actions-plane.ts'
import type { CommandInput } from './command.ts'

/** The actions in force, the newest first, with what each rests on. */
export function run(input: CommandInput): Promise<number> {
  const { options, print, complain } = input
  const query = new URLSearchParams()
  for (const name of ['subject', 'kind', 'action', 'limit']) {
    const value = options[name]
    if (typeof value === 'string') query.set(name, value)
  }
  const path = `/api/v1/actions${query.size === 0 ? '' : `?${query.toString()}`}`
  return askActions(input, { method: 'GET', path }, ({ value, total }) => {
    const rows = value as readonly ActionRow[]
    if (options['json'] === true) print(JSON.stringify(rows, null, 2))
    else if (rows.length === 0) print('no action is in force')
    else print(rows.map(actionText).join('\n'))
    if (total !== null && total > rows.length)
      complain(`${total - rows.length} more; see --limit, --subject, --kind, --action`)
  })
}
