import type { Make } from './part.ts'

/** Limits times a factor, on counters that the whole subject shares; on probation each keeps its own. */
export const squeeze: Make<'squeeze'> = ({ factor, requestsPerDay }, { subject }) => ({
  squeeze: { subject, factor, requestsPerDay },
})
