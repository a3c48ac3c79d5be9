import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import { verifyBundle } from './verify-bundle.ts'
import { problemOf, readFolder } from './verify-folder.ts'
import type { KeyChain } from './verify-keys.ts'
import { type Checkpoint, isSignedBy } from './verify-note.ts'
import { openCheckpoint, type Opened, rewritten, sinceProblem, witnessed } from './verify-since.ts'
import type { Story } from './verify-entries.ts'
import { caveats, Findings, type Verdict, type VerifyOptions } from './verify-verdict.ts'

export type { Verdict } from './verify-verdict.ts'
export { parseVkey, type Vkey } from './verify-note.ts'

/**
 * THE VERIFIER. It decides whether a log holds, with the public key only, and shares no line with what wrote the log: this
 * file and its `verify-*` neighbours import core types and Node, and can be read alone. It trusts nothing that it reads.
 */
export function verifyLog(options: VerifyOptions): Verdict {
  const isFolder = statSync(options.path).isDirectory()
  return isFolder ? verifyFolder(options) : verifyBundle(options, readText(options.path, MAX_BUNDLE_BYTES))
}

/** A log that is being written changes under the verifier's hands. */
const TRIES = 5
const MAX_CHECKPOINT_BYTES = 1_000_000
const MAX_BUNDLE_BYTES = 500_000_000

function verifyFolder(options: VerifyOptions): Verdict {
  const path = join(options.path, 'checkpoint')
  for (let tries = 1; ; tries++) {
    const before = readText(path, MAX_CHECKPOINT_BYTES)
    const verdict = verifyOnce(options, before)
    if (verdict.holds || tries === TRIES) return verdict
    const after = readText(path, MAX_CHECKPOINT_BYTES)
    if (!before.ok || !after.ok || before.value === after.value) return verdict
  }
}

function verifyOnce({ path, key, since, witness, progress }: VerifyOptions, text: Result<string, string>): Verdict {
  const findings = new Findings()
  const { tell } = findings
  const signed = text.ok ? openCheckpoint(text.value) : text
  const earlier = since === null ? null : openCheckpoint(since.text)
  if (!signed.ok) tell('checkpoint', signed.error)
  if (earlier?.ok === false) tell(since!.name, earlier.error)
  if (!signed.ok || earlier?.ok === false) return findings.verdict(null, null, [])
  const { note, checkpoint } = signed.value
  const old = earlier?.value ?? null
  const next = announced(path)
  if (next?.ok === false) tell('checkpoint.next', next.error)
  const nextSize = next?.ok === true ? next.value.checkpoint.size : 0
  const rootsAt = old === null ? [] : [old.checkpoint.size]
  const { story, root, roots } = readFolder(path, checkpoint, nextSize, rootsAt, tell, (entries) =>
    progress(entries, checkpoint.size),
  )
  const { chain } = story
  if (!root.equals(checkpoint.root)) {
    tell('checkpoint', `signs another root than the ${story.entries} entries have: one was changed, moved or taken`)
  }
  for (const what of chain.problemsOf(note, checkpoint.origin, key)) tell('checkpoint', what)
  if (old !== null) {
    const problem = sinceProblem(old, checkpoint, chain.keys, witness)
    if (problem !== null) tell(since!.name, problem)
    else if (roots.get(old.checkpoint.size)?.equals(old.checkpoint.root) !== true) {
      tell(since!.name, rewritten(old.checkpoint))
    }
  }
  if (next?.ok === true) {
    const problem = announcementProblem(next.value, checkpoint, chain)
    if (problem !== null) tell('checkpoint.next', problem)
  }
  const unsigned =
    nextSize > checkpoint.size
      ? [
          `files for entries ${checkpoint.size} to ${nextSize - 1} were being put in place: they are not vouched for yet`,
        ]
      : []
  const seen = old === null || witness === null ? [] : [witnessed(old, witness)]
  const notes = [...caveats(key, old?.checkpoint ?? null), ...seen, ...unsigned, ...notesOf(story)]
  return findings.verdict(checkpoint, chain.current, notes)
}

/** What the writer is about to sign for; null where it is not at work, and did not die at it. */
function announced(folder: string): Result<Opened, string> | null {
  const path = join(folder, 'checkpoint.next')
  if (!existsSync(path)) return null
  const text = readText(path, MAX_CHECKPOINT_BYTES)
  return text.ok ? openCheckpoint(text.value) : text
}

function announcementProblem({ note, checkpoint: next }: Opened, now: Checkpoint, chain: KeyChain): string | null {
  if (next.origin !== now.origin) return `is of another log, "${next.origin}"`
  if (!chain.keys.some((key) => isSignedBy(note, key) === 'yes')) return 'is not signed by a key of this log'
  if (next.size < now.size) return 'is older than the checkpoint'
  return next.size === now.size && !next.root.equals(now.root) ? 'signs another log of the same size' : null
}

function notesOf({ chain, lost, unclosed }: Story): readonly string[] {
  const notes: string[] = []
  const handovers = chain.keys.length - 1
  if (handovers > 0) notes.push(`the key was handed over ${times(handovers)}, signed by the one before`)
  if (lost > 0) notes.push(`${lost} entries were lost before they could be written, and the log says which`)
  if (unclosed.length > 0) {
    const shown = unclosed.slice(0, 5).join(', ')
    const more = unclosed.length > 5 ? ', ...' : ''
    notes.push(
      `a process ended without closing the log ${times(unclosed.length)}, before entry ${shown}${more}: ` +
        'up to a second of automatic entries can be missing there',
    )
  }
  return notes
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

function readText(path: string, maxBytes: number): Result<string, string> {
  try {
    const { size } = statSync(path)
    if (size > maxBytes) return err(`is longer than ${maxBytes} bytes`)
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    return err(problemOf(error))
  }
}
