import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { verifyLog, type Verdict } from '../../src/audit/verify.ts'
import { entriesOf } from '../../src/audit/journal.ts'
import { tilePath } from '../../src/audit/layout.ts'
import { realDisk } from '../../src/audit/disk.ts'
import { Writer } from '../../src/audit/writer.ts'
import { readFileSync } from 'node:fs'

/** What is left of a log after its writer was killed. */
export interface Killed {
  /** Acts that were acknowledged over all rounds so far. */
  readonly acknowledged: number
  /** Of these, the ones that the log does not hold. */
  readonly missing: readonly number[]
  /** Before the log was opened again; then after it. */
  readonly untouched: Verdict
  readonly reopened: Verdict
}

/** Starts a writer on the log, kills it after so many milliseconds of writing, opens the log again and looks. */
export async function killOnce(
  dataDir: string,
  from: number,
  afterMs: number,
  sinceText: string | null,
): Promise<Killed> {
  const acknowledged = await writeAndKill(dataDir, from, afterMs)
  const path = join(dataDir, 'audit')
  const since = sinceText === null ? null : { name: 'before', text: sinceText }
  const verify = (): Verdict => verifyLog({ path, key: null, witness: null, since, progress() {} })
  const untouched = verify()
  const opened = Writer.open(dataDir, null, realDisk, 1)
  if (!opened.ok) throw new Error(opened.error)
  opened.value.close(2)
  const reopened = verify()
  const held = actsIn(path, reopened.size ?? 0)
  const missing = Array.from({ length: acknowledged }, (_, i) => i).filter((act) => !held.has(act))
  return { acknowledged, missing, untouched, reopened }
}

function writeAndKill(dataDir: string, from: number, afterMs: number): Promise<number> {
  const script = join(import.meta.dirname, 'audit-writer.ts')
  const child = spawn(process.execPath, [script, dataDir, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (data: Buffer) => {
    // It has opened the log and is writing: from here on the moment is random.
    if (out === '') setTimeout(() => child.kill('SIGKILL'), afterMs)
    out += data.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      const last = out.slice(0, out.lastIndexOf('\n')).split('\n').at(-1)
      if (code !== null || last === undefined || last === '') reject(new Error(`the writer ended with ${code}`))
      else resolve(Number(last) + 1)
    })
  })
}

function actsIn(folder: string, size: number): ReadonlySet<number> {
  const acts = new Set<number>()
  for (let index = 0; index * 256 < size; index++) {
    const path = tilePath('entries', index, Math.min(256, size - index * 256))
    for (const entry of entriesOf(readFileSync(join(folder, path)))) {
      const act = /"act":"act-(\d+)"/.exec(entry.toString('latin1'))?.[1]
      if (act !== undefined) acts.add(Number(act))
    }
  }
  return acts
}
