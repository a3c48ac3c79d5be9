import * as z from 'zod'
import { err, ok, type Result } from '../core/result.ts'
import { isLoopback, parseAddress } from './address.ts'
import type { Address } from './config.ts'
import { parseDate } from './date.ts'
import { FoundFile } from './fill.ts'
import type { Complaint } from './problem.ts'
import { formatBytes, formatDuration, parseBytes, parseDuration } from './units.ts'

interface When {
  readonly when: (payload: { readonly value: unknown }) => boolean
}

/** Says to `superRefine` that a check of how fields fit together also runs when single fields are wrong. */
export const onAnyMap: When = {
  when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
}
export const onAnyList: When = { when: ({ value }) => Array.isArray(value) }

/** A type and no interface: the schema library takes objects with an index signature only. */
export type ComplaintIssue = {
  readonly code: 'custom'
  readonly message: string
  readonly path: (string | number)[]
  readonly params: { readonly hint: string; readonly at: 'key' | 'value'; readonly within?: number }
}

/** An issue that carries its own hint; `path` starts from the value that is checked. */
export const complain = (
  { message, hint, within }: Complaint,
  path: (string | number)[] = [],
  at: 'key' | 'value' = 'value',
): ComplaintIssue => ({
  code: 'custom',
  message,
  path,
  params: within === undefined ? { hint, at } : { hint, at, within },
})

/** Makes the build fail where a conversion forgets a field: pass it what is left after destructuring. */
export function nothingLeft(_rest: Record<string, never>): void {}

/** Text that `read` turns into a value; `examples` are shown in hints and to editors. */
export const text = <T>(
  read: (text: string) => Result<T, Complaint>,
  meta: {
    readonly examples: string[]
    readonly description?: string
    readonly pattern?: string
    readonly writeOnly?: true
  },
): z.ZodType<T> =>
  z
    .string()
    .meta(meta)
    .transform((value, ctx) => {
      const result = read(value)
      if (result.ok) return result.value
      ctx.addIssue(complain(result.error))
      return z.NEVER
    })

/** Text that has to fit a pattern as a whole. */
export const word = (pattern: RegExp, complaint: Complaint, examples: string[]): z.ZodType<string> =>
  text((value) => (pattern.test(value) ? ok(value) : err(complaint)), { examples, pattern: pattern.source })

export const labelComplaint: Complaint = {
  message: 'not a name of 1 to 64 letters, digits, ".", "_" and "-"',
  hint: 'write for instance acme-1 (key, jwt, cert and pt are taken)',
}
/** Not of "-" alone, which stands for what is not known; nor a word that names of unconfigured callers begin with. */
const labelPattern = /^(?=.*[A-Za-z0-9])(?!(?:key|jwt|cert|pt)$)[A-Za-z0-9._-]{1,64}$/
export const isLabel = (value: string): boolean => labelPattern.test(value)
export const label: z.ZodType<string> = word(labelPattern, labelComplaint, ['acme-1'])

