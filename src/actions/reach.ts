import type { ActionSpec, AppliedAction, Scope } from '../core/action.ts'
import { firmness } from '../core/action.ts'
import type { Dimension } from '../core/dimensions.ts'

/** A network is many people: what it is asked for at most, whatever was written. */
const MOST = 'step_up'

const ofNetwork: ReadonlySet<Dimension> = new Set(['ip', 'ip_prefix', 'asn', 'country', 'network'])

/** What an action may do to whom it falls on. An address prefix or an ASN alone never meets more than a step-up. */
export function reachOf({ spec, subject, scope }: AppliedAction): ActionSpec {
  const network = subject.kind === 'ip_prefix' || subject.kind === 'asn'
  if (!network && !(subject.kind === 'descriptor' && isNetwork(scope))) return spec
  return firmness.indexOf(spec.action) <= firmness.indexOf(MOST) ? spec : { action: MOST, grace: 0, means: [] }
}

/** A scope that says of the request where it comes from and nothing else; a lone `*` says nothing. */
function isNetwork(scope: Scope): boolean {
  const said = scope.filter(({ globs }) => !globs.some((glob) => /^\*+$/.test(glob)))
  return said.length > 0 && said.every(({ dimension }) => ofNetwork.has(dimension))
}
