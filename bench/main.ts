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
import { type Figure, firstByteFigures, isMissed, type Measured } from './figures.ts'
import { memoryFigures, requestFigures, streamFigures } from './figures.ts'
import { measureFirstByte } from './first-byte.ts'
import { measureMemory } from './memory.ts'
import { full, type Part, parts, type Plans, quick } from './plans.ts'
import { openStage } from './processes.ts'
import { type CpuSection, type Results, tablesOf, write } from './report.ts'
import { perPart } from './stats.ts'
import { toText } from './table.ts'
import { startTargets, type Target, type TargetName, type Targets } from './targets.ts'

const words = process.argv.slice(2)
const isPart = (word: string): word is Part => (parts as readonly string[]).includes(word)
const unknown = words.filter((word) => word !== '--quick' && !isPart(word))
if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(' ')}; there are --quick ${parts.join(' ')}\n`)
  process.exit(2)
}
const named = words.filter(isPart)
const mode = words.includes('--quick') ? 'quick' : 'full'
process.exit(await run(mode === 'quick' ? quick : full, named.length === 0 ? parts : named))

async function run(plans: Plans, asked: readonly Part[]): Promise<number> {
  const stage = openStage()
  const figures: Figure[] = []
  const cpu: CpuSection[] = []
  const problems: string[] = []
  const problem = (what: string): void => void problems.push(what)
  const say = (line: string): void => void process.stderr.write(`${line}\n`)

  if (asked.some((part) => part !== 'memory')) {
    const targets = await startTargets(stage)
    const measure = (plan: Omit<CpuPlan, 'targets'>, names: readonly TargetName[]): Promise<Measured<CpuMeasure>> =>
      measureCpu(stage, { ...plan, targets: pick(targets, names) }, say, problem)
    if (asked.includes('requests')) {
      const measured = await measure(plans.requests, ['direct', 'bare', 'nginx', 'weir', 'weir-durable'])
      cpu.push({ title: 'Process time of a non-streamed request', measured })
      figures.push(...requestFigures(measured))
    }
    if (asked.includes('streams')) {
      const measured = await measure(plans.streams, ['direct', 'bare', 'parsing', 'nginx', 'weir', 'weir-durable'])
      cpu.push({ title: 'Process time of a streamed chunk', measured: perPart(measured) })
      figures.push(...streamFigures(measured))
    }
  }
  return problems.length
}
