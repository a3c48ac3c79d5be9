import { styleText } from 'node:util'
import type { RequestEvent } from '../core/event.ts'

/** What the client of one request saw. */
export interface Shown {
  readonly what: string
  readonly saw: string
}

const bold = (text: string): string => styleText('bold', text)
const dim = (text: string): string => styleText('dim', text)

export const introduction = (url: string): string => `
${bold('Weir')} stands in front of an LLM API: it knows who calls, counts every token as it flows, and ends a
stream gracefully when its budget runs out. Here it runs at ${url} before the built-in demo
model, and the official openai client sends a handful of requests.
`

const colours = {
  ok: 'green',
  refused: 'yellow',
  cut: 'magenta',
  client_left: 'gray',
  upstream_error: 'red',
  upstream_lost: 'red',
  failed: 'red',
  interrupted: 'red',
} as const

/** One line a request: what was asked, what the client saw, and the one event that Weir wrote. */
export function eventTable(shown: readonly Shown[], events: readonly RequestEvent[]): string {
  const lines = shown.map(({ what, saw }, i) => {
    const event = events[i]!
    const outcome = styleText(colours[event.outcome], event.outcome.padEnd(8))
    const { inputTokens, outputTokens } = event.usage
    const tokens =
      event.usageSource === 'none'
        ? ''
        : `${inputTokens} + ${outputTokens}${event.usageSource === 'estimate' ? ' ~' : ''}`
    const cost = event.cost.source === 'none' ? '' : `$${(event.cost.nanoUsd / 1e9).toFixed(6)}`
    const why = event.cutBy ?? (event.refusal?.kind === 'over_quota' ? event.refusal.limit : '')
    return `${what.padEnd(31)} ${outcome} ${tokens.padStart(11)} ${cost.padStart(9)}  ${why.padEnd(13)} ${dim(saw)}`
  })
  const head = `${'request'.padEnd(31)} ${'outcome'.padEnd(8)} ${'tokens'.padStart(11)} ${'cost'.padStart(9)}  ${'limit'.padEnd(13)} what the client saw`
  const counts = `${shown.length} requests, ${events.length} events: exactly one each. "~": counted by Weir, because a cut stream has no provider's count.`
  return `${bold(head)}\n${lines.join('\n')}\n${dim(counts)}\n`
}

export function quotaTable(rows: readonly Record<string, string | number>[], key: string): string {
  const lines = rows.map((row) => {
    const part = Number(row['used']) / Number(row['limit'])
    const bar = '█'.repeat(Math.round(part * 20)).padEnd(20, '░')
    return `${String(row['name']).padEnd(15)} ${String(row['used']).padStart(9)} of ${String(row['limit']).padEnd(6)} ${bar} ${dim(`${row['resource']}, ${row['held']} held`)}`
  })
  return `${bold(`What key "${key}" has used`)} ${dim(`(control plane: GET /api/v1/quotas?key=${key})`)}\n${lines.join('\n')}\n`
}

export const staying = (
  dataUrl: string,
  controlUrl: string,
  secret: string,
  token: string,
): string => `${bold('Still up, until Ctrl-C. Try:')}
  curl ${dataUrl}/v1/chat/completions -H "authorization: Bearer ${secret}" \\
    -d '{"model":"weir-demo-small","stream":true,"messages":[{"role":"user","content":"Who are you?"}]}'
  curl ${controlUrl}/metrics -H "authorization: Bearer ${token}"
`
