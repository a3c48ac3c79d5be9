import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Calibration } from './core/calibration.ts'
import type { Config } from './config/config.ts'
import type { AccountCase, CampaignCase, Decision } from './core/decision.ts'
import { err, ok, type Result } from './core/result.ts'
import type { RecordedExchange } from './core/recorded.ts'
import { Judge } from './judging.ts'
import { accountOf, RecordObserver } from './observing.ts'
import type { ReplayJudge } from './replay/port.ts'
import { readCalibration } from './risk/calibration-file.ts'
import { defaultLadder } from './risk/ladder.ts'

/** Joins the decision path for a replay: what is observed in a log, judged as live traffic is. */
export function createJudge(config: Config, snapshot: Uint8Array | null): Result<ReplayJudge, string> {
  void config
  if (snapshot !== null) return err('is no snapshot')
  return ok(new Replaying(defaultCalibration()))
}

/** What ships with the program: numbers of the honest accounts of public conversations, chats and templates. */
export function defaultCalibration(): Calibration {
  const path = join(import.meta.dirname, 'risk', 'default-calibration.json')
  const read = readCalibration(readFileSync(path, 'utf8'))
  if (!read.ok) throw new Error(`${path} ${read.error}`)
  return read.value
}

export class Replaying implements ReplayJudge {
  readonly #observer: RecordObserver
  readonly #judge: Judge
  lastMs: number | null = null

  constructor(calibration: Calibration) {
    const secret = createHash('sha256').update('weir replay').digest()
    this.#observer = new RecordObserver(secret)
    this.#judge = new Judge({
      calibration,
      ladder: defaultLadder,
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
