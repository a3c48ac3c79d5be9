import { actionText, type ActionRow } from './action-rows.ts'
import { askActions, lasting, signedBy } from './actions-plane.ts'
import { exit, type CommandInput } from './command.ts'

/** Puts an action in force by hand. */
export function run(input: CommandInput): Promise<number> {
  const { args, options, print, complain } = input
  const [action, subject, ...written] = args
  const settings: Record<string, unknown> = {}
  for (const one of written) {
    const equals = one.indexOf('=')
    if (equals < 1) {
      complain(`${one}: a setting is written name=value, such as requests_per_minute=6`)
      return Promise.resolve(exit.usage)
    }
    settings[one.slice(0, equals)] = valueOf(one.slice(equals + 1))
  }
  const mode = options['shadow'] === true ? 'shadow' : 'enforce'
  const body = { action, subject, settings, match: options['match'], mode, ...signedBy(input), ...lasting(input) }
  return askActions(input, { method: 'POST', path: '/api/v1/actions', body }, ({ value }) =>
    print(options['json'] === true ? JSON.stringify(value, null, 2) : actionText(value as ActionRow)),
  )
}

/** `6`, `2s,8s`, `proof_of_work,purpose`: a number, a list, or a word. */
const valueOf = (text: string): unknown =>
  text.includes(',') ? text.split(',') : /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
