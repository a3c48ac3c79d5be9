import { accountOfUser, type ActionSubject, type AppliedAction, type EndReason, type Scope } from './core/action.ts'
import type { Dimension } from './core/dimensions.ts'
import type { By, Fact, Facts, RecordEntry, RecordLog, Sealed, SealedKind } from './core/record-log.ts'
import { sealed } from './core/record-log.ts'
import type { ActionRegister, Ended } from './actions/register.ts'
import type { Containment, ContainmentDesk } from './containment.ts'

/** What of actions goes into the log, and in which words. Whom they are about and what people have written is sealed. */

/** Through what operators speak: the control plane of a Weir that runs, or a command where none does. */
export type Channel = 'control' | 'command'

export function recordActions(register: ActionRegister, log: RecordLog, channel: Channel): void {
  register.changed((action) => log.append(appliedEntry(action, channel)))
  register.ended((ended) => log.append(endedEntry(ended, channel)))
}

/** What was asked for is on record as one act, beside each of the actions that it came to. */
export function recordContainment(desk: ContainmentDesk, log: RecordLog, channel: Channel): void {
  desk.contained((containment, actions) =>
    log.append({
      type: 'admin',
      what: {
        act: 'contained',
        by: channel,
        detail: { ...containedFacts(containment), actions: actions.length, until: containment.untilMs },
      },
    }),
  )
  desk.rolledBack(({ containment: { group, procedure }, by, reason, ended }) =>
    log.append({
      type: 'admin',
      what: {
        act: 'containment_rolled_back',
        by: channel,
        detail: { group, procedure, actions: ended, name: sealed('text', by), reason: sealed('text', reason) },
      },
    }),
  )
}

const containedFacts = ({ group, procedure, args, reroute, by, reason }: Containment): Facts => ({
  group,
  procedure,
  // Upstreams are the operator's own words; the rest can name somebody.
  args: reroute === null ? args.map((arg) => sealed('text', arg)) : args,
  name: sealed('text', by),
  reason: sealed('text', reason),
})

export function appliedEntry(action: AppliedAction, channel: Channel): RecordEntry {
  const { id, spec, subject, scope, mode, heldBack, by, level, evidence, campaign, group, untilMs } = action
  const { action: name, ...settings } = spec
  const isByHand = by.kind === 'operator' || by.kind === 'containment'
  const because: Record<string, Fact> = {
    by: by.kind,
    mode: heldBack ? 'held back' : mode,
    name: isByHand ? sealed('text', by.name) : by.name,
    reason: sealed('text', action.reason),
  }
  // What a user is called means something only within its account, which has a seal of its own.
  const account = subject.kind === 'user' ? accountOfUser(subject.value) : null
  if (account !== null) because['account'] = sealed('account', account)
  if (action.findings.length > 0) because['findings'] = sealed('text', action.findings.join('\n'))
  if (group !== null) because['group'] = group
  if (scope.length > 0) because['scope'] = scopeFacts(scope)
  if (Object.keys(settings).length > 0) because['settings'] = settings
  return {
    type: 'action_applied',
    what: {
      id,
      action: name,
      level,
      subject: sealedSubject(subject),
      evidence,
      campaign,
      until: untilMs,
      by: isByHand ? channel : 'weir',
      because,
    },
  }
}

export function endedEntry({ action, why, by, reason }: Ended, channel: Channel): RecordEntry {
  const because: Record<string, Fact> = {}
  // Who passes a step-up is a customer, and can be a person.
  if (byHand.has(why) || why === 'passed') because['name'] = sealed('text', by)
  else if (by !== 'weir') because['rule'] = by
  if (reason !== null) because['reason'] = sealed('text', reason)
  if (action.group !== null) because['group'] = action.group
  const who: By = byHand.has(why) ? channel : why === 'passed' ? 'customer' : 'weir'
  return { type: 'action_ended', what: { id: action.id, why, by: who, because } }
}

const byHand: ReadonlySet<EndReason> = new Set<EndReason>(['lifted', 'rolled back'])

const sealedSubject = ({ kind, value }: ActionSubject): Sealed =>
  kind === 'user' ? sealed('user', value.slice(value.indexOf('/') + 1)) : sealed(subjectSeals[kind], value)

const subjectSeals = {
  key: 'key',
  account: 'account',
  ip_prefix: 'network',
  asn: 'network',
  fingerprint: 'fingerprint',
  campaign: 'text',
  descriptor: 'text',
} as const satisfies Record<Exclude<ActionSubject['kind'], 'user'>, SealedKind>

/** Dimensions whose values can be somebody's; the others are Weir's own words and names of models. */
const scopeSeals: Readonly<Partial<Record<Dimension, SealedKind>>> = {
  key: 'key',
  tenant: 'account',
  user: 'user',
  session: 'session',
  ip: 'ip',
  ip_prefix: 'network',
  asn: 'network',
  fingerprint: 'fingerprint',
}

/** A list, since a scope may ask of one dimension twice. */
const scopeFacts = (scope: Scope): readonly Facts[] =>
  scope.map(({ dimension, globs }) => {
    const seal = scopeSeals[dimension]
    return { dimension, globs: seal === undefined ? globs : globs.map((glob) => sealed(seal, glob)) }
  })
