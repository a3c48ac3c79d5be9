import { systemClock } from '../core/clock.ts'
import { ok } from '../core/result.ts'
import { changeLog } from './change-log.ts'
import type { CommandInput } from './command.ts'

/** Makes the log a new key, which the old one signs. */
export const run = (input: CommandInput): Promise<number> =>
  changeLog(input, {
    path: '/api/v1/audit/rotate-key',
    body: {},
    here: (writer) => ok({ key: writer.rotateKey(systemClock.now()) }),
  })
