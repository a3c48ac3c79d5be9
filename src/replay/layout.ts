/** Plain text for a terminal or a mail: aligned columns, and nothing from a log that could move a cursor. */

const MAX_SHOWN_CHARS = 60

/** A name from a log, made harmless: control and direction characters could forge lines of a report. */
export function shown(name: string, maxChars: number = MAX_SHOWN_CHARS): string {
  const harmless = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?')
  // Cut between code points, or half of one would be left.
  return harmless.length > maxChars ? `${harmless.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : harmless
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

export const count = (value: number): string => whole.format(value)

/** `1 account`, `2 accounts`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

export function usd(value: number): string {
  const digits = value > 0 && value < 1 ? 4 : 2
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} USD`
}

export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.1) return 'less than 0.1%'
  if (value > 99 && value < 100) return 'more than 99%'
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toFixed(1)}%`
}

/** `2026-06-01 00:00 UTC`. */
export const minute = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`

/** The two largest units of a time that has passed. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([value]) => value > 0)
  if (first < 0) return '0 s'
  const two = parts.slice(first, first + 2).filter(([value]) => value > 0)
  return two.map(([value, unit]) => `${value} ${unit}`).join(' ')
}

/** An e-value, as how often an honest account gets that far by chance. */
export function rarity(evidence: number): string {
  if (!(evidence >= 2)) return 'no evidence'
  if (evidence >= 1e12) return 'less than 1 in a trillion'
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(evidence)) - 1)
  return `at most 1 in ${count(Math.floor(evidence / unit) * unit)}`
}

/** Lines of cells under each other; a column whose head starts with `>` stands to the right. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const names = head.map((name) => name.replace(/^>/, ''))
  const widths = names.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)))
  return [names, ...rows].map((row) => {
    const cells = row.map((cell, i) => (head[i]!.startsWith('>') ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
    return cells.join('  ').trimEnd()
  })
}

/** Breaks at spaces. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}
