import type { Cancel, Clock } from './core/clock.ts'

/** Where nothing needs it: how soon a configuration that has come to need it is noticed. */
const IDLE_REFRESH_MS = 15_000

/**
 * Does something again every so often, as long as somebody says how often: what changes without a file's changing, such
 * as a secret that a command gives. The result stops it.
 */
export function refreshEvery(clock: Clock, everyMs: () => number | null, refresh: () => void): () => void {
  let cancel: Cancel | null = null
  let stopped = false
  const schedule = (): void => {
    if (stopped) return
    cancel = clock.after(everyMs() ?? IDLE_REFRESH_MS, () => {
      if (everyMs() !== null) refresh()
      schedule()
    })
  }
  schedule()
  return () => {
    stopped = true
    cancel?.()
  }
}
