const pattern = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d)))?$/

/** Epoch milliseconds of an RFC 3339 date-time, or of the first moment (UTC) of a date; null for anything else. */
export function parseDate(text: string): number | null {
  const found = pattern.exec(text)
  if (found === null) return null
  const part = (i: number): number => Number(found[i] ?? 0)
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)]
  if (hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59) return null
  const fractionMs = Number(`${found[7] ?? ''}000`.slice(0, 3))
  const utcMs = Date.UTC(year, month - 1, day, hour, minute, second, fractionMs)
  // Date.UTC carries 2026-02-31 over into March, and takes years below 100 for another century.
  const read = new Date(utcMs)
  if (read.getUTCFullYear() !== year || read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day) return null
  const offsetMs = (part(9) * 60 + part(10)) * 60_000 * (found[8] === '-' ? -1 : 1)
  return utcMs >= offsetMs ? utcMs - offsetMs : null
}

/** As a date where it is one, else as a date-time. */
export function formatDate(timeMs: number): string {
  const text = new Date(timeMs).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text
}