/** Milliseconds, written with a unit. */
export const duration = (minMs: number, maxMs: number, example: string): z.ZodType<number> =>
  text(
    (value) => {
      const durationMs = parseDuration(value)
      if (durationMs === null) {
        return err({
          message: 'not a duration',
          hint: `write a whole number and one of ms, s, m, h, d, for instance ${example}`,
        })
      }
      if (durationMs >= minMs && durationMs <= maxMs) return ok(durationMs)
      const range = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`
      return err({ message: `must be from ${range}`, hint: `write for instance ${example}` })
    },
    { examples: [example], pattern: '^\\d+(ms|s|m|h|d)$' },
  )

/** Bytes, as a number or with a binary unit. */
export const bytes = (max: number, example: string): z.ZodType<number> =>
  z
    .union([z.int(), z.string()])
    .meta({ examples: [example] })
    .transform((value, ctx) => {
      const size = parseBytes(String(value))
      if (size === null) {
        ctx.addIssue(
          complain({ message: 'not a size in bytes', hint: `write a whole number, with KiB or MiB: ${example}` }),
        )
        return z.NEVER
      }
      if (size >= 1 && size <= max) return size
      ctx.addIssue(
        complain({ message: `must be from 1 to ${formatBytes(max)}`, hint: `write for instance ${example}` }),
      )
      return z.NEVER
    })

export const address: z.ZodType<Address> = text(parseAddress, { examples: ['127.0.0.1:8080'] })

/** What can stand in an HTTP header as it is. */
const isVisible = (value: string): boolean => /^[\x21-\x7e]+$/.test(value)

/** A credential, written out or as `file:` or `exec:`; no complaint about it repeats it. */
export const secretText = (minLength: number, example: string): z.ZodType<string> =>
  text(
    (value) => {
      if (!isVisible(value)) {
        return err({
          message: value === '' ? 'is empty' : 'holds a space or a character outside of ASCII',
          hint: 'write letters, digits and punctuation only, without a line break at the end',
        })
      }
      if (value.length >= minLength) return ok(value)
      return err({
        message: `is shorter than ${minLength} characters`,
        hint: 'make one with: openssl rand -hex 24',
      })
    },
    { examples: [example], writeOnly: true },
  )

/** A file, opened before the schema sees it; `read` turns its text into a value. At 0 bytes it only has to exist. */
export const file = <T>(
  maxBytes: number,
  example: string,
  read: (file: FoundFile) => Result<T, Complaint>,
): z.ZodType<T> =>
  z
    .unknown()
    .meta({ type: 'string', examples: [example], fileBytes: maxBytes })
    .transform((value, ctx) => {
      if (!(value instanceof FoundFile)) {
        ctx.issues.push({ code: 'invalid_type', expected: 'string', input: value })
        return z.NEVER
      }
      const result = read(value)
      if (result.ok) return result.value
      ctx.addIssue(complain(result.error))
      return z.NEVER
    })

/** A header, in lower case as headers are looked up. */
export const headerName = (example: string): z.ZodType<string> =>
  text(
    (value) =>
      /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(value)
        ? ok(value.toLowerCase())
        : err({ message: 'not the name of a header', hint: `write for instance ${example}` }),
    { examples: [example] },
  )

/** Epoch milliseconds. */
export const date: z.ZodType<number> = text(
  (value) => {
    const timeMs = parseDate(value)
    if (timeMs !== null) return ok(timeMs)
    const hint = 'write a day such as 2027-01-31, or 2027-01-31T12:00:00Z'
    return err({ message: 'not a date that there is', hint })
  },
  { examples: ['2027-01-31'] },
)

/** Short text for people. */
export const sentence = (max: number, example: string): z.ZodType<string> =>
  text(
    (value) =>
      value.trim() !== '' && value.length <= max
        ? ok(value)
        : err({
            message: `not a text of 1 to ${max} characters`,
            hint: `write for instance ${JSON.stringify(example)}`,
          }),
    { examples: [example] },
  )

/** https, or plain http that does not leave this machine. */
export const safeUrl = (example: string): z.ZodType<string> =>
  text(
    (value) => {
      const url = URL.canParse(value) && !/[\s\\]/.test(value) ? new URL(value) : null
      const hint = `write for instance ${example}`
      if (url === null || !/^https?:$/.test(url.protocol)) return err({ message: 'not an http or https URL', hint })
      if (url.username !== '' || url.password !== '') {
        return err({ message: 'holds a user name or a password', hint: 'remove them' })
      }
      if (url.protocol === 'https:' || isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))) return ok(value)
      return err({
        message: 'plain http to another machine',
        hint: 'write https: what comes from there decides who is let in',
      })
    },
    { examples: [example] },
  )

export const glob: z.ZodType<string> = text(
  (value) =>
    value.length >= 1 && value.length <= 256
      ? ok(value)
      : err({ message: 'not a glob of 1 to 256 characters', hint: 'write for instance "gpt-4o*"' }),
  { examples: ['gpt-4o*'] },
)
