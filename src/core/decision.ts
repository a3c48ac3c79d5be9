/**
 * What the decision path says of an exchange, a caller or a campaign. Evidence is an e-value: under the stated null its
 * mean is at most 1, so a value of x is met by chance at most once in x lives of an honest account (Ville's inequality).
 */
export const actions = [
  'allow',
  'throttle',
  'tarpit',
  'restrict',
  'squeeze',
  'step_up',
  'decoy',
  'cooldown',
  'quarantine',
  'block',
] as const
export type ActionName = (typeof actions)[number]

/** The ladder, lowest first. `watch` and `notice` touch no client. */
export const levels = ['normal', 'watch', 'notice', 'step_up', 'tarpit', 'squeeze', 'block'] as const
export type Level = (typeof levels)[number]

/** Independence of evidence is counted by family: two detectors of one family are one vote. */
export const families = ['content', 'form', 'infrastructure', 'timing', 'output', 'intent', 'decoy'] as const
export type Family = (typeof families)[number]

/** What one exchange meets, by the evidence that was there before it. */
export interface Decision {
  readonly action: ActionName
  readonly level: Level
  readonly campaign: string | null
  readonly evidence: number
}

/** One detector's word, with the numbers behind it in plain language for an operator. */
export interface Finding {
  readonly detector: string
  readonly family: Family
  readonly evidence: number
  /** Which calibration it rests on, and on how many accounts; null where it rests on none. */
  readonly segment: string | null
  readonly calibrated: number | null
  readonly says: string
}

/** When a subject first reached a level, and which of its exchanges (from 0) was the first to meet it. */
export interface Step {
  readonly level: Level
  readonly action: ActionName
  readonly atMs: number
  readonly exchange: number
}

/** What is known of an account that reached `watch` or more. */
export interface AccountCase {
  readonly account: string
  readonly keys: readonly string[]
  readonly level: Level
  readonly evidence: number
  readonly campaign: string | null
  readonly firstMs: number
  readonly lastMs: number
  readonly exchanges: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly steps: readonly Step[]
  readonly findings: readonly Finding[]
}

/** What is known of a campaign: accounts that do one thing together. Taken sums count its members' suspect exchanges. */
export interface CampaignCase {
  readonly id: string
  readonly members: readonly string[]
  readonly firstMs: number
  readonly lastMs: number
  /** When it was first told apart from honest traffic. */
  readonly detectedMs: number
  readonly level: Level
  readonly evidence: number
  readonly families: readonly Family[]
  readonly exchanges: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Keyed hashes of what its members have in common; a log that holds text can show what they stand for. */
  readonly keys: readonly number[]
  readonly findings: readonly Finding[]
}
