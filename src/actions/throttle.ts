import type { Make } from './part.ts'

/** So many requests a minute for the whole subject; an agent in a loop is told that it is in one. */
export const throttle: Make<'throttle'> = ({ requestsPerMinute, tell }, { subject }) => ({
  throttle: { subject, requestsPerMinute, tell: tell ?? null },
})
