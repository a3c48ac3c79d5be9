import { createHash } from 'node:crypto'
import type { Calibration } from './core/calibration.ts'
import type { Config } from './config/config.ts'
import type { AccountCase, CampaignCase, Decision } from './core/decision.ts'
import { err, ok, type Result } from './core/result.ts'
import type { RecordedExchange } from './core/recorded.ts'
import { calibrationOf } from './calibrations.ts'
import { Judge } from './judging.ts'
import { accountOf, RecordObserver } from './observing.ts'
import type { ReplayJudge } from './replay/port.ts'
import type { Ladder } from './risk/ladder.ts'

/** Joins the decision path for a replay: what is observed in a log, judged as live traffic is. */
export function createJudge(config: Config, snapshot: Uint8Array | null): Result<ReplayJudge, string> {
  const calibration = calibrationOf(config.detection)
  if (!calibration.ok) return calibration
  if (snapshot !== null) return err('is no snapshot')
  return ok(new Replaying(calibration.value, config.detection.ladder))
}

/** As a configuration has it that says nothing. */
const defaultLadder: Ladder = { watch: 20, notice: 100, stepUp: 500, tarpit: 1000, squeeze: 10_000, block: 500 }

export class Replaying implements ReplayJudge {
  readonly #observer: RecordObserver
  readonly #judge: Judge
  lastMs: number | null = null

  constructor(calibration: Calibration, ladder: Ladder = defaultLadder) {
    const secret = createHash('sha256').update('weir replay').digest()
    this.#observer = new RecordObserver(secret)
    this.#judge = new Judge({
      calibration,
      ladder,
      seed: secret.readUInt32LE(4),
      maxAccounts: 1_000_000,
      keySlots: 1 << 21,
    })
  }

  judge(exchange: RecordedExchange): Decision {
    this.lastMs = exchange.timeMs
    return this.#judge.judge(this.#observer.observe(exchange))
  }

  accountOf({ tenant, key }: RecordedExchange): string {
    return accountOf(tenant, key)
  }

  keysOf(): readonly number[] {
    return []
  }

  finish(): void {}

  accounts(): readonly AccountCase[] {
    return []
  }

  campaigns(): readonly CampaignCase[] {
    return []
  }

  snapshot(): Uint8Array {
    return new Uint8Array()
  }
}
