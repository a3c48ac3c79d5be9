/*
 * What Weir costs. Starts a mock model and, each in a process of its own, the proxies that can stand before it: a bare
 * pass-through, one that parses streams, nginx, and Weir with everything on, with and without a data_dir. Drives them in
 * turn from this process and reads the CPU time of the proxy's process alone. Every figure is a ratio or a difference
 * within one run, because no two machines and no two minutes are alike; answers are compared byte by byte, and a single
 * wrong one fails the run. A budget that is missed is reported and does not.
 *
 *   npm run bench [-- [--quick] [requests] [streams] [first-byte] [memory]]
 */
import { type CpuMeasure, joinCpu, measureCpu } from './cpu.ts'
import { machine, versions } from './environment.ts'
import * as figuresOf from './figures.ts'
import { type FirstByteMeasure, joinFirstByte, measureFirstByte } from './first-byte.ts'
import { measureMemory } from './memory.ts'
import { full, methodOf, type Part, parts, quick } from './plans.ts'
import { openStage } from './processes.ts'
import { type CpuSection, type Results, tablesOf, write } from './report.ts'
import { toText } from './table.ts'
import { type Measured, startTargets } from './targets.ts'

const words = process.argv.slice(2)
const isPart = (word: string): word is Part => (parts as readonly string[]).includes(word)
const unknown = words.filter((word) => word !== '--quick' && !isPart(word))
if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(' ')}; there are --quick ${parts.join(' ')}\n`)
  process.exit(2)
}
const asked = words.some(isPart) ? parts.filter((part) => words.includes(part)) : parts
process.exit(await run(words.includes('--quick') ? 'quick' : 'full', asked))

async function run(mode: 'full' | 'quick', asked: readonly Part[]): Promise<number> {
  const plans = mode === 'quick' ? quick : full
  // Before anything else: what is measured is what was there at the start.
  const about = { at: new Date().toISOString(), machine: machine(), versions: versions(), method: methodOf(plans) }
  const stage = openStage()
  const problems: string[] = []
  const problem = (what: string): void => void problems.push(what)
  const say = (line: string): void => void process.stderr.write(`${line}\n`)

  const requests: Measured<CpuMeasure>[] = []
  const streams: Measured<CpuMeasure>[] = []
  const firstBytes: Measured<FirstByteMeasure>[] = []
  const generations = asked.some((part) => part !== 'memory') ? plans.generations : 0
  for (let generation = 1; generation <= generations; generation++) {
    say(`start ${generation} of ${generations}`)
    const started = await startTargets(stage)
    const { direct, bare, parsing, nginx, weir, 'weir-durable': durable } = started
    const targets = [direct, bare, nginx, weir, durable]
    const toStream = [direct, bare, parsing, nginx, weir, durable]
    if (asked.includes('requests')) {
      requests.push(await measureCpu(stage, { ...plans.requests, targets }, say, problem))
    }
    if (asked.includes('streams')) {
      streams.push(await measureCpu(stage, { ...plans.streams, targets: toStream }, say, problem))
    }
    if (asked.includes('first-byte')) {
      firstBytes.push(await measureFirstByte({ ...plans.firstByte, targets }, say, problem))
    }
    await Promise.all(Object.values(started).map((target) => stage.stop(target.started)))
  }

  const figures: figuresOf.Figure[] = []
  const cpu: CpuSection[] = []
  if (requests.length > 0) {
    const measured = joinCpu(requests)
    cpu.push({ title: 'CPU time of a non-streamed request', measured })
    figures.push(...figuresOf.requestFigures(measured))
  }
  if (streams.length > 0) {
    const measured = joinCpu(streams)
    cpu.push({ title: 'CPU time of a streamed chunk', measured })
    figures.push(...figuresOf.streamFigures(measured))
  }
  if (firstBytes.length > 0) figures.push(...figuresOf.firstByteFigures(joinFirstByte(firstBytes)))
  if (asked.includes('memory')) {
    figures.push(...figuresOf.memoryFigures(await measureMemory(stage, plans.memory, say, problem)))
  }

  const results: Results = { ...about, figures, cpu }
  say('')
  process.stdout.write(`${toText(tablesOf(results))}\n\n`)
  const missed = figures.filter(figuresOf.isMissed).length
  process.stdout.write(`${missed} of ${figures.filter(({ budget }) => budget !== null).length} budgets missed\n`)
  if (problems.length > 0) {
    process.stdout.write(`\n${problems.length} requests failed, so none of this counts:\n`)
    for (const what of new Set(problems)) process.stdout.write(`  ${what}\n`)
    return 1
  }
  if (mode === 'quick' || asked.length < parts.length) process.stdout.write('not written: only a full run is kept\n')
  else for (const file of write(results)) process.stdout.write(`written: ${file}\n`)
  return 0
}
