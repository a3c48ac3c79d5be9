import type { PlaybookAction } from './config/response-config.ts'
import { userValue, type ActionSubject } from './core/action.ts'
import type { Level } from './core/decision.ts'
import type { RequestEvent } from './core/event.ts'

/** Who stood behind the latest exchange of an account. */
export interface Caller {
  readonly account: string
  readonly keyId: string
  readonly user: string | null
  readonly ipPrefix: string | null
  readonly asn: number | null
  readonly fingerprint: string | null
}

/** How an account stands with its playbook. */
export interface Place {
  caller: Caller
  playbook: string
  campaign: string | null
  level: Level
  /** How often it has come above `normal`. */
  repeat: number
  renewedMs: number
  /** Since when a step-up has been in force; null: none. */
  askedMs: number | null
  /** Requests for which its actions are still held back, and whether they ever were. */
  spared: number
  wasSpared: boolean
  /** Those in force on this account alone. */
  readonly actions: Set<string>
}

/** Whom of those behind a request an action falls on: the account, where what is meant is not known. */
export function subjectOf({ on }: PlaybookAction, caller: Caller, campaign: string | null): ActionSubject {
  const { account, keyId, user, ipPrefix, asn, fingerprint } = caller
  const own: ActionSubject = { kind: 'account', value: account }
  const of = (value: string | null): ActionSubject => (value === null ? own : { kind: on, value })
  switch (on) {
    case 'key':
      return of(keyId)
    case 'user':
      return of(user === null ? null : userValue(account, user))
    case 'ip_prefix':
      return of(ipPrefix)
    case 'asn':
      return of(asn === null ? null : `AS${asn}`)
    case 'fingerprint':
      return of(fingerprint)
    case 'campaign':
      return of(campaign)
    case 'account':
      return own
  }
}

export function callerOf({ who, user, network, client }: RequestEvent): Caller {
  const { account, keyId } = who!
  const { ipPrefix, asn } = network
  return {
    account,
    keyId,
    user,
    ipPrefix: ipPrefix === 'unknown' ? null : ipPrefix,
    asn,
    fingerprint: client?.id ?? null,
  }
}
