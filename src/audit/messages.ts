import type { WriterStart } from './writer.ts'

/** What goes to the thread that writes the log, and what comes back. */
export interface WorkerStart {
  readonly dataDir: string
  readonly origin: string | null
}

export type Ask =
  /** JSON, one entry a line; and the texts of their exchanges, one a line. */
  | { readonly kind: 'group'; readonly lines: string; readonly texts: string }
  | { readonly kind: 'rotate'; readonly id: number }
  | { readonly kind: 'erase'; readonly id: number; readonly of: string; readonly value: string }
  | { readonly kind: 'close'; readonly id: number }

export interface LogState {
  readonly size: number
  readonly checkpoint: string
  readonly vkey: string
}

export type Told =
  | ({ readonly kind: 'opened'; readonly start: WriterStart; readonly origin: string } & LogState)
  | { readonly kind: 'refused'; readonly error: string }
  | ({ readonly kind: 'written'; readonly count: number } & LogState)
  | ({ readonly kind: 'state' } & LogState)
  /** The disk does not take it; it is tried again. */
  | { readonly kind: 'trouble'; readonly error: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly error: string | null }
