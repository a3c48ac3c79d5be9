import type { Level } from '../core/decision.ts'
import type { Profile } from '../core/principal.ts'
import type { Measured, Suspect, Support } from '../honest-logs.ts'
import type { ReadPart, Report } from '../replay/report.ts'

/** What a calibration has come to, as `--json` prints it; the text is made of this alone. */
export interface CalibrateReport {
  readonly written: boolean
  readonly out: string
  /** Goes into `weir.yaml`. */
  readonly config: string
  readonly source: string
  readonly read: {
    readonly files: readonly string[]
    readonly lines: number
    readonly exchanges: number
    readonly exchanges_with_text: number
    readonly accounts: number
    /** Accounts that have sent enough to be measured. */
    readonly measured: number
    readonly first: string | null
    readonly last: string | null
  }
  readonly segments: readonly SegmentPart[]
  readonly suspects: {
    readonly left_out: boolean
    readonly accounts: readonly SuspectPart[]
  }
  readonly skipped: Report['skipped']
  readonly notes: Report['notes']
  readonly broken_files: Report['broken_files']
}

export interface SegmentPart {
  readonly segment: string
  readonly accounts: number
  /** Of these logs; the others were there before. */
  readonly added: number
  /** At least as many as a segment needs to be judged by. */
  readonly enough: boolean
  /** The least error that so many accounts support: 1 in this many. */
  readonly one_in: number
  /** The most that can stand against an account, with these scores. */
  readonly most_evidence: number
  readonly highest_scores: readonly number[]
  readonly levels: readonly {
    readonly level: Level
    readonly evidence: number
    readonly from_score: number | null
  }[]
}

export interface SuspectPart {
  readonly account: string
  readonly evidence: number
  readonly prompts: number
  readonly parts: Suspect['parts']
}

interface Made {
  readonly read: Report
  readonly measured: Measured
  readonly supports: readonly Support[]
  readonly suspects: readonly Suspect[]
  readonly keepSuspects: boolean
  readonly source: string
  readonly out: string
  readonly written: boolean
}

export function calibrateReport(made: Made): CalibrateReport {
  const { read, measured, supports, suspects, keepSuspects, source, out, written } = made
  const { files, lines, exchanges, exchanges_with_text, accounts, first, last } = read.read
  return {
    written,
    out,
    config: `detection: { calibration: ${plain(out)} }`,
    source,
    read: { files, lines, exchanges, exchanges_with_text, accounts, measured: measuredOf(measured), first, last },
    segments: supports.map((support) => segmentPart(support, measured)),
    suspects: { left_out: !keepSuspects && suspects.length > 0, accounts: suspects.map(suspectPart) },
    skipped: read.skipped,
    notes: read.notes,
    broken_files: read.broken_files,
  }
}

const segmentPart = (support: Support, { segments }: Measured): SegmentPart => ({
  segment: support.segment,
  accounts: support.accounts,
  added: segments.get(support.segment)?.scores.length ?? 0,
  enough: support.enough,
  one_in: support.oneIn,
  most_evidence: rounded(support.mostEvidence),
  highest_scores: support.highest.map(rounded),
  levels: support.reach.map(({ level, evidence, fromScore }) => ({
    level,
    evidence,
    from_score: fromScore === null ? null : rounded(fromScore),
  })),
})

const suspectPart = ({ account, evidence, prompts, parts }: Suspect): SuspectPart => ({
  account,
  evidence: rounded(evidence),
  prompts,
  parts: {
    content: rounded(parts.content),
    form: rounded(parts.form),
    infrastructure: rounded(parts.infrastructure),
    person: rounded(parts.person),
    volume: rounded(parts.volume),
  },
})

const rounded = (value: number): number => Math.round(value * 100) / 100

/** As YAML takes it within braces. */
const plain = (path: string): string => (/^[\w./-]+$/.test(path) ? path : JSON.stringify(path))

const POOLED = 'pooled'
const measuredOf = ({ segments }: Measured): number => segments.get(POOLED)?.scores.length ?? 0

/** Whether anything can be judged by what has come out, and these logs have added to it. */
export const isEnough = (measured: Measured, supports: readonly Support[]): boolean =>
  measuredOf(measured) > 0 && supports.some(({ enough }) => enough)

interface Circumstances {
  readonly segment: Profile | null
  readonly suspects: number
  readonly keepSuspects: boolean
}

/** What the file says of itself: numbers and days. Names of files may be names of customers. */
export function sourceOf(
  { first, last }: ReadPart,
  measured: Measured,
  { segment, suspects, keepSuspects }: Circumstances,
): string {
  const days = first === null || last === null ? 'no day' : `${first.slice(0, 10)} to ${last.slice(0, 10)}`
  const all = segment === null ? '' : `, all of them ${segment}`
  const one = suspects === 1
  const outcome = keepSuspects
    ? `${suspects} that ${one ? 'looks' : 'look'} like copying kept`
    : `${suspects} that ${one ? 'looks' : 'look'} like copying left out`
  return `own logs, ${days}: ${measuredOf(measured)} accounts${all}${suspects === 0 ? '' : `, ${outcome}`}`
}
