/** A count inside an object of details; 0 where it is not told. */
export const detail = (details: unknown, field: string): number =>
  typeof details === 'object' && details !== null ? (count((details as Record<string, unknown>)[field]) ?? 0) : 0

/** A number of tokens, or null for anything that is none. */
export const count = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null
