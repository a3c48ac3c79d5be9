import { hash } from 'node:crypto'
import type { ActionsInForce, AppliedAction } from '../../src/core/action.ts'
import type { Level } from '../../src/core/decision.ts'
import type { Config } from '../../src/config/config.ts'
import type { DecoysConfig } from '../../src/config/response-config.ts'

/** A key that was left where only a thief reads. */
export const HONEY_KEY = 'sk-proj-0123456789abcdefghijABCDEFGHIJ0123456789'

export const honeyKey: DecoysConfig['keys'][number] = {
  id: 'repo-1',
  secretSha256: hash('sha256', HONEY_KEY, 'hex'),
  memo: 'left in the history of an old repository',
}

/** The configuration with these decoys in place of none. */
export const withDecoys = (config: Config, decoys: Partial<DecoysConfig>): Config => ({
  ...config,
  response: { ...config.response, decoys: { ...config.response.decoys, ...decoys } },
})

/** Everybody with one of these accounts is at the level; in shadow or held back where the test says so. */
export function atLevel(level: Level, accounts: readonly string[], over: Partial<AppliedAction> = {}): ActionsInForce {
  const action: AppliedAction = {
    id: 'a1',
    spec: { action: 'throttle', requestsPerMinute: 1_000_000 },
    subject: { kind: 'account', value: '' },
    scope: [],
    mode: 'enforce',
    heldBack: false,
    by: { kind: 'operator', name: 'test' },
    reason: 'a test',
    level,
    evidence: null,
    findings: [],
    campaign: null,
    group: null,
    atMs: 0,
    untilMs: Infinity,
    ...over,
  }
  return {
    campaignOf: () => null,
    find: ({ tenant }) => (accounts.includes(tenant) ? [action] : []),
    takeGrace: () => true,
  }
}
