import type { AccountCase, CampaignCase, Decision } from './core/decision.ts'
import type { Observed } from './core/observed.ts'
import { err, type Result } from './core/result.ts'
import { Judge, type JudgeOptions } from './judging.ts'

/** The judge as live traffic needs it. */
export interface LiveJudge {
  judge(seen: Observed): Decision
  /** Those that reached `watch` or more. */
  accounts(): readonly AccountCase[]
  campaigns(): readonly CampaignCase[]
  /** All that it knows, to go on from; empty where it cannot say. */
  snapshot(): Uint8Array
}

/** Makes judges, new or from what an earlier one knew. The error says what is wrong with the bytes. */
export interface Judges {
  start(options: JudgeOptions): LiveJudge
  restore(options: JudgeOptions, bytes: Uint8Array): Result<LiveJudge, string>
}

/**
 * To be replaced by `{ start: (options) => new Judge(options), restore: Judge.restore }` as soon as `Judge` tells of its
 * accounts and can be taken down; until then cases are what its decisions say.
 */
export const judges: Judges = {
  start: (options) => new Told(new Judge(options), options.maxAccounts),
  restore: () => err('cannot be read yet'),
}

class Told implements LiveJudge {
  readonly #judge: Judge
  readonly #maxAccounts: number
  readonly #cases = new Map<string, AccountCase>()

  constructor(judge: Judge, maxAccounts: number) {
    this.#judge = judge
    this.#maxAccounts = maxAccounts
  }

  judge(seen: Observed): Decision {
    const decision = this.#judge.judge(seen)
    const { account, key, timeMs } = seen
    const before = this.#cases.get(account)
    if (decision.level === 'normal' || (before === undefined && this.#cases.size >= this.#maxAccounts)) return decision
    this.#cases.set(account, {
      account,
      keys: [key],
      steps: [],
      findings: [],
      firstMs: timeMs,
      ...before,
      level: decision.level,
      evidence: decision.evidence,
      campaign: decision.campaign,
      lastMs: timeMs,
      exchanges: (before?.exchanges ?? 0) + 1,
      inputTokens: (before?.inputTokens ?? 0) + seen.inputTokens,
      outputTokens: (before?.outputTokens ?? 0) + seen.outputTokens,
    })
    return decision
  }

  accounts(): readonly AccountCase[] {
    return [...this.#cases.values()]
  }

  campaigns(): readonly CampaignCase[] {
    const found = Map.groupBy(this.#cases.values(), ({ campaign }) => campaign)
    return [...found].flatMap(([id, members]) => (id === null ? [] : [campaignOf(id, members)]))
  }

  snapshot(): Uint8Array {
    return new Uint8Array()
  }
}

const sum = (members: readonly AccountCase[], of: (one: AccountCase) => number): number =>
  members.reduce((total, one) => total + of(one), 0)

const campaignOf = (id: string, members: readonly AccountCase[]): CampaignCase => ({
  id,
  members: members.map(({ account }) => account),
  firstMs: Math.min(...members.map(({ firstMs }) => firstMs)),
  lastMs: Math.max(...members.map(({ lastMs }) => lastMs)),
  detectedMs: Math.min(...members.map(({ firstMs }) => firstMs)),
  level: members[0]!.level,
  evidence: Math.max(...members.map(({ evidence }) => evidence)),
  families: [],
  exchanges: sum(members, ({ exchanges }) => exchanges),
  inputTokens: sum(members, ({ inputTokens }) => inputTokens),
  outputTokens: sum(members, ({ outputTokens }) => outputTokens),
  keys: [],
  findings: [],
})
