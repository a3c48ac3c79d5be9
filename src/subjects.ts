import { type ActionSubject, type Scope, type SubjectKind, subjectKinds } from './core/action.ts'
import { type Dimension, dimensions } from './core/dimensions.ts'
import { err, ok, type Result } from './core/result.ts'
import { networkOf } from './identity/network.ts'

/** How operators write whom an action falls on, and read it: `key:acme-1`, `ip_prefix:192.0.2.0/24`, `match:model=gpt-4o*`. */
export interface Target {
  readonly subject: ActionSubject
  readonly scope: Scope
}

const MATCH = 'match:'

export const subjectText = ({ kind, value }: ActionSubject): string =>
  kind === 'descriptor' ? MATCH + value : `${kind}:${value}`

/** The error says how it is written. */
export function readTarget(text: string): Result<Target, string> {
  if (text.startsWith(MATCH)) {
    const scope = readMatch(text.slice(MATCH.length))
    return scope.ok ? ok(killSwitch(scope.value)) : scope
  }
  const colon = text.indexOf(':')
  const kind = text.slice(0, Math.max(0, colon)) as SubjectKind
  if (kind === 'descriptor' || !subjectKinds.includes(kind)) {
    return err(`a subject is written key:acme-1, ${kindsButKey}, or match:model=gpt-4o*,country=XX`)
  }
  const value = asRequestsSay(kind, text.slice(colon + 1))
  return value.ok ? ok({ subject: { kind, value: value.value }, scope: [] }) : value
}

const kindsButKey = subjectKinds
  .filter((kind) => kind !== 'key' && kind !== 'descriptor')
  .map((kind) => `${kind}:…`)
  .join(', ')

export const killSwitch = (scope: Scope): Target => ({
  subject: { kind: 'descriptor', value: matchText(scope) },
  scope,
})

/** As the facts of a request have it: what is written in another way would never meet anybody. */
function asRequestsSay(kind: SubjectKind, value: string): Result<string, string> {
  if (kind === 'asn') {
    const found = /^(?:AS)?0*([1-9]\d{0,9})$/i.exec(value)
    return found === null ? err('an ASN is written asn:AS64500') : ok(`AS${found[1]}`)
  }
  if (kind !== 'ip_prefix') return ok(value)
  const [address = '', bits] = value.split('/') as [string?, string?]
  const network = networkOf(address)
  if (network === null) return err('an address prefix is written ip_prefix:192.0.2.0/24')
  const known = network.slice(network.indexOf('/') + 1)
  if (bits !== undefined && bits !== known) {
    return err(`networks are known by /${known}: write ip_prefix:${network}`)
  }
  return ok(network)
}

/** `model=gpt-4o*|o1,country=XX`: every part has to fit, each by one of its globs. */
export const readMatch = (text: string): Result<Scope, string> =>
  readParts(
    text.split(',').map((part) => {
      const equals = part.indexOf('=')
      return [part.slice(0, Math.max(0, equals)).trim(), part.slice(equals + 1).split('|')]
    }),
  )

/** The same as an object, with a glob or a list of them for each dimension. */
export const readMatchObject = (written: Readonly<Record<string, string | readonly string[]>>): Result<Scope, string> =>
  readParts(Object.entries(written).map(([name, globs]) => [name, [globs].flat()]))

function readParts(parts: readonly (readonly [name: string, globs: readonly string[]])[]): Result<Scope, string> {
  const scope: Scope[number][] = []
  for (const [name, globs] of parts) {
    const one = readPart(name, globs)
    if (!one.ok) return one
    if (scope.some(({ dimension }) => dimension === name)) return err(`${name} stands there twice: write ${name}=a*|b*`)
    scope.push(one.value)
  }
  return ok(scope)
}

const known: ReadonlySet<string> = new Set(dimensions.filter((dimension) => dimension !== 'global'))
const MAX_GLOB_CHARS = 256

function readPart(name: string, globs: readonly string[]): Result<Scope[number], string> {
  if (!known.has(name)) return err(`"${name.slice(0, 64)}" is none of ${[...known].join(', ')}`)
  if (globs.length === 0 || globs.some((glob) => glob === '' || glob.length > MAX_GLOB_CHARS)) {
    return err(`${name}: write a glob of 1 to ${MAX_GLOB_CHARS} characters, such as ${name}=a*`)
  }
  return ok({ dimension: name as Dimension, globs })
}

export const matchText = (scope: Scope): string =>
  scope.map(({ dimension, globs }) => `${dimension}=${globs.join('|')}`).join(',')
