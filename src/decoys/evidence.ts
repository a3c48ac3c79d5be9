import type { ActionName } from '../core/decision.ts'
import type { ActionSubject, Scope } from '../core/action.ts'
import type { RequestEvent } from '../core/event.ts'
import type { Touch } from '../core/touch.ts'

/** What touches prove, for the decision path: pure, and nothing is kept here. */

/** Of one account; more different ones than this are not configured for good reasons. */
const MAX_KEPT = 32

/**
 * Touches that an account is known for, with one more. The same decoy counts once, however often it is touched: a program
 * that tries every model does so every day, and its second time says nothing that its first did not. Of two weights of one
 * decoy the lower one stays.
 */
export function withTouch(known: readonly Touch[], touch: Touch): readonly Touch[] {
  const at = known.findIndex(({ kind, name }) => kind === touch.kind && name === touch.name)
  if (at >= 0) return touch.weight < known[at]!.weight ? known.with(at, touch) : known
  return known.length < MAX_KEPT ? [...known, touch] : known
}

/**
 * The factor by which different touches change the evidence against the account that made them, as one vote of the family
 * `decoy`. A touch never speaks for anybody, so none lowers it.
 */
export const touchEvidence = (touches: readonly Touch[]): number =>
  touches.reduce<readonly Touch[]>(withTouch, []).reduce((product, { weight }) => product * Math.max(1, weight), 1)

/** Two accounts that share what was given to one of them. It weighs against the one that used it, never against the other. */
export interface AliasEdge {
  readonly user: string
  readonly owner: string
  readonly alias: string
  readonly atMs: number
}

export function aliasEdges({ who, decoys, atMs }: RequestEvent): readonly AliasEdge[] {
  if (who === null) return []
  return decoys.flatMap(({ kind, name, owner }) =>
    kind === 'alias' && owner !== null ? [{ user: who.account, owner, alias: name, atMs }] : [],
  )
}

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
