/*
 * What Weir costs. Starts a mock model and, each in a process of its own, the proxies that can stand before it: a bare
 * pass-through, one that parses streams, nginx, and Weir with everything on, with and without a data_dir. Drives them in
 * turn from this process and reads the CPU time of the proxy's process alone. Every figure is a ratio or a difference
 * within one run, because no two machines and no two minutes are alike; answers are compared byte by byte, and a single
 * wrong one fails the run. A budget that is missed is reported and does not.
 *
 *   npm run bench [-- [--quick] [requests] [streams] [first-byte] [memory]]
 */
import { type CpuMeasure, type CpuPlan, measureCpu } from './cpu.ts'
import { machine, versions } from './environment.ts'
import * as figuresOf from './figures.ts'
import { measureFirstByte } from './first-byte.ts'
import { measureMemory } from './memory.ts'
import { full, methodOf, type Part, parts, quick } from './plans.ts'
import { openStage } from './processes.ts'
import { type CpuSection, type Results, tablesOf, write } from './report.ts'
import { toText } from './table.ts'
import { startTargets, type Target, type TargetName } from './targets.ts'

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
  const figures: figuresOf.Figure[] = []
  const cpu: CpuSection[] = []
  const problems: string[] = []
  const problem = (what: string): void => void problems.push(what)
  const say = (line: string): void => void process.stderr.write(`${line}\n`)

  if (asked.some((part) => part !== 'memory')) {
    const targets = await startTargets(stage)
    const pick = (...names: readonly TargetName[]): readonly Target[] => names.map((name) => targets[name])
    const measure = async (title: string, plan: CpuPlan): Promise<figuresOf.Measured<CpuMeasure>> => {
      const measured = await measureCpu(stage, plan, say, problem)
      cpu.push({ title, measured })
      return measured
    }
    if (asked.includes('requests')) {
      const plan = { ...plans.requests, targets: pick('direct', 'bare', 'nginx', 'weir', 'weir-durable') }
      figures.push(...figuresOf.requestFigures(await measure('CPU time of a non-streamed request', plan)))
    }
    if (asked.includes('streams')) {
      const plan = { ...plans.streams, targets: pick('direct', 'bare', 'parsing', 'nginx', 'weir', 'weir-durable') }
      figures.push(...figuresOf.streamFigures(await measure('CPU time of a streamed chunk', plan)))
    }
    if (asked.includes('first-byte')) {
      const plan = { ...plans.firstByte, targets: pick('direct', 'bare', 'nginx', 'weir', 'weir-durable') }
      figures.push(...figuresOf.firstByteFigures(await measureFirstByte(plan, say, problem)))
    }
    await Promise.all(Object.values(targets).map((target) => stage.stop(target.started)))
  }
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
