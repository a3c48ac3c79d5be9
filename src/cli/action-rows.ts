/** Rows of actions as the control plane tells them, and how a person reads them. */
export interface ActionRow {
  readonly id: string
  readonly action: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly subject: string
  readonly match: Readonly<Record<string, readonly string[]>>
  readonly mode: string
  readonly held_back: boolean
  readonly by: { readonly kind: string; readonly name: string }
  readonly reason: string
  readonly level: string | null
  readonly evidence: number | null
  readonly findings: readonly string[]
  readonly campaign: string | null
  readonly group: string | null
  readonly grace_left: number | null
  readonly at: string
  readonly until: string
}

/** Two lines and what the detectors said: texts in it can be of a client's making, and go to a terminal. */
export function actionText(row: ActionRow): string {
  const { id, action, subject, by, reason, level, evidence, campaign, group, findings, until } = row
  const notes = [
    ...Object.entries(row.settings).map(
      ([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`,
    ),
    ...(subject.startsWith('match:')
      ? []
      : Object.entries(row.match).map(([name, globs]) => `where ${name} is ${globs.join(' or ')}`)),
    ...(row.grace_left === null ? [] : [`${row.grace_left} requests of grace left`]),
    ...(level === null ? [] : [`level ${level}`]),
    ...(evidence === null ? [] : [`evidence ${Number(evidence.toPrecision(3))}`]),
    ...(campaign === null ? [] : [`campaign ${campaign}`]),
    ...(group === null ? [] : [`group ${group}`]),
  ]
  const mode = row.mode === 'shadow' ? ' (shadow)' : row.held_back ? ' (held back)' : ''
  const lines = [
    `${id}  ${action}${mode}  ${subject}  until ${until}`,
    `  by ${by.kind} ${by.name}: ${reason}`,
    ...(notes.length === 0 ? [] : [`  ${notes.join('; ')}`]),
    ...findings.map((finding) => `  - ${finding}`),
  ]
  return lines.map(printable).join('\n')
}

/** No control character of anybody's reaches the terminal. */
export const printable = (line: string): string => line.replaceAll(/\p{C}/gu, '?')
