import type { ActionSubject, Scope } from '../core/action.ts'
import type { RequestEvent } from '../core/event.ts'

/** Who is asked because of a honey key. */
export interface Supported {
  readonly subject: ActionSubject
  readonly scope: Scope
}

/**
 * Whoever has a honey key has no account to act on: what is known is a network and a program. Both are shared, and whoever
 * wants others shut out could use the key among them: so this program within this network is asked to confirm its account,
 * and nothing firmer, and where no program is known the network. null: nothing of the sort, or an unknown network, which is
 * everybody.
 */
export function supportedByKey({ decoys, network, client }: RequestEvent): Supported | null {
  const { ipPrefix } = network
  if (ipPrefix === 'unknown' || !decoys.some(({ kind }) => kind === 'key')) return null
  return client === null
    ? { subject: { kind: 'ip_prefix', value: ipPrefix }, scope: [] }
    : { subject: { kind: 'fingerprint', value: client.id }, scope: [{ dimension: 'ip_prefix', globs: [ipPrefix] }] }
}
