import { existsSync, readFileSync } from 'node:fs'
import { verifyLog, type Verdict } from '../audit/verify.ts'
import { parseVkey, type Vkey } from '../audit/verify-note.ts'
import { exit, type CommandInput } from './command.ts'

/** Verifies a log's folder or an exported bundle, with the public key only. Exit code 1: it does not hold. */
export function run({ args, options, print, complain }: CommandInput): Promise<number> {
  const path = args[0]!
  const wrong = (message: string): Promise<number> => {
    complain(message)
    return Promise.resolve(exit.usage)
  }
  if (!existsSync(path)) return wrong(`${path}: there is no such file or folder`)
  let key: Vkey | null = null
  const given = options['key'] as string | undefined
  if (given !== undefined) {
    const vkey = parseVkey(existsSync(given) ? readFileSync(given, 'utf8').trim() : given)
    if (!vkey.ok) return wrong(`--key: ${vkey.error}`)
    key = vkey.value
  }
  const earlier = options['since'] as string | undefined
  if (earlier !== undefined && !existsSync(earlier)) return wrong(`--since: there is no file ${earlier}`)
  const since = earlier === undefined ? null : { name: earlier, text: readFileSync(earlier, 'utf8') }
  const verdict = verifyLog({ path, key, since, progress: progressOn(process.stderr) })
  if (options['json'] === true) print(JSON.stringify(verdict))
  else for (const line of told(path, verdict)) print(line)
  return Promise.resolve(verdict.holds ? exit.done : exit.checkFailed)
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
