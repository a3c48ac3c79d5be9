import { createHash } from 'node:crypto'
import type { Calibration } from './core/calibration.ts'
import type { Config } from './config/config.ts'
import type { AccountCase, CampaignCase, Decision } from './core/decision.ts'
import type { Observed } from './core/observed.ts'
import { ok, type Result } from './core/result.ts'
import type { RecordedExchange } from './core/recorded.ts'
import { calibrationOf } from './calibrations.ts'
import { Judge, type JudgeOptions } from './judging.ts'
import { accountOf, RecordObserver } from './observing.ts'
import type { ReplayJudge } from './replay/port.ts'
import { defaultLadder, type Ladder } from './risk/ladder.ts'

/** Joins the decision path for a replay: what is observed in a log, judged as live traffic is. */
export function createJudge(config: Config, snapshot: Uint8Array | null): Result<ReplayJudge, string> {
  const calibration = calibrationOf(config.detection)
  if (!calibration.ok) return calibration
  const options = replayOptions(calibration.value, config.detection.ladder)
  if (snapshot === null) return ok(new Replaying(new Judge(options)))
  const restored = Judge.restore(options, snapshot)
  return restored.ok ? ok(new Replaying(restored.value)) : restored
}

export { defaultCalibration } from './calibrations.ts'

/** A replay must give the same decisions on every machine, so its secret is none; live traffic has a real one. */
const secret: Buffer = createHash('sha256').update('weir replay').digest()

export const replayOptions = (calibration: Calibration, ladder: Ladder = defaultLadder): JudgeOptions => ({
  calibration,
  ladder,
  seed: secret.readUInt32LE(4),
  maxAccounts: 1_000_000,
  keySlots: 1 << 21,
})

export class Replaying implements ReplayJudge {
  readonly #observer = new RecordObserver(secret)
  readonly #judge: Judge
  #seen: Observed | null = null

  constructor(judge: Judge) {
    this.#judge = judge
  }

  get lastMs(): number | null {
    return this.#judge.lastMs
  }

  judge(exchange: RecordedExchange): Decision {
    this.#seen = this.#observer.observe(exchange)
    return this.#judge.judge(this.#seen)
  }

  accountOf({ tenant, key }: RecordedExchange): string {
    return accountOf(tenant, key)
  }

  keysOf(): readonly number[] {
    return this.#seen === null ? [] : this.#judge.keysOf(this.#seen)
  }

  /** Evidence is weighed at every exchange, so nothing is left for the end. */
  finish(): void {}

  accounts(): readonly AccountCase[] {
    return this.#judge.accounts()
  }

  campaigns(): readonly CampaignCase[] {
    return this.#judge.campaigns()
  }

  snapshot(): Uint8Array {
    return this.#judge.snapshot()
  }
}
