import { printable } from './action-rows.ts'
import { askActions } from './actions-plane.ts'
import type { CommandInput } from './command.ts'

interface RuleRow {
  readonly rule: string
  readonly applied: number
  readonly right: number
  readonly wrong: number
  readonly wrong_at_least: number
  readonly wrong_at_most: number
  readonly demoted: boolean
}

/** How the rules of playbooks have done. */
export function run(input: CommandInput): Promise<number> {
  const { options, print } = input
  return askActions(input, { method: 'GET', path: '/api/v1/review/rules' }, ({ value }) => {
    const rows = value as readonly RuleRow[]
    if (options['json'] === true) print(JSON.stringify(rows, null, 2))
    else if (rows.length === 0) print('no rule has acted')
    else print(rows.map(ruleText).join('\n'))
  })
}

function ruleText(row: RuleRow): string {
  const { rule, applied, right, wrong, wrong_at_least: atLeast, wrong_at_most: atMost, demoted } = row
  const share = right + wrong === 0 ? 'nobody has looked' : `wrong in ${percent(atLeast)} to ${percent(atMost)} (95 %)`
  const lines = [
    `${rule}${demoted ? '  DEMOTED: it only notes' : ''}`,
    `  applied ${applied}; right ${right}, wrong ${wrong}; ${share}`,
  ]
  return lines.map(printable).join('\n')
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`
