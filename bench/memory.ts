import { join } from 'node:path'
import type { MemoryReport } from './memory-process.ts'
import type { Stage } from './processes.ts'

export interface MemoryPlan {
  readonly keys: number
  /** Requests of the long run, and how often its size is read. */
  readonly requests: number
  readonly every: number
  /** Identities after which live bytes are compared, smallest first. */
  readonly identities: readonly number[]
}

export interface MemoryMeasure {
  readonly run: readonly MemoryReport[]
  readonly live: readonly MemoryReport[]
  /** Live bytes that each further identity brought, between one mark of `identities` and the next. */
  readonly bytesPerIdentity: readonly { readonly from: number; readonly to: number; readonly bytes: number }[]
  readonly bytesPerConfiguredKey: number
}

/** How often each identity calls before its weight is taken: often enough for everything that is kept of it to exist. */
const CALLS = 3

export async function measureMemory(
  stage: Stage,
  plan: MemoryPlan,
  say: (line: string) => void,
  problem: (what: string) => void,
): Promise<MemoryMeasure> {
  const { keys, requests, every, identities } = plan
  const marks = Array.from({ length: Math.floor(requests / every) }, (_, i) => (i + 1) * every)
  const run = await runProcess(stage, [String(keys), marks.join(',')], say, problem)
  const live: MemoryReport[] = []
  // One process for each: with fewer keys than requests every one of them has called often enough.
  for (const count of identities) {
    const reports = await runProcess(stage, [String(count), String(count * CALLS), 'collect'], say, problem)
    live.push(...reports)
  }
  return { run, live, ...weigh(live, identities) }
}

export const labelOf = (at: MemoryReport['at']): string =>
  at === 'start' ? 'start of the process' : at === 'keys' ? '0 requests, keys loaded' : `${at} requests`

/** What a key weighs in the configuration is there before it calls, and taken off. */
function weigh(
  live: readonly MemoryReport[],
  identities: readonly number[],
): Pick<MemoryMeasure, 'bytesPerIdentity' | 'bytesPerConfiguredKey'> {
  const of = (i: number): { configured: number; state: number } => {
    const [start, keys, used] = live.slice(i * 3, i * 3 + 3).map(({ liveBytes }) => liveBytes)
    return { configured: keys! - start!, state: used! - keys! }
  }
  const bytesPerIdentity = identities.slice(1).map((to, i) => {
    const from = identities[i]!
    return { from, to, bytes: (of(i + 1).state - of(i).state) / (to - from) }
  })
  const last = identities.length - 1
  const configured = (of(last).configured - of(0).configured) / (identities[last]! - identities[0]!)
  return { bytesPerIdentity, bytesPerConfiguredKey: configured }
}

function runProcess(
  stage: Stage,
  args: readonly string[],
  say: (line: string) => void,
  problem: (what: string) => void,
): Promise<readonly MemoryReport[]> {
  const script = join(import.meta.dirname, 'memory-process.ts')
  const { child } = stage.start(process.execPath, ['--expose-gc', script, ...args], { ipc: true })
  const reports: MemoryReport[] = []
  let said = ''
  child.stderr!.on('data', (part: Buffer) => {
    if (said.length < 4000) said += part.toString()
  })
  child.on('message', (message) => {
    const report = message as MemoryReport
    reports.push(report)
    say(`memory: ${labelOf(report.at)}, ${Math.round(report.rssBytes / 1e6)} MB resident`)
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => {
      const last = reports.at(-1)
      if (code !== 0) return reject(new Error(`the memory process ended with ${signal ?? code}\n${said}`))
      if (last !== undefined && last.refused > 0) problem(`memory: ${last.refused} requests without an answer of 200`)
      if (last !== undefined && last.eventsLost > 0) problem(`memory: ${last.eventsLost} events lost`)
      resolve(reports)
    })
  })
}
