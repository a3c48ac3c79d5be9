import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeBundle } from '../audit/bundle.ts'
import { openingsIn } from '../audit/salts.ts'
import { exit, type CommandInput } from './command.ts'

/** Takes entries out of a log into one file that `weir audit verify` takes, without the log and without a network. */
export function run({ args, options, print, complain }: CommandInput): Promise<number> {
  const folder = args[0]!
  const option = (name: string): string | undefined => options[name] as string | undefined
  const wrong = (message: string, code: number = exit.usage): Promise<number> => {
    complain(message)
    return Promise.resolve(code)
  }
  if (!existsSync(join(folder, 'checkpoint'))) return wrong(`${folder}: is not the folder of a log`)
  const [from, to] = [numberOf(args[1] ?? option('from') ?? '0'), numberOf(option('to') ?? '')]
  const exchange = args[1] !== undefined && from === null ? args[1] : option('exchange')
  if (exchange === undefined && from === null) return wrong('--from: not the number of an entry')
  const since = option('since')
  const sizes =
    since === undefined ? [] : [numberOf(existsSync(since) ? (readFileSync(since, 'utf8').split('\n')[1] ?? '') : '')]
  if (sizes.includes(null)) return wrong('--since: not a checkpoint')
  const type = option('type')
  // Searched by bytes: parsing a long log to find one entry would take minutes.
  const needles = [
    ...(exchange === undefined ? [] : [JSON.stringify(exchange)]),
    ...(type === undefined ? [] : [`,"type":${JSON.stringify(type)},"v":1,`]),
  ]
  const isOne = args[1] !== undefined && from !== null
  const made = makeBundle({
    folder,
    from: from ?? 0,
    to: isOne ? from + 1 : to,
    pick: (entry) => needles.every((needle) => entry.includes(needle)),
    sinceSizes: sizes.filter((size) => size !== null),
    openings: (seals) => (options['reveal'] === true ? openingsIn(join(dirname(folder), 'salts.db'), seals) : []),
  })
  if (!made.ok) return wrong(made.error, exit.checkFailed)
  const { text, picked, entries } = made.value
  const out = option('out')
  if (out === undefined) print(text.trimEnd())
  else {
    try {
      writeFileSync(out, text, { flag: 'wx' })
    } catch (error) {
      return wrong(`${out}: cannot be written (${(error as NodeJS.ErrnoException).code})`)
    }
    complain(`${out}: ${picked} entries, and ${entries - picked} that tell of the log's key`)
  }
  return Promise.resolve(exit.done)
}

const numberOf = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null)
