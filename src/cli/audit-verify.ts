import { existsSync, readFileSync } from 'node:fs'
import { parseVkey, type Verdict, verifyLog, type Vkey } from '../audit/verify.ts'
import type { Result } from '../core/result.ts'
import { exit, type CommandInput } from './command.ts'

/** Verifies a log's folder or an exported bundle, with the public key only. Exit code 1: it does not hold. */
export function run({ args, options, print, complain }: CommandInput): Promise<number> {
  const path = args[0]!
  const wrong = (message: string): Promise<number> => {
    complain(message)
    return Promise.resolve(exit.usage)
  }
  if (!existsSync(path)) return wrong(`${path}: there is no such file or folder`)
  const [key, witness] = ['key', 'witness'].map((name) => keyOf(options[name] as string | undefined))
  if (key?.ok === false) return wrong(`--key: ${key.error}`)
  if (witness?.ok === false) return wrong(`--witness: ${witness.error}`)
  const earlier = options['since'] as string | undefined
  if (earlier !== undefined && !existsSync(earlier)) return wrong(`--since: there is no file ${earlier}`)
  const since = earlier === undefined ? null : { name: earlier, text: readFileSync(earlier, 'utf8') }
  if (witness?.ok === true && since === null) return wrong('--witness: cosigns checkpoints; name one with --since')
  const verdict = verifyLog({
    path,
    key: key?.value ?? null,
    witness: witness?.value ?? null,
    since,
    progress: progressOn(process.stderr),
  })
  if (options['json'] === true) print(JSON.stringify(verdict))
  else for (const line of told(path, verdict)) print(line)
  return Promise.resolve(verdict.holds ? exit.done : exit.checkFailed)
}

/** The key itself, or a file that holds it. */
function keyOf(given: string | undefined): Result<Vkey, string> | null {
  if (given === undefined) return null
  return parseVkey(existsSync(given) ? readFileSync(given, 'utf8').trim() : given)
}

function told(path: string, { holds, origin, size, root, signedBy, problems, notes }: Verdict): readonly string[] {
  return [
    `${path}: ${holds ? 'holds' : 'DOES NOT HOLD'}`,
    ...(origin === null ? [] : [`  log ${origin}, ${size} entries, root ${root}`]),
    ...(signedBy === null ? [] : [`  key ${signedBy}`]),
    ...problems.map(({ where, what }) => `  ${where}: ${what}`),
    ...(holds ? notes.map((note) => `  ${note}`) : []),
  ]
}

/** A line that is written over, on a terminal only. */
function progressOn(stream: NodeJS.WriteStream): (entries: number, of: number) => void {
  if (!stream.isTTY) return () => {}
  let shown = 0
  return (entries, of) => {
    const percent = Math.floor((100 * entries) / of)
    if (percent === shown && entries < of) return
    shown = percent
    stream.write(entries < of ? `\r${percent} %` : '\r\u001b[K')
  }
}
