import { err, ok, type Result } from '../core/result.ts'

/** What a prompt can make the demo model do; every field as it is without a directive. */
export interface Directive {
  /** Answers with this error status. */
  readonly status: number | null
  /** Time to the first byte. */
  readonly delayMs: number | null
  readonly paceTps: number | null
  /** Breaks the connection after so many tokens; before anything is sent when 0. */
  readonly dropAfter: number | null
  /** Falls silent for ever after so many tokens; before anything is sent when 0. */
  readonly stallAfter: number | null
  /** Length of the answer, of each choice. */
  readonly tokens: number | null
  readonly flags: ReadonlySet<Flag>
}

const flags = ['no_usage', 'zero_usage', 'bad_json', 'crlf', 'no_done', 'error_event'] as const
export type Flag = (typeof flags)[number]

/** The largest value of each; a prompt must not be able to ask for more memory than a long answer takes. */
const numbers = {
  status: 599,
  delay_ms: 3_600_000,
  pace_tps: 1_000_000,
  drop_after: 1_000_000,
  stall_after: 1_000_000,
  tokens: 100_000,
} as const

const directives = /\[\[demo:([^\]]{0,500})\]\]/g

export const withoutDirectives = (text: string): string => text.replaceAll(directives, '').trim()

/** Reads `[[demo: key=value flag ...]]`; the error says what is wrong with it. */
export function parseDirective(text: string): Result<Directive, string> {
  const values = new Map<string, number>()
  const set = new Set<Flag>()
  for (const [, inside] of text.matchAll(directives)) {
    for (const part of inside!.split(/[\s,]+/)) {
      if (part === '') continue
      const [key, value] = part.split('=', 2) as [string, string | undefined]
      const flag = flags.find((name) => name === key)
      if (flag !== undefined && value === undefined) set.add(flag)
      else if (Object.hasOwn(numbers, key) && /^\d{1,9}$/.test(value ?? '')) {
        const max = numbers[key as keyof typeof numbers]
        if (Number(value) > max) return err(`demo directive "${key}" goes up to ${max}`)
        values.set(key, Number(value))
      } else return err(`unknown demo directive "${part}"; there are ${[...Object.keys(numbers), ...flags].join(', ')}`)
    }
  }
  const status = values.get('status') ?? null
  if (status !== null && status < 400) return err('demo directive "status" takes 400 to 599')
  return ok({
    status,
    delayMs: values.get('delay_ms') ?? null,
    paceTps: values.get('pace_tps') ?? null,
    dropAfter: values.get('drop_after') ?? null,
    stallAfter: values.get('stall_after') ?? null,
    tokens: values.get('tokens') ?? null,
    flags: set,
  })
}
