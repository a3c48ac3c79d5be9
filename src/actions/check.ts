import { type AppliedAction, firmness, type InForceName, type Scope, type SubjectKind } from '../core/action.ts'
import type { Dimension, Facts } from '../core/dimensions.ts'
import { globMatches } from '../core/glob.ts'

/** An account and a user, of which a client can make the second 512 characters long. */
const MAX_VALUE_CHARS = 1024
const MAX_NAME_CHARS = 200
const MAX_GLOBS = 50
const MAX_TEXT_CHARS = 500
const MAX_FINDINGS = 8

/** Whom nobody knows more of than their network: behind it are people who have nothing else in common. */
const networks: ReadonlySet<string> = new Set<SubjectKind | Dimension>(['ip', 'ip_prefix', 'asn'])
const FIRMEST_OF_NETWORKS = firmness.indexOf('step_up')

const isFirm = (action: InForceName): boolean => firmness.indexOf(action) > FIRMEST_OF_NETWORKS

/** Why an action can be in force on nobody; null: it can. */
export function problemOf({ spec, subject, scope, by, atMs, untilMs }: Omit<AppliedAction, 'id'>): string | null {
  const { kind, value } = subject
  if (value.length > MAX_VALUE_CHARS) return `a subject has ${MAX_VALUE_CHARS} characters at most`
  if (by.name === '' || by.name.length > MAX_NAME_CHARS) return `"by" has 1 to ${MAX_NAME_CHARS} characters`
  if (!Number.isFinite(untilMs)) return 'it has to end at some time'
  if (!(untilMs > atMs)) return 'it would be over before it begins'
  if (scope.flatMap(({ globs }) => globs).length > MAX_GLOBS) return `a scope has ${MAX_GLOBS} globs at most`
  if (scope.some(({ globs }) => globs.length === 0)) return 'a part of the scope fits nothing'
  if (kind === 'descriptor') {
    if (scope.length === 0) return 'a kill switch says what it switches off'
    return isFirm(spec.action) && isOnlyNetworks(scope) ? tooFirm(spec.action) : null
  }
  const wrong = problemOfValue(kind, value)
  if (wrong !== null) return wrong
  return networks.has(kind) && isFirm(spec.action) ? tooFirm(spec.action) : null
}

const tooFirm = (action: InForceName): string =>
  `an address or network alone meets nothing firmer than step_up, and ${action} is firmer`

/** What every request fits narrows nothing. */
const isOnlyNetworks = (scope: Scope): boolean =>
  scope.every(({ dimension, globs }) => networks.has(dimension) || globs.some((glob) => /^\*+$/.test(glob)))

/** A subject that stands for "not known" would fall on whoever nothing is known of. */
function problemOfValue(kind: Exclude<SubjectKind, 'descriptor'>, value: string): string | null {
  if (value === '' || value === '-' || value === 'unknown') return `${kind} "${value}" is nobody`
  switch (kind) {
    case 'user': {
      const slash = value.indexOf('/')
      const user = value.slice(slash + 1)
      return slash > 0 && user !== '' && user !== '-' ? null : 'a user is written account/user'
    }
    case 'ip_prefix':
      return /^[\d.]+\/24$|^[\da-f:.]+\/64$/.test(value) ? null : 'an address prefix is an IPv4 /24 or an IPv6 /64'
    case 'asn':
      return /^AS[1-9]\d{0,9}$/.test(value) ? null : 'an ASN is written AS64500'
    default:
      return null
  }
}

/** Texts of detectors and operators as long as somebody reads. */
export const clipped = (action: Omit<AppliedAction, 'id'>): Omit<AppliedAction, 'id'> => ({
  ...action,
  reason: clip(action.reason),
  findings: action.findings.slice(0, MAX_FINDINGS).map(clip),
})

const clip = (text: string): string => (text.length > MAX_TEXT_CHARS ? text.slice(0, MAX_TEXT_CHARS) : text)

/** Whether a request with these facts is in a scope. */
export function fits(scope: Scope, facts: Facts): boolean {
  for (const { dimension, globs } of scope) if (!fitsOne(globs, facts[dimension])) return false
  return true
}

function fitsOne(globs: readonly string[], fact: string): boolean {
  for (const glob of globs) if (globMatches(glob, fact)) return true
  return false
}

/** One name for one scope, in whatever order it is written. */
export const nameOfScope = (scope: Scope): string =>
  scope.length === 0
    ? ''
    : JSON.stringify(scope.map(({ dimension, globs }) => [dimension, ...globs.toSorted()].join('\n')).toSorted())
