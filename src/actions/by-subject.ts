import { type ActionSubject, type AppliedAction, type SubjectKind, subjectKinds, userValue } from '../core/action.ts'
import type { Facts } from '../core/dimensions.ts'
import { fits } from './check.ts'

/** An action as it stands among those on one subject. */
export interface Standing {
  readonly action: AppliedAction
}

export const none: readonly AppliedAction[] = Object.freeze([])

/** All kill switches are one list. */
const ALL = ''
export const placeOf = ({ kind, value }: ActionSubject): string => (kind === 'descriptor' ? ALL : value)

/** Finds actions by whom they fall on: a look into a map for each kind of subject, and then the scope of the few that are there. */
export class BySubject<T extends Standing> {
  readonly #kinds: Readonly<Record<SubjectKind, Map<string, T[]>>>

  constructor() {
    const maps = subjectKinds.map((kind): [SubjectKind, Map<string, T[]>] => [kind, new Map()])
    this.#kinds = Object.fromEntries(maps) as Record<SubjectKind, Map<string, T[]>>
  }

  add(one: T): void {
    const { subject } = one.action
    const others = this.#kinds[subject.kind].get(placeOf(subject))
    if (others === undefined) this.#kinds[subject.kind].set(placeOf(subject), [one])
    else others.push(one)
  }

  remove(one: T): void {
    const { subject } = one.action
    const ofKind = this.#kinds[subject.kind]
    const others = ofKind.get(placeOf(subject))!
    if (others.length === 1) ofKind.delete(placeOf(subject))
    else others.splice(others.indexOf(one), 1)
  }

  count(subject: ActionSubject): number {
    return this.#kinds[subject.kind].get(placeOf(subject))?.length ?? 0
  }

  of(subject: ActionSubject): readonly AppliedAction[] {
    const all = this.#kinds[subject.kind].get(placeOf(subject)) ?? []
    return all.flatMap(({ action }) => (action.subject.value === subject.value ? [action] : []))
  }

  find(facts: Facts, nowMs: number): readonly AppliedAction[] {
    const { key, user, account, ip_prefix, asn, fingerprint, campaign, descriptor } = this.#kinds
    let found = gather(key.get(facts.key), facts, nowMs, null)
    if (user.size > 0) found = gather(user.get(userValue(facts.tenant, facts.user)), facts, nowMs, found)
    found = gather(account.get(facts.tenant), facts, nowMs, found)
    if (ip_prefix.size > 0) found = gather(ip_prefix.get(facts.ip_prefix), facts, nowMs, found)
    if (asn.size > 0) found = gather(asn.get(facts.asn), facts, nowMs, found)
    if (fingerprint.size > 0) found = gather(fingerprint.get(facts.fingerprint), facts, nowMs, found)
    if (campaign.size > 0) found = gather(campaign.get(facts.campaign), facts, nowMs, found)
    if (descriptor.size > 0) found = gather(descriptor.get(ALL), facts, nowMs, found)
    return found ?? none
  }
}

function gather(
  entries: readonly Standing[] | undefined,
  facts: Facts,
  nowMs: number,
  found: AppliedAction[] | null,
): AppliedAction[] | null {
  if (entries === undefined) return found
  let all = found
  for (const { action } of entries) {
    if (action.untilMs <= nowMs || !fits(action.scope, facts)) continue
    if (all === null) all = [action]
    else all.push(action)
  }
  return all
}
