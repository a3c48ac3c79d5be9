import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import { problemOf, readFolder } from './verify-folder.ts'
import { type Checkpoint, isSignedBy, type Note, parseCheckpoint, parseNote, type Vkey } from './verify-note.ts'

/**
 * THE VERIFIER. It decides whether a log holds, with the public key only, and shares no line with what wrote the log: this
 * file and its `verify-*` neighbours import core types and Node, and can be read alone. It trusts nothing that it reads.
 */
export interface VerifyOptions {
  readonly path: string
  /** null: the key that the log itself names, which shows that it is whole, and not whose it is. */
  readonly key: Vkey | null
  /** A checkpoint kept from earlier: the log must still hold everything that it covered. */
  readonly since: { readonly name: string; readonly text: string } | null
  readonly progress: (entries: number, of: number) => void
}

export interface Verdict {
  readonly holds: boolean
  readonly origin: string | null
  readonly size: number | null
  readonly root: string | null
  readonly signedBy: string | null
  /** What does not hold, and where. */
  readonly problems: readonly { readonly where: string; readonly what: string }[]
  /** What holds beyond that, and what this cannot vouch for. */
  readonly notes: readonly string[]
}

/** Past these a log is broken enough. */
const MAX_PROBLEMS = 20
/** A log that is being written changes under the verifier's hands. */
const TRIES = 4

export function verifyLog(options: VerifyOptions): Verdict {
  for (let tries = 1; ; tries++) {
    const before = readText(join(options.path, 'checkpoint'))
    const verdict = verifyOnce(options, before)
    if (verdict.holds || tries === TRIES) return verdict
    const after = readText(join(options.path, 'checkpoint'))
    if (!before.ok || !after.ok || before.value === after.value) return verdict
  }
}

function verifyOnce({ path, key, since, progress }: VerifyOptions, text: Result<string, string>): Verdict {
  const problems: { where: string; what: string }[] = []
  const tell = (where: string, what: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ where, what })
  }
  const signed = text.ok ? openCheckpoint(text.value) : text
  const earlier = since === null ? null : openCheckpoint(since.text)
  if (!signed.ok) tell('checkpoint', signed.error)
  if (since !== null && earlier?.ok === false) tell(since.name, earlier.error)
  if (!signed.ok || earlier?.ok === false) return verdictOf(null, null, problems, [])
  const { note, checkpoint } = signed.value
  const old = earlier?.value.checkpoint ?? null
  const { story, root, roots } = readFolder(path, checkpoint, old === null ? [] : [old.size], tell, (entries) =>
    progress(entries, checkpoint.size),
  )
  if (!root.equals(checkpoint.root)) {
    tell(
      'checkpoint',
      `signs another root than the ${story.entries} entries have: an entry was changed, moved or taken`,
    )
  }
  if (story.origin !== checkpoint.origin) {
    tell('entry 0', `is of the log "${story.origin}", and the checkpoint of "${checkpoint.origin}"`)
  }
  const signer = story.keys.at(-1) ?? null
  for (const what of signatureProblems(note, signer, key, story.keys)) tell('checkpoint', what)
  if (old !== null) {
    for (const what of sinceProblems(earlier!.value, checkpoint, roots, story.keys)) tell(since!.name, what)
  }
  const notes = notesOf(key, story, old)
  return verdictOf(checkpoint, signer, problems, notes)
}

interface Opened {
  readonly note: Note
  readonly checkpoint: Checkpoint
}

function openCheckpoint(text: string): Result<Opened, string> {
  const note = parseNote(text)
  if (!note.ok) return note
  const checkpoint = parseCheckpoint(note.value.text)
  return checkpoint.ok ? ok({ note: note.value, checkpoint: checkpoint.value }) : checkpoint
}

function signatureProblems(note: Note, signer: Vkey | null, key: Vkey | null, chain: readonly Vkey[]): string[] {
  const problems: string[] = []
  if (signer === null || isSignedBy(note, signer) !== 'yes') {
    problems.push(`is not signed by the key that the log names (${signer?.text ?? 'none'})`)
  }
  if (note.signatures.length !== 1) problems.push(`has ${note.signatures.length} signatures, and a log writes one`)
  if (key !== null && !chain.some(({ text }) => text === key.text)) {
    problems.push(`is of another log, or signed by somebody else: ${key.text} never was its key`)
  }
  return problems
}

function sinceProblems(
  { note, checkpoint: old }: Opened,
  now: Checkpoint,
  roots: ReadonlyMap<number, Buffer>,
  chain: readonly Vkey[],
): string[] {
  if (old.origin !== now.origin) return [`is a checkpoint of another log, "${old.origin}"`]
  if (!chain.some((key) => isSignedBy(note, key) === 'yes')) return ['is not signed by a key of this log']
  if (old.size > now.size) {
    return [
      `covers ${old.size} entries, and the log has ${now.size}: it was cut or rolled back behind entry ${now.size}`,
    ]
  }
  const root = roots.get(old.size)
  if (root === undefined) return [`covers ${old.size} entries, which cannot all be read`]
  return root.equals(old.root) ? [] : [`covers other first ${old.size} entries than the log has: history was rewritten`]
}

function notesOf(
  key: Vkey | null,
  story: { lost: number; unclosed: readonly number[]; keys: readonly Vkey[] },
  old: Checkpoint | null,
): readonly string[] {
  const notes: string[] = []
  if (key === null) notes.push('no --key: the log vouches for itself with the key it names; whose it is, it cannot say')
  notes.push(
    old === null
      ? 'no --since: vouches for consistency, not for what was rolled back: a log cut at an older checkpoint looks like this'
      : `holds everything that the checkpoint of ${old.size} entries covered`,
  )
  if (story.keys.length > 1)
    notes.push(`the key was handed over ${story.keys.length - 1} times, each time signed by the one before`)
  if (story.lost > 0) notes.push(`${story.lost} entries were lost before they could be written, and the log says which`)
  if (story.unclosed.length > 0) {
    const shown = story.unclosed.slice(0, 5).join(', ')
    notes.push(
      `a process ended without closing the log before entries ${shown}${story.unclosed.length > 5 ? ', ...' : ''}: ` +
        'up to a second of automatic entries can be missing there',
    )
  }
  return notes
}

const verdictOf = (
  checkpoint: Checkpoint | null,
  signer: Vkey | null,
  problems: Verdict['problems'],
  notes: readonly string[],
): Verdict => ({
  holds: problems.length === 0,
  origin: checkpoint?.origin ?? null,
  size: checkpoint?.size ?? null,
  root: checkpoint?.root.toString('base64') ?? null,
  signedBy: signer?.text ?? null,
  problems,
  notes,
})

function readText(path: string): Result<string, string> {
  try {
    if (statSync(path).size > 1_000_000) return err('is too long for a checkpoint')
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    return err(problemOf(error))
  }
}
