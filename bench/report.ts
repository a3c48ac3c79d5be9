import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CpuMeasure } from './cpu.ts'
import { type Figure, isMissed } from './figures.ts'
import type { Table } from './table.ts'
import { toMarkdown } from './table.ts'
import { describe, type Measured } from './targets.ts'

/** Everything that a full run found; one with a failed request has no results. */
export interface Results {
  readonly at: string
  readonly machine: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly method: readonly string[]
  readonly figures: readonly Figure[]
  readonly cpu: readonly CpuSection[]
}

export interface CpuSection {
  readonly title: string
  readonly measured: Measured<CpuMeasure>
}

export function tablesOf({ cpu, figures }: Results): readonly Table[] {
  const groups = [...new Set(figures.map(({ group }) => group))]
  return [
    ...cpu.map(cpuTable),
    ...groups.map((title) => ({
      title,
      head: ['figure', 'median', 'min .. max', 'budget', ''],
      rows: figures.filter(({ group }) => group === title).map(figureRow),
    })),
  ]
}

const cpuTable = ({ title, measured }: CpuSection): Table => ({
  title,
  head: ['process', 'CPU each', 'min .. max', 'rate', 'reads per write'],
  rows: [...measured].map(([name, { cpuUs, perSecond, readsPerWrite }]) => [
    `${name}: ${describe[name]}`,
    `${cpuUs.median.toFixed(1)} us`,
    `${cpuUs.min.toFixed(1)} .. ${cpuUs.max.toFixed(1)}`,
    `${perSecond.median.toFixed(0)}/s`,
    readsPerWrite.toFixed(2),
  ]),
})

const digits = { x: 2, us: 1, ms: 2, MB: 0, B: 0, '%': 1 } satisfies Record<Figure['unit'], number>

function figureRow(figure: Figure): readonly string[] {
  const { what, unit, value, min, max, budget } = figure
  const show = (n: number): string => n.toFixed(digits[unit])
  return [
    what,
    `${show(value)} ${unit}`,
    min === null || max === null ? '' : `${show(min)} .. ${show(max)}`,
    budget === null ? '' : `<= ${budget} ${unit}`,
    budget === null ? '' : isMissed(figure) ? 'MISS' : 'pass',
  ]
}

/** Beside this file, in `results/`: one for programs and one for people. */
export function write(results: Results): readonly string[] {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const files = { json: join(folder, 'spine.json'), md: join(folder, 'spine.md') }
  writeFileSync(files.json, asJson(results))
  writeFileSync(files.md, asMarkdown(results))
  return Object.values(files)
}

function asJson(results: Results): string {
  const cpu = results.cpu.map(({ title, measured }) => ({ title, measured: Object.fromEntries(measured) }))
  const whole = (value: unknown): unknown => (typeof value === 'number' ? Math.round(value) : value)
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && value < 1000 ? Math.round(value * 100) / 100 : whole(value)
  const text = JSON.stringify({ ...results, cpu }, rounded, 2)
  // A list of numbers on one line, as the formatter of this project has it.
  return `${text.replaceAll(/\[[\s\d.,-]+\]/g, (list) => list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`
}

function asMarkdown(results: Results): string {
  const { at, machine, versions, method } = results
  const facts = { ...machine, ...versions }
  return `# Bench of the request path

Run at ${at}, without a failed request.

${Object.entries(facts)
  .map(([name, value]) => `- ${name}: ${value}`)
  .join('\n')}

${method.map((line) => `- ${line}`).join('\n')}

${toMarkdown(tablesOf(results))}
`
}
