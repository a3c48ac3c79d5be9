import { err, ok, type Result } from '../core/result.ts'
import type { SkipReason } from './line.ts'

const FIRST_MS = Date.UTC(2000, 0, 1)
const LAST_MS = Date.UTC(2100, 0, 1)

const inRange = (ms: number): boolean => ms >= FIRST_MS && ms < LAST_MS

/** Times of logs come in a form each; what none of them allows is refused, and never guessed. */
export type ReadTime = (value: unknown) => Result<number, SkipReason>

/** The contract's: epoch milliseconds or RFC 3339. */
export const strictTime: ReadTime = (value) => checked(typeof value === 'string' ? parseText(value, false) : value)

/** As vendors write it: epoch seconds or milliseconds, a text of either, RFC 3339, or a time without a zone, which is UTC. */
export const looseTime: ReadTime = (value) => {
  const number = typeof value === 'string' && /^\d{9,13}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value
  // 10^11 seconds are beyond 2100, 10^11 milliseconds are before 2000.
  if (typeof number === 'number') return checked(Math.abs(number) < 1e11 ? number * 1000 : number)
  return checked(typeof value === 'string' ? parseText(value, true) : value)
}

function checked(ms: unknown): Result<number, SkipReason> {
  if (ms === undefined || ms === null) return err('no time')
  if (typeof ms !== 'number' || Number.isNaN(ms)) return err('a time that cannot be read')
  return inRange(ms) ? ok(Math.floor(ms)) : err('a time before 2000 or after 2100')
}

const LEAP_SECOND = ':60'

/** JavaScript reads more than it should, and a time without a zone as that of the machine: the form is checked first. */
function parseText(text: string, zoneOptional: boolean): number {
  if (text.length > 40) return Number.NaN
  const match = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:?\d\d)?$/.exec(text)
  if (match === null || (match[5] === undefined && !zoneOptional)) return Number.NaN
  const seconds = match[3] === LEAP_SECOND ? ':59' : match[3]!
  return Date.parse(`${match[1]!}T${match[2]!}${seconds}${match[4] ?? ''}${zone(match[5])}`)
}

function zone(written: string | undefined): string {
  if (written === undefined || written === 'z') return 'Z'
  return written.length === 5 ? `${written.slice(0, 3)}:${written.slice(3)}` : written
}
