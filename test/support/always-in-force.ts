import type { ActionsInForce, ActionSpec, AppliedAction } from '../../src/core/action.ts'

/** These actions, in force against everybody. */
export function inForce(...specs: readonly ActionSpec[]): ActionsInForce {
  const actions = specs.map((spec, i): AppliedAction => ({
    id: `act-${i}`,
    spec,
    subject: { kind: 'account', value: 'acme' },
    scope: [],
    mode: 'enforce',
    heldBack: false,
    by: { kind: 'operator', name: 'tests' },
    reason: 'a test',
    level: null,
    evidence: null,
    findings: [],
    campaign: null,
    group: null,
    atMs: 0,
    untilMs: Number.MAX_SAFE_INTEGER,
  }))
  return { campaignOf: () => null, find: () => actions, takeGrace: () => true }
}
