export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** For a terminal: one width for the columns of all tables, numbers to the right. */
export function toText(tables: readonly Table[]): string {
  const widths: number[] = []
  for (const { head, rows } of tables) {
    for (const row of [head, ...rows])
      for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  }
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`.trimEnd()
  return tables.map(({ title, head, rows }) => [title, ...[head, ...rows].map(line)].join('\n')).join('\n\n')
}

export function toMarkdown(tables: readonly Table[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  const block = ({ title, head, rows }: Table): string => {
    const rule = head.map((_, i) => (i === 0 ? '---' : '---:'))
    return [`## ${title}`, '', ...[head, rule, ...rows].map(line)].join('\n')
  }
  return tables.map(block).join('\n\n')
}
