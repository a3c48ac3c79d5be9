import { statSync } from 'node:fs'
import type { Cancel, Clock } from '../core/clock.ts'

export interface FileWatch {
  /** Watches these files from now on. What has happened to one of them since it was last looked at is still told. */
  reset(paths: readonly string[]): void
  stop(): void
}

/** How soon a change is seen, and how long a file must have been left alone: editors and copies write in several steps. */
const EVERY_MS = 1000

/**
 * Calls `changed` when one of the files has changed, come or gone, and has stayed so for a moment. Looks instead of
 * waiting for the system's events, because those get lost on network and container file systems and see a mounted
 * secret's symbolic link, not what it points to.
 */
export function watchFiles(first: readonly string[], clock: Clock, changed: () => void): FileWatch {
  let paths = first
  let settled = paths.map(stateOf)
  let last = settled
  let cancel: Cancel = () => {}
  const look = (): void => {
    // Before anything else, so that whoever is told can stop this, and a failure there does not.
    cancel = clock.after(EVERY_MS, look)
    const seen = paths.map(stateOf)
    const still = areSame(seen, last)
    last = seen
    if (!still || areSame(seen, settled)) return
    settled = seen
    changed()
  }
  cancel = clock.after(EVERY_MS, look)
  return {
    reset(next) {
      const known = new Map(paths.map((path, i) => [path, last[i]!]))
      paths = next
      // A file that changed while it was being read is not taken for read.
      settled = last = next.map((path) => known.get(path) ?? stateOf(path))
    },
    stop: () => cancel(),
  }
}

const areSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.every((state, i) => state === others[i])

function stateOf(path: string): string {
  try {
    // The time of the last change as well: copies can carry over the time at which the original was written.
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch {
    return 'none'
  }
}
