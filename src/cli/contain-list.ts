import { askActions } from './actions-plane.ts'
import type { CommandInput } from './command.ts'
import { containmentText, type ContainmentRow } from './contain.ts'

/** What is contained, the newest first. */
export function run(input: CommandInput): Promise<number> {
  const { options, print } = input
  return askActions(input, { method: 'GET', path: '/api/v1/contain' }, ({ value }) => {
    const rows = value as readonly ContainmentRow[]
    if (options['json'] === true) print(JSON.stringify(rows, null, 2))
    else print(rows.length === 0 ? 'nothing is contained' : rows.map(containmentText).join('\n'))
  })
}
