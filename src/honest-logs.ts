import { createHash } from 'node:crypto'
import { joinedPanels, PanelBuilder, ScoreBuilder } from './calibrating.ts'
import type { Calibration, Segment } from './core/calibration.ts'
import type { Decision } from './core/decision.ts'
import type { Observed } from './core/observed.ts'
import type { Profile } from './core/principal.ts'
import type { RecordedExchange } from './core/recorded.ts'
import { defaultCalibration } from './detect.ts'
import { Judge } from './judging.ts'
import { accountOf, RecordObserver } from './observing.ts'
import type { ReplayJudge } from './replay/port.ts'
import type { Parts } from './subject.ts'
import { defaultLadder } from './risk/ladder.ts'
import { supportOf, type Support } from './risk/support.ts'

export { readCalibration, writeCalibration } from './risk/calibration-file.ts'
export { LEAST_ACCOUNTS } from './risk/calibration.ts'
export type { Support } from './risk/support.ts'
export type { Calibration }

/**
 * An operator's own logs as a calibration, in two readings of the same files. The first notes the form of the prompts, and
 * asks the judge that ships whether anybody in the logs looks like a copier: whoever does is no measure of honesty and is
 * left out, or a campaign in the log would calibrate itself away. The second notes how high each account's score rises.
 */
export interface HonestLogsOptions {
  /** What all accounts of these logs are, whatever the lines say; null: each line says it of its own. */
  readonly segment: Profile | null
  /** What the new accounts are added to. */
  readonly base: Calibration | null
  readonly keepSuspects: boolean
}

export interface Suspect {
  readonly account: string
  readonly evidence: number
  readonly prompts: number
  readonly parts: Parts
}

const KEY_SLOTS = 1 << 21
const MAX_ACCOUNTS = 1_000_000

export class HonestLogs {
  readonly #options: HonestLogsOptions
  readonly #seed: number
  readonly #observer: RecordObserver
  readonly #panel = new PanelBuilder()
  #screen: Judge | null
  #suspects: readonly Suspect[] = []
  #leftOut: ReadonlySet<string> = new Set()

  constructor(options: HonestLogsOptions) {
    const secret = createHash('sha256').update('weir calibrate').digest()
    this.#options = options
    this.#observer = new RecordObserver(secret)
    this.#seed = secret.readUInt32LE(4)
    this.#screen = new Judge({
      calibration: defaultCalibration(),
      ladder: defaultLadder,
      seed: this.#seed,
      maxAccounts: MAX_ACCOUNTS,
      keySlots: KEY_SLOTS,
    })
  }

  firstReading(): ReplayJudge {
    return this.#reading((seen) => {
      this.#panel.see(seen)
      this.#screen?.judge(seen)
    })
  }

  /** Accounts that the calibration that ships would ask to show who they are, or worse; the worst first. */
  endFirstReading(): readonly Suspect[] {
    const scores = this.#screen?.scores() ?? []
    this.#screen = null
    this.#suspects = scores
      .filter(({ evidence }) => evidence >= defaultLadder.stepUp)
      .map(({ account, evidence, prompts, parts }) => ({ account, evidence, prompts, parts }))
      .sort((a, b) => b.evidence - a.evidence || sumOf(b) - sumOf(a))
    if (!this.#options.keepSuspects) this.#leftOut = new Set(this.#suspects.map(({ account }) => account))
    return this.#suspects
  }

  secondReading(): { readonly judge: ReplayJudge; end(): Measured } {
    const { base } = this.#options
    const own = this.#panel.build(this.#leftOut)
    const panel = base === null ? joinedPanels(own) : joinedPanels(base.panel, own)
    const scores = new ScoreBuilder(panel, this.#seed, KEY_SLOTS)
    const judge = this.#reading((seen) => {
      if (!this.#leftOut.has(seen.account)) scores.see(seen)
    })
    return { judge, end: () => ({ panel, segments: scores.build() }) }
  }

  #reading(see: (seen: Observed) => void): ReplayJudge {
    const { segment } = this.#options
    return reader((exchange) =>
      see(this.#observer.observe(segment === null ? exchange : { ...exchange, profile: segment })),
    )
  }
}

/** What was measured in these logs; the panel holds the base's forms too. */
export interface Measured {
  readonly panel: Calibration['panel']
  readonly segments: ReadonlyMap<string, Segment>
}

/** The sources that a file names; it would grow without end otherwise. */
const MAX_SOURCE_CHARS = 2000

export function calibrationOf({ panel, segments }: Measured, base: Calibration | null, source: string): Calibration {
  const joined = new Map(base?.segments)
  for (const [name, { scores }] of segments)
    joined.set(name, { scores: [...(joined.get(name)?.scores ?? []), ...scores] })
  const told = base === null ? source : `${base.source}; ${source}`
  return {
    v: 1,
    source: told.length > MAX_SOURCE_CHARS ? `… ${told.slice(2 - MAX_SOURCE_CHARS)}` : told,
    segments: joined,
    panel,
  }
}

/** By the ladder that ships. */
export const supportsOf = ({ segments }: Calibration): readonly Support[] =>
  [...segments].map(([name, segment]) => supportOf(name, segment, defaultLadder))

const sumOf = ({ parts }: Suspect): number => Object.values<number>({ ...parts }).reduce((sum, part) => sum + part, 0)

const allowed: Decision = { action: 'allow', level: 'normal', campaign: null, evidence: 1 }

/** Reads as a replay does and decides nothing. */
const reader = (see: (exchange: RecordedExchange) => void): ReplayJudge => ({
  lastMs: null,
  judge(exchange) {
    see(exchange)
    return allowed
  },
  accountOf: ({ tenant, key }) => accountOf(tenant, key),
  keysOf: () => [],
  finish: () => undefined,
  accounts: () => [],
  campaigns: () => [],
  snapshot: () => new Uint8Array(),
})
