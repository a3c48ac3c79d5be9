import { printable } from './action-rows.ts'
import { askActions, lasting, signedBy } from './actions-plane.ts'
import type { CommandInput } from './command.ts'

export interface ContainmentRow {
  readonly group: string
  readonly procedure: string
  readonly args: readonly string[]
  readonly by: string
  readonly reason: string
  readonly at: string
  readonly until: string
}

export const containmentText = ({ group, procedure, args, by, reason, until }: ContainmentRow): string =>
  [`${group}  ${procedure} ${args.join(' ')}  until ${until}`, `  by ${by}: ${reason}`].map(printable).join('\n')

/** The command of a procedure: all of them differ in what the control plane makes of their words only. */
export const contain = (procedure: string): { run(input: CommandInput): Promise<number> } => ({
  run(input) {
    const { args, options, print } = input
    const body = { procedure, args, ...signedBy(input), ...lasting(input) }
    return askActions(input, { method: 'POST', path: '/api/v1/contain', body }, ({ value }) =>
      print(options['json'] === true ? JSON.stringify(value, null, 2) : containmentText(value as ContainmentRow)),
    )
  },
})
