import { ok, type Result } from '../core/result.ts'
import {
  type Checkpoint,
  isSignedBy,
  type Note,
  parseCheckpoint,
  parseNote,
  type Vkey,
  witnessedAt,
} from './verify-note.ts'

/** Part of the verifier: checkpoints, and what an older one says of a newer one. */
export interface Opened {
  readonly note: Note
  readonly checkpoint: Checkpoint
}

export function openCheckpoint(text: string): Result<Opened, string> {
  const note = parseNote(text)
  if (!note.ok) return note
  const checkpoint = parseCheckpoint(note.value.text)
  return checkpoint.ok ? ok({ note: note.value, checkpoint: checkpoint.value }) : checkpoint
}

/** An older checkpoint must be of the same log and not ahead of it; null: only its root is left to be compared. */
export function sinceProblem(
  { note, checkpoint: old }: Opened,
  now: Checkpoint,
  keys: readonly Vkey[],
  witness: Vkey | null,
): string | null {
  if (old.origin !== now.origin) return `is a checkpoint of another log, "${old.origin}"`
  if (!keys.some((key) => isSignedBy(note, key) === 'yes')) return 'is not signed by a key of this log'
  if (witness !== null && isSignedBy(note, witness) !== 'yes') return `is not cosigned by ${witness.text}`
  if (old.size <= now.size) return null
  return `covers ${old.size} entries, and the log has ${now.size}: it was cut or rolled back behind entry ${now.size}`
}

/** What a witness adds: somebody else has seen that much, then. */
export function witnessed({ note, checkpoint }: Opened, witness: Vkey): string {
  const seconds = witnessedAt(note, witness) ?? 0
  return `${witness.name} saw the first ${checkpoint.size} entries by ${new Date(seconds * 1000).toISOString()}`
}

export const rewritten = (old: Checkpoint): string =>
  `covers other first ${old.size} entries than the log has: history was rewritten`
