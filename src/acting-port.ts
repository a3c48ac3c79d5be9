import type { LadderConfig } from './config/config.ts'
import type { Mode, ResponseConfig } from './config/response-config.ts'
import type { AppliedAction, EndReason } from './core/action.ts'
import type { Finding, Level } from './core/decision.ts'
import type { Result } from './core/result.ts'
import type { Stand } from './judging.ts'

/** What whoever acts needs of the others. */
export interface ActingOptions {
  readonly register: ActingRegister
  /** In [0, 1). */
  random(): number
  /** Whether a rule has been wrong too often to act: then it is only noted. */
  isDemoted(rule: string): boolean
  alert(names: readonly string[], alert: Alert): void
  say(what: 'action_refused', details: Readonly<Record<string, unknown>>): void
}

/** What it needs of the register. */
export interface ActingRegister {
  apply(action: Omit<AppliedAction, 'id'>): Result<AppliedAction, string>
  end(id: string, why: EndReason, by: string, nowMs: number): AppliedAction | null
  get(id: string): AppliedAction | null
  list(): readonly AppliedAction[]
  setCampaign(account: string, campaign: string | null): void
}

/** What it needs of the judge. */
export interface ActingJudge {
  standOf(account: string): Stand | null
  findingsOn(account: string): readonly Finding[]
  restart(account: string, before: number): void
}

export interface ActingConfig {
  readonly mode: Mode
  readonly ladder: LadderConfig
  readonly response: ResponseConfig
}

/** What operators are told when a level is reached. */
export interface Alert {
  readonly level: Level
  readonly account: string
  readonly campaign: string | null
  readonly evidence: number
  readonly rule: string
  readonly findings: readonly string[]
  readonly atMs: number
}
