import { styleText } from 'node:util'
import type { RequestEvent } from '../core/event.ts'
import { count, counted } from './demo-story.ts'
import type { DemoSize } from './demo-thieves.ts'
import { isFull } from './ledger.ts'
import type { RunResult } from './run.ts'

/** What the client of one request saw. */
export interface Shown {
  readonly what: string
  readonly saw: string
}

const bold = (text: string): string => styleText('bold', text)
const dim = (text: string): string => styleText('dim', text)

export const actOne = (url: string): string => `
${bold('1. A gateway.')} Weir stands in front of an LLM API, here at ${url} before a demo model that is
built in. It knows who calls, counts every token as it flows, and ends a stream properly when its budget runs out.
The official openai client sends a few requests:
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
    return `${what.padEnd(26)} ${outcome} ${tokens.padStart(11)} ${cost.padStart(9)}  ${why.padEnd(13)} ${dim(saw)}`
  })
  const head = `${'request'.padEnd(26)} ${'outcome'.padEnd(8)} ${'tokens'.padStart(11)} ${'cost'.padStart(9)}  ${'limit'.padEnd(13)} what the client saw`
  const counts = `${shown.length} requests, ${events.length} events: exactly one each. "~": counted by Weir, since a stream that is cut has no count of its model's.`
  return `${bold(head)}\n${lines.join('\n')}\n${dim(counts)}\n`
}

/** What is about to be seen, and what is real of it. */
export function actTwo(thieves: readonly { readonly name: string; readonly does: string }[], size: DemoSize): string {
  const list = thieves.map(({ name, does }) => `  ${styleText('red', name.padEnd(14))} ${does}`).join('\n')
  return `${bold('2. Four thieves')} want ${count(size.answers)} answers each, to train a copy of the model on them:
${list}
What they and honest customers send goes through the same code as above, on a virtual clock of ${size.hours} hours.
`
}

/** How it goes when nobody looks. */
export function takenText({ exchanges, hours }: RunResult, thieves: readonly string[]): string {
  const own = thieves.map((name) => exchanges.filter((one) => one.class === name))
  const got = own.reduce((sum, all) => sum + all.filter(isFull).length, 0)
  const accounts = own.reduce((sum, all) => sum + new Set(all.map(({ account }) => account)).size, 0)
  return `Without Weir they have ${count(got)} answers after ${hours.toFixed(0)} hours, with ${counted(accounts, 'account')}, and nobody says a word.
Now with Weir, and honest customers beside them. Only this screen knows who is which. Each line: when, who, which
account (k45), what Weir does, and on which evidence: "1 in 900" where, by calibration, at most one honest
account in 900 ever looks like that.
`
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
