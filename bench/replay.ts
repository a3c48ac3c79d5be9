/*
 * What reading costs a replay: lines of a file to exchanges to a judge that does nothing to decisions in a file and a report,
 * in CPU time, against JSON.parse of the same lines in the same process, in turn. What the detector costs comes on top.
 *
 *   node bench/replay.ts [lines]
 */
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DecisionWriter } from '../src/replay/decisions.ts'
import { type FormatName, formatNames, readers } from '../src/replay/formats.ts'
import type { ReplayJudge } from '../src/replay/port.ts'
import { replay } from '../src/replay/replay.ts'
import { fileSource } from '../src/replay/source.ts'
import { writeLog } from './replay-log.ts'
import { ratio, type Spread, spreadOf } from './stats.ts'
import { toText } from './table.ts'

const LINES = Number(process.argv[2] ?? 100_000)
const ROUNDS = 5

/** As many keys an exchange as the detector has, some of them common. */
function idleJudge(): ReplayJudge {
  let n = 0
  return {
    lastMs: null,
    judge: () => ({ action: 'allow', level: 'normal', campaign: null, evidence: 1 }),
    accountOf: ({ tenant, key }) => tenant ?? key,
    keysOf: () => Array.from({ length: 12 }, (_, i) => (i < 3 ? (++n % 500) + i : Math.imul(++n, 2_654_435_761))),
    finish: () => undefined,
    accounts: () => [],
    campaigns: () => [],
    snapshot: () => new Uint8Array(),
  }
}

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function replayed(path: string, out: string, format: FormatName): Promise<number> {
  const start = cpuUs()
  const { lines } = await replay({
    sources: [fileSource(path, null)],
    read: readers[format],
    judge: idleJudge(),
    costOf: () => null,
    decisions: new DecisionWriter(createWriteStream(out)),
    progress: () => undefined,
  })
  return (cpuUs() - start) / lines
}

function parsed(path: string): number {
  const start = cpuUs()
  let keys = 0
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line !== '') keys += (JSON.parse(line) as { time?: number }).time === undefined ? 0 : 1
  }
  if (keys < 0) throw new Error('less than nothing')
  return (cpuUs() - start) / LINES
}

const show = ({ median, min, max }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} .. ${max.toFixed(digits)})`

async function measure(format: FormatName, folder: string): Promise<readonly string[]> {
  const path = join(folder, `${format}.jsonl`)
  const bytes = writeLog(path, format, LINES)
  const reading: number[] = []
  const parsing: number[] = []
  // The first round is for the compiler.
  for (let round = 0; round <= ROUNDS; round++) {
    const [a, b] = [await replayed(path, join(folder, 'decisions.jsonl'), format), parsed(path)]
    if (round > 0) reading.push(a)
    if (round > 0) parsing.push(b)
  }
  const us = spreadOf(reading)
  return [
    format,
    Math.round(bytes / LINES).toString(),
    show(us, 1),
    Math.round(1e6 / us.median).toLocaleString('en-US'),
    show(ratio(us, spreadOf(parsing)), 2),
  ]
}

const folder = mkdtempSync(join(tmpdir(), 'weir-bench-replay-'))
try {
  const rows: (readonly string[])[] = []
  for (const format of formatNames) rows.push(await measure(format, folder))
  const head = ['format', 'bytes a line', 'us of CPU a line', 'lines a second', 'against JSON.parse']
  const title = `${LINES.toLocaleString('en-US')} lines, ${ROUNDS} rounds, median (min .. max)`
  process.stdout.write(`${toText([{ title, head, rows }])}\n`)
} finally {
  rmSync(folder, { recursive: true })
}
