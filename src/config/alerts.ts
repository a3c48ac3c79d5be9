import * as z from 'zod'
import { isLoopback } from './address.ts'
import { complain, label, nothingLeft, onAnyMap, secretText } from './fields.ts'
import type { Complaint } from './problem.ts'
import type { AlertTarget } from './response-config.ts'

const examples: Readonly<Record<AlertTarget['kind'], string>> = {
  webhook: 'https://alerts.example.com/weir',
  slack: 'https://hooks.slack.com/services/...',
  syslog: 'udp://127.0.0.1:514',
}

/** What an address has to be, by who listens there. Who has the path of a webhook can often write to it: a secret. */
function addressComplaint(written: string, kind: AlertTarget['kind']): Complaint | null {
  const hint = `write for instance ${examples[kind]}`
  const url = URL.canParse(written) && !written.includes('\\') ? new URL(written) : null
  if (url === null || url.hostname === '') return { message: 'not a URL', hint }
  if (url.username !== '' || url.password !== '')
    return { message: 'holds a user name or a password', hint: 'remove them' }
  if (kind === 'syslog') {
    const isPlain = /^\/?$/.test(url.pathname) && url.search === '' && url.hash === ''
    if (!/^(?:udp|tcp):$/.test(url.protocol) || url.port === '' || url.port === '0' || !isPlain) {
      return { message: 'not the address of a syslog server: udp:// or tcp://, a host and a port', hint }
    }
    return null
  }
  if (!/^https?:$/.test(url.protocol)) return { message: 'not an http or https URL', hint }
  if (url.protocol === 'https:' || isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))) return null
  return { message: 'plain http to another machine', hint: 'write https: alerts say who is suspected' }
}

const kind = z.enum(['webhook', 'slack', 'syslog'])

const alert = z
  .strictObject({
    name: label,
    kind,
    url: secretText(1, examples.webhook),
    secret: secretText(16, '${ALERT_SECRET}').optional().describe('Signs what a webhook is sent.'),
  })
  .superRefine(({ kind: written, url, secret }, ctx) => {
    const known = kind.safeParse(written)
    if (!known.success) return
    const wrong = typeof url === 'string' ? addressComplaint(url, known.data) : null
    if (wrong !== null) ctx.addIssue(complain(wrong, ['url']))
    if (secret === undefined || known.data === 'webhook') return
    const message = `${known.data} takes no signature`
    ctx.addIssue(complain({ message, hint: 'remove secret, or write kind: webhook' }, ['secret'], 'key'))
  }, onAnyMap)
  .transform(({ name, kind, url, secret, ...rest }): AlertTarget => {
    nothingLeft(rest)
    return { name, kind, url, secret: secret ?? null }
  })

/** Who is told. */
export const alerts: z.ZodType<readonly AlertTarget[]> = z.array(alert)
