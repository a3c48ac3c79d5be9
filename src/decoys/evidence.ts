import type { ActionName } from '../core/decision.ts'
import type { ActionSubject, Scope } from '../core/action.ts'
import type { RequestEvent } from '../core/event.ts'

/** What touches prove, for the decision path: pure, and nothing is kept here. */

/** What the use of a honey key supports at most, and upon whom. */
export interface Supported {
  readonly subject: ActionSubject
  readonly scope: Scope
  readonly most: ActionName
}

/**
 * Whoever has a honey key has no account to act on: what is known is a network and a program. A network alone is asked for
 * a step-up at most, since others live in it; the program may be blocked within that network, and nowhere else, since a
 * library has the same fingerprint in a thousand hands.
 */
export function supportedByKey({ decoys, network, client }: RequestEvent): readonly Supported[] {
  const { ipPrefix } = network
  if (ipPrefix === 'unknown' || !decoys.some(({ kind }) => kind === 'key')) return []
  const ofNetwork: Supported = { subject: { kind: 'ip_prefix', value: ipPrefix }, scope: [], most: 'step_up' }
  if (client === null) return [ofNetwork]
  const subject: ActionSubject = { kind: 'fingerprint', value: client.id }
  return [ofNetwork, { subject, scope: [{ dimension: 'ip_prefix', globs: [ipPrefix] }], most: 'block' }]
}
