import type { ActionsInForce, ActionSpec, ActionSubject, AppliedAction, SubjectKind } from '../../src/core/action.ts'
import type { Dimension, Facts } from '../../src/core/dimensions.ts'
import { globMatches } from '../../src/core/glob.ts'

/** A register of actions in force that a test fills by hand. */
export interface InForce extends ActionsInForce {
  /** By account. */
  readonly campaigns: Map<string, string>
  /** Requests of grace that are left, by the action's id. */
  readonly grace: Map<string, number>
  readonly all: readonly AppliedAction[]
  /** Set to make the register fail. */
  broken: boolean
  apply(spec: ActionSpec, on: ActionSubject, over?: Partial<AppliedAction>): AppliedAction
  lift(id: string): void
}

const dimensions: Readonly<Partial<Record<SubjectKind, Dimension>>> = {
  key: 'key',
  account: 'tenant',
  ip_prefix: 'ip_prefix',
  asn: 'asn',
  fingerprint: 'fingerprint',
  campaign: 'campaign',
}

function isOn({ kind, value }: ActionSubject, facts: Facts): boolean {
  if (kind === 'descriptor') return true
  if (kind === 'user') return facts.user !== '-' && value === `${facts.tenant}/${facts.user}`
  return facts[dimensions[kind]!] === value
}

const meets = ({ subject, scope }: AppliedAction, facts: Facts): boolean =>
  isOn(subject, facts) &&
  scope.every(({ dimension, globs }) => globs.some((glob) => globMatches(glob, facts[dimension])))

export const on = (kind: SubjectKind, value: string): ActionSubject => ({ kind, value })

/** Says nothing but what it does, and to whom. */
export const appliedOf = (
  id: string,
  spec: ActionSpec,
  subject: ActionSubject,
  over: Partial<AppliedAction> = {},
): AppliedAction => ({
  id,
  spec,
  subject,
  scope: [],
  mode: 'enforce',
  heldBack: false,
  by: { kind: 'operator', name: 'test' },
  reason: 'a test',
  level: null,
  evidence: null,
  findings: [],
  campaign: null,
  group: null,
  atMs: 0,
  untilMs: Number.MAX_SAFE_INTEGER,
  ...over,
})

export function inForce(): InForce {
  let all: readonly AppliedAction[] = []
  const none: readonly AppliedAction[] = []
  const register: InForce = {
    campaigns: new Map(),
    grace: new Map(),
    broken: false,
    get all() {
      return all
    },
    apply(spec, subject, over) {
      const action = appliedOf(`a${all.length + 1}`, spec, subject, over)
      all = [...all, action]
      if (spec.action === 'step_up') register.grace.set(action.id, spec.grace)
      return action
    },
    lift(id) {
      all = all.filter((action) => action.id !== id)
    },
    campaignOf: (account) => register.campaigns.get(account) ?? null,
    find(facts, nowMs) {
      if (register.broken) throw new Error('the register is broken')
      const found = all.filter((action) => action.untilMs > nowMs && meets(action, facts))
      return found.length === 0 ? none : found
    },
    takeGrace(id) {
      const left = register.grace.get(id) ?? 0
      register.grace.set(id, left - 1)
      return left > 0
    },
  }
  return register
}
