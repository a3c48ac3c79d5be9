import type { Checkpoint, Vkey } from './verify-note.ts'

/** Part of the verifier: what it is asked, and what it answers. */
export interface VerifyOptions {
  /** A log's folder, or an exported bundle. */
  readonly path: string
  /** null: the key that the log itself names, which shows that it is whole, and not whose it is. */
  readonly key: Vkey | null
  /** A checkpoint kept from earlier: the log must still hold everything that it covered. */
  readonly since: { readonly name: string; readonly text: string } | null
  /** Whose cosignature the earlier checkpoint must carry; null: nobody's. */
  readonly witness: Vkey | null
  readonly progress: (entries: number, of: number) => void
}

export interface Verdict {
  readonly holds: boolean
  readonly origin: string | null
  readonly size: number | null
  readonly root: string | null
  readonly signedBy: string | null
  /** What does not hold, and where. */
  readonly problems: readonly Problem[]
  /** What holds beyond that, and what this cannot vouch for. */
  readonly notes: readonly string[]
}

export interface Problem {
  readonly where: string
  readonly what: string
}

/** Past these a log is broken enough. */
const MAX_PROBLEMS = 20

export class Findings {
  readonly problems: Problem[] = []

  readonly tell = (where: string, what: string): void => {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ where, what })
  }

  verdict(checkpoint: Checkpoint | null, signer: Vkey | null, notes: readonly string[]): Verdict {
    return {
      holds: this.problems.length === 0,
      origin: checkpoint?.origin ?? null,
      size: checkpoint?.size ?? null,
      root: checkpoint?.root.toString('base64') ?? null,
      signedBy: signer?.text ?? null,
      problems: this.problems,
      notes,
    }
  }
}

/** What was not asked cannot be vouched for. */
export const caveats = (key: Vkey | null, old: Checkpoint | null): readonly string[] => [
  ...(key === null ? ['no --key: the log vouches for itself with the key it names; whose it is, this cannot say'] : []),
  old === null
    ? 'no --since: vouches for consistency, not for what was rolled back: a log cut at an older checkpoint looks like this'
    : `holds everything that the checkpoint of ${old.size} entries covered`,
]
