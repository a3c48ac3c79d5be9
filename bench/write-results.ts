import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Table, toMarkdown } from './table.ts'

interface Results {
  readonly at: string
  readonly machine: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly method: readonly string[]
}

/** Writes results/NAME.json, numbers to four places, and the same for people to NAME.md. */
export function writeResults(name: string, title: string, results: Results, tables: readonly Table[]): void {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Math.round(value * 10_000) / 10_000 : value
  const json = JSON.stringify(results, rounded, 2).replaceAll(/\[[\s\d.,-]+\]/g, (list) =>
    list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'),
  )
  writeFileSync(join(folder, `${name}.json`), `${json}\n`)
  const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
  const facts = Object.entries({ ...results.machine, ...results.versions }).map(([fact, value]) => `${fact}: ${value}`)
  const md = [`# ${title}`, `Run at ${results.at}.`, bullets(facts), bullets(results.method), toMarkdown(tables)]
  writeFileSync(join(folder, `${name}.md`), `${md.join('\n\n')}\n`)
}
