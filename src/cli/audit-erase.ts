import { systemClock } from '../core/clock.ts'
import { type SealedKind, sealedKinds } from '../core/record-log.ts'
import { err, ok } from '../core/result.ts'
import { changeLog } from './change-log.ts'
import { exit, type CommandInput } from './command.ts'

/** Erases the salt of a value: nobody can tell any more what the log's commitments to it stood for. */
export function run(input: CommandInput): Promise<number> {
  const [kind = '', value = ''] = input.args
  if (!sealedKinds.includes(kind as SealedKind)) {
    input.complain(`"${kind}" is none of ${sealedKinds.join(', ')}`)
    return Promise.resolve(exit.usage)
  }
  return changeLog(input, {
    path: '/api/v1/audit/erase',
    body: { kind, value },
    here: (writer) =>
      writer.erase(kind, value, systemClock.now())
        ? ok({ erased: kind })
        : err('The log holds nothing of this subject.'),
  })
}
