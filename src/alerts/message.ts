import { createHmac } from 'node:crypto'

/** What an operator is told. Numbers and names only: nothing of a prompt, and no secret. */
export interface Notice {
  readonly atMs: number
  /** One line, for a chat or a log. */
  readonly headline: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The body of a webhook, and how its receiver knows that it is ours: HMAC-SHA256 over time and body, as Stripe signs. */
export function webhookBody(notice: Notice, secret: string | null): Signed {
  const { atMs, headline, details } = notice
  const body = Buffer.from(JSON.stringify({ time: new Date(atMs).toISOString(), headline, ...details }))
  if (secret === null) return { body, headers: {} }
  const seconds = Math.floor(atMs / 1000)
  const signature = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex')
  return { body, headers: { 'weir-signature': `t=${seconds},v1=${signature}` } }
}

export interface Signed {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Slack reads these three as markup, and names are the client's. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export const slackBody = ({ headline, details }: Notice): Buffer =>
  Buffer.from(
    JSON.stringify({
      text: [escaped(headline), ...linesOf(details).map((line) => `• ${escaped(line)}`)].join('\n'),
    }),
  )

function linesOf(details: Notice['details']): readonly string[] {
  return Object.entries(details)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(' ') : String(value)}`)
}

/** Facility `log audit` (13), severity `warning` (4): RFC 5424, 6.2.1. */
const PRIORITY = 13 * 8 + 4
const MAX_SYSLOG_BYTES = 2048

/** One message of RFC 5424; line ends and control characters of a name must not start another one. */
export function syslogLine({ atMs, headline, details }: Notice, host: string): Buffer {
  const message = `${headline} ${JSON.stringify(details)}`.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')
  const line = Buffer.from(`<${PRIORITY}>1 ${new Date(atMs).toISOString()} ${host} weir - alert - ${message}`)
  return line.subarray(0, MAX_SYSLOG_BYTES)
}
