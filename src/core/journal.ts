import type { RequestEvent } from './event.ts'

/**
 * Remembers which exchanges are open, so that each of them ends in an event even if the process does not live to write
 * it. Both calls are synchronous and cheap: they stand on the request path.
 */
export interface Journal {
  /** `ifInterrupted` is the event that is due when `close` never comes. */
  open(ifInterrupted: RequestEvent): void
  close(id: string): void
}
