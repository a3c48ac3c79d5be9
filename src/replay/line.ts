import type { RecordedExchange } from '../core/recorded.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Notes } from './notes.ts'

/** A parsed line of a log. */
export type Line = Readonly<Record<string, unknown>>

/** Makes an exchange of a line, or says why there is none in it. */
export type Reader = (line: Line, notes: Notes) => Result<RecordedExchange, Skipped>

/** A fixed list, as for notes. */
export type SkipReason =
  | 'blank'
  | 'longer than 4 MiB'
  | 'not JSON'
  | 'not a JSON object'
  | 'no time'
  | 'a time that cannot be read'
  | 'a time before 2000 or after 2100'
  | 'no key'
  | 'a key that is not a text of 1 to 512 characters'

/** A line that was not judged, and what is known of it all the same. */
export interface Skipped {
  readonly why: SkipReason
  readonly timeMs: number | null
  readonly key: string | null
}

export const skipped = (
  why: SkipReason,
  timeMs: number | null = null,
  key: string | null = null,
): Result<never, Skipped> => err({ why, timeMs, key })

/** The two that every exchange needs. */
export function timeAndKey(
  time: Result<number, SkipReason>,
  key: Result<string, SkipReason>,
): Result<{ timeMs: number; key: string }, Skipped> {
  if (time.ok && key.ok) return ok({ timeMs: time.value, key: key.value })
  const why = time.ok ? (key as { error: SkipReason }).error : time.error
  return skipped(why, time.ok ? time.value : null, key.ok ? key.value : null)
}

const MAX_KEY_CHARS = 512

export function readKey(value: unknown): Result<string, SkipReason> {
  if (value === undefined || value === null) return err('no key')
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_KEY_CHARS) {
    return err('a key that is not a text of 1 to 512 characters')
  }
  return ok(value)
}
