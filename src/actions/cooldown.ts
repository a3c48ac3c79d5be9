import type { Make } from './part.ts'

/** Nothing until it is over, and the client is told when that is. */
export const cooldown: Make<'cooldown'> = (_spec, { untilMs }, nowMs) => ({
  refusal: { kind: 'cooling_down', retryAfterMs: Math.max(1, untilMs - nowMs) },
})
