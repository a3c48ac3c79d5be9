import type { ActionName, Level } from './decision.ts'
import type { Dimension, Facts } from './dimensions.ts'

/**
 * The vocabulary of response: whom an action falls on, what it does, how long it is in force and on what it rests. The
 * decision path writes actions in force, the request path reads them, and operators can do both by hand.
 */
export const subjectKinds = [
  'key',
  'user',
  'account',
  'ip_prefix',
  'asn',
  'fingerprint',
  'campaign',
  /** A kill switch: whatever fits its scope. */
  'descriptor',
] as const
export type SubjectKind = (typeof subjectKinds)[number]

/** What a client calls its user means something only within its account: `value` of a user is made by `userValue`. */
export interface ActionSubject {
  readonly kind: SubjectKind
  readonly value: string
}

/** Actions that come into force: every one but `allow`. */
export type InForceName = Exclude<ActionName, 'allow'>

/** From the mildest to the firmest; of several in force the firmest names what an exchange met. */
export const firmness: readonly InForceName[] = [
  'throttle',
  'tarpit',
  'restrict',
  'step_up',
  'decoy',
  'squeeze',
  'cooldown',
  'quarantine',
  'block',
]

/** How somebody who is asked can answer. */
export const meansNames = ['proof_of_work', 'attestation', 'reauthenticate', 'purpose', 'grant'] as const
export type Means = (typeof meansNames)[number]

/** What an action does, with its numbers. */
export type ActionSpec =
  /** `tell`: what the client reads beside the wait, such as that it repeats itself; nothing about detectors. */
  | { readonly action: 'throttle'; readonly requestsPerMinute: number; readonly tell?: string | null }
  /** Both waits are drawn anew each time, evenly between the two. */
  | { readonly action: 'tarpit'; readonly firstByteMs: Range; readonly perChunkMs: Range }
  /** `model`: answered by this cheaper one; null: by the one asked for. */
  | { readonly action: 'restrict'; readonly maxTokens: number | null; readonly model: string | null }
  /** Own limits times `factor`, and one budget of requests a day that all of the subject share; null: none. */
  | { readonly action: 'squeeze'; readonly factor: number; readonly requestsPerDay: number | null }
  /** `grace`: requests that are still answered under `restrict` before it is insisted on. */
  | { readonly action: 'step_up'; readonly grace: number; readonly means: readonly Means[] }
  | { readonly action: 'decoy'; readonly upstream: string }
  | { readonly action: 'cooldown' }
  | { readonly action: 'quarantine' }
  | { readonly action: 'block' }

export type Range = readonly [least: number, most: number]

/** What else must be true of a request for an action to meet it: all of them, each by one of its globs. */
export type Scope = readonly { readonly dimension: Dimension; readonly globs: readonly string[] }[]

export interface AppliedAction {
  readonly id: string
  readonly spec: ActionSpec
  readonly subject: ActionSubject
  /** Empty: every request of the subject. */
  readonly scope: Scope
  /** `shadow`: noted in the event and met by nobody. */
  readonly mode: 'enforce' | 'shadow'
  /** A soft action that was held back at random, so that its precision is measured: as good as shadow. */
  readonly heldBack: boolean
  /** The rule of a playbook, such as `default/step_up`; or who did it by hand, and in which procedure. */
  readonly by: { readonly kind: 'playbook' | 'operator' | 'containment' | 'decoy'; readonly name: string }
  readonly reason: string
  readonly level: Level | null
  /** The e-value at the time, and what the detectors said, for the operator. */
  readonly evidence: number | null
  readonly findings: readonly string[]
  readonly campaign: string | null
  /** Actions that came and go together, such as those of a containment procedure; null: it stands alone. */
  readonly group: string | null
  readonly atMs: number
  /** It expires by itself. */
  readonly untilMs: number
}

/** Why an action is not in force any more; `displaced` by a firmer one, where there was room for no more. */
export type EndReason = 'expired' | 'lifted' | 'passed' | 'replaced' | 'rolled back' | 'demoted' | 'displaced'

/** What the request path reads of the register of actions in force. */
export interface ActionsInForce {
  /** The campaign that an account is known to belong to; null: none. */
  campaignOf(account: string): string | null
  /** Every action that meets a request with these facts, shadow ones among them; the same empty list where there is none. */
  find(facts: Facts, nowMs: number): readonly AppliedAction[]
  /** Counts one of the requests of grace that an action gives an account, and says whether there was one left. */
  takeGrace(id: string, account: string): boolean
}

/** Accounts can have a slash in their names: nobody may choose a user's name so that the two together read like others. */
export const userValue = (account: string, user: string): string =>
  `${account.replaceAll('%', '%25').replaceAll('/', '%2F')}/${user}`

/** The account in the value of a user. */
export const accountOfUser = (value: string): string =>
  value.slice(0, value.indexOf('/')).replaceAll('%2F', '/').replaceAll('%25', '%')
