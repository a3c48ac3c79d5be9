import type { DetectionConfig } from './config/config.ts'
import type { Calibration } from './core/calibration.ts'
import type { Cancel, Clock } from './core/clock.ts'
import {
  levels,
  type AccountCase,
  type CampaignCase,
  type Decision,
  type Finding,
  type Level,
} from './core/decision.ts'
import type { DetectionStatus } from './core/detection-status.ts'
import type { RequestEvent } from './core/event.ts'
import { accountsIn } from './calibrations.ts'
import { Judge, type JudgeOptions, type Stand } from './judging.ts'
import { observedOf } from './observing.ts'

/**
 * The judge of live traffic through its life: made when the first event is there to be judged, from what an earlier process
 * knew where there is something; saved every so often; carried over when a reload changes what it judges by.
 */
export interface DetectionOptions {
  readonly clock: Clock
  /** Secret to this deployment, the same after a restart where state is kept. */
  readonly secret: Uint8Array
  /** Where its state outlives the process; null: nowhere. */
  readonly state: DetectionState | null
  readonly say: (level: 'info' | 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>) => void
}

/** Keeps one judge's state. */
export interface DetectionState {
  /** What was saved last; null: nothing. */
  load(): Uint8Array | null
  save(bytes: Uint8Array): Promise<void>
  /** Moves what cannot be read out of the way, and says where to. */
  setAside(): string
}

/** How old the list of campaigns may be. */
const TOLD_AGAIN_MS = 5000

export class Detection {
  readonly #options: DetectionOptions
  #config: DetectionConfig
  #calibration: Calibration
  #judge: Judge | null = null
  #lastMs = 0
  #found: { readonly campaigns: readonly CampaignCase[]; readonly atMs: number; readonly judged: number } | null = null
  #judged = 0
  #savedAtMs: number | null = null
  #saving: Promise<void> | null = null
  #timer: Cancel | null = null

  constructor(config: DetectionConfig, calibration: Calibration, options: DetectionOptions) {
    this.#options = options
    this.#config = config
    this.#calibration = calibration
  }

  /** Takes up what was saved. Nothing that is wrong with it keeps anybody from starting. */
  start(): void {
    const { state, say } = this.#options
    if (this.#config.mode === 'off' || state === null) return
    this.#schedule(state)
    try {
      const bytes = state.load()
      if (bytes === null) return
      const restored = Judge.restore(this.#judgeOptions, bytes)
      if (restored.ok) this.#goOn(restored.value)
      else say('warn', 'detection_state_lost', { problem: restored.error, moved_to: state.setAside() })
    } catch (error) {
      say('warn', 'detection_state_lost', { problem: error instanceof Error ? error.message : String(error) })
    }
  }

  /** What the event's exchange would have met by the evidence before it; null where nobody is judged. */
  judge(event: RequestEvent): Decision | null {
    if (this.#config.mode === 'off') return null
    const seen = observedOf(event)
    if (seen === null) return null
    // Events come as exchanges end: the judge's clock is the latest arrival, and never runs backwards.
    this.#lastMs = Math.max(this.#lastMs, seen.timeMs)
    this.#judge ??= new Judge(this.#judgeOptions)
    this.#judged++
    return this.#judge.judge({ ...seen, timeMs: this.#lastMs })
  }

  /** How an account stands; null: nobody knows it. */
  standOf(account: string): Stand | null {
    return this.#judge?.standOf(account) ?? null
  }

  findingsOn(account: string): readonly Finding[] {
    return this.#judge?.findingsOn(account) ?? []
  }

  /** Begins anew with an account; `before` is what stays of the evidence. */
  restart(account: string, before: number): void {
    this.#judge?.restart(account, before)
  }

  /** Puts other thresholds or another calibration in force; what is known of accounts stays where it can. */
  reload(config: DetectionConfig, calibration: Calibration): void {
    const before = this.#config
    const sameJudge =
      config.calibration?.text === before.calibration?.text &&
      JSON.stringify([before.ladder, before.maxAccounts, before.keySlots]) ===
        JSON.stringify([config.ladder, config.maxAccounts, config.keySlots])
    this.#config = config
    this.#calibration = calibration
    if (before.mode === 'off' && config.mode !== 'off' && this.#judge === null) return this.start()
    if (sameJudge || this.#judge === null) return
    const restored = Judge.restore(this.#judgeOptions, this.#judge.snapshot())
    if (!restored.ok) this.#options.say('warn', 'detection_starts_anew', { problem: restored.error })
    this.#judge = restored.ok ? restored.value : null
    this.#found = null
  }

  get status(): DetectionStatus {
    const { mode, calibration } = this.#config
    const counts = this.#judge?.counts ?? {}
    return {
      mode,
      learning: mode === 'shadow' && calibration === null,
      calibration: {
        source: this.#calibration.source,
        own: calibration !== null,
        accounts: accountsIn(this.#calibration),
      },
      levels: Object.fromEntries(levels.map((level) => [level, counts[level] ?? 0])) as Record<Level, number>,
      accounts: Object.values(counts).reduce((sum, count) => sum + count, 0),
      campaigns: this.campaigns().length,
      judged: this.#judged,
      savedAtMs: this.#savedAtMs,
    }
  }

  get mode(): DetectionConfig['mode'] {
    return this.#config.mode
  }

  accounts(): readonly AccountCase[] {
    return this.#judge?.accounts() ?? []
  }

  /** What was found is told again for some seconds: to tell it anew looks at every account and tests every campaign. */
  campaigns(): readonly CampaignCase[] {
    if (this.#judge === null) return []
    const nowMs = this.#options.clock.now()
    if (this.#found === null || (this.#found.judged !== this.#judged && nowMs - this.#found.atMs >= TOLD_AGAIN_MS))
      this.#found = { campaigns: this.#judge.campaigns(), atMs: nowMs, judged: this.#judged }
    return this.#found.campaigns
  }

  #goOn(judge: Judge): void {
    this.#judge = judge
    this.#lastMs = judge.lastMs ?? 0
    this.#found = null
  }

  /** Saves for the last time. */
  async close(): Promise<void> {
    this.#timer?.()
    await this.#saving
    const { state } = this.#options
    if (state !== null) await this.#save(state)
  }

  #schedule(state: DetectionState): void {
    this.#timer?.()
    this.#timer = this.#options.clock.after(this.#config.snapshotEveryMs, () => {
      this.#saving ??= this.#save(state).finally(() => {
        this.#saving = null
      })
      this.#schedule(state)
    })
  }

  /** A full disk takes nobody's evidence away while the process lives. */
  async #save(state: DetectionState): Promise<void> {
    if (this.#judge === null) return
    try {
      await state.save(this.#judge.snapshot())
      this.#savedAtMs = this.#options.clock.now()
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      this.#options.say('error', 'detection_state_not_saved', { problem })
    }
  }

  get #judgeOptions(): JudgeOptions {
    const { ladder, maxAccounts, keySlots } = this.#config
    const { secret } = this.#options
    // Its first four bytes are the extractor's.
    const seed = (secret[4]! | (secret[5]! << 8) | (secret[6]! << 16) | (secret[7]! << 24)) >>> 0
    return { calibration: this.#calibration, ladder, seed, maxAccounts, keySlots }
  }
}
