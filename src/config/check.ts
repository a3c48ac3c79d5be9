import { globMatches } from '../core/glob.ts'
import { sha256 } from './identity.ts'
import { nearest } from './nearest.ts'
import { type Finding, formatPath } from './problem.ts'
import type { Spot } from './source.ts'

/**
 * How entries of the file fit together. Works on what is written and not on what the schema made of it, so that one
 * load names these problems even where single values are wrong.
 */
export const checkWhole = (root: Spot): Finding[] => [
  ...addresses(root),
  ...modelRoutes(root),
  ...duplicates(
    items(root, 'identity', 'keys').map((key) => child(key, 'id')),
    (spot) => textOf(spot),
    'the same id as',
    'give each key an id of its own',
  ),
  ...duplicates(
    items(root, 'identity', 'keys').map((key) => child(key, 'secret') ?? child(key, 'secret_sha256')),
    secretOf,
    'the same secret as',
    'give each key a secret of its own, or callers cannot be told apart',
  ),
  ...duplicates(
    items(root, 'quotas').map((quota) => child(quota, 'name')),
    (spot) => textOf(spot),
    'the same name as',
    'give each limit a name of its own',
  ),
]

function addresses(root: Spot): Finding[] {
  const own = textOf(child(root, 'listen')) ?? '127.0.0.1:8080'
  const control = child(child(root, 'control'), 'listen')
  const other = textOf(control) ?? '127.0.0.1:8081'
  if (own !== other || own.endsWith(':0')) return []
  const message = 'listen and control.listen are the same address'
  const at = control ?? child(root, 'listen')
  return at === undefined
    ? []
    : [{ path: at.path, at: 'value', message, hint: 'give the control plane a port of its own' }]
}

function modelRoutes(root: Spot): Finding[] {
  const findings: Finding[] = []
  const known = [...(child(root, 'upstreams')?.children.keys() ?? [])].map(String)
  const routes = [...(child(root, 'models')?.children.values() ?? [])].slice(0, 1000)
  for (const [i, route] of routes.entries()) {
    const pattern = String(route.path.at(-1))
    // A star is never read literally, so a pattern that matches another pattern matches all that one would.
    const before = routes.slice(0, i).find(({ path }) => globMatches(String(path.at(-1)), pattern))
    if (before !== undefined) {
      const message = `can never match: "${String(before.path.at(-1))}" above covers it`
      findings.push({ path: route.path, at: 'key', message, hint: 'move it above that entry, or remove it' })
    }
    const upstream = child(route, 'upstream')
    const name = textOf(upstream)
    if (name === null || known.length === 0 || known.includes(name)) continue
    const meant = nearest(name, known)
    const hint = meant === null ? `named here: ${known.join(', ')}` : `did you mean "${meant}"?`
    const written = JSON.stringify(upstream!.written!.slice(0, 64))
    findings.push({ path: upstream!.path, at: 'value', message: `there is no upstream ${written}`, hint })
  }
  return findings
}

function duplicates(
  spots: readonly (Spot | undefined)[],
  identityOf: (spot: Spot) => string | null,
  message: string,
  hint: string,
): Finding[] {
  const seen = new Map<string, Spot>()
  const findings: Finding[] = []
  for (const spot of spots) {
    const identity = spot === undefined ? null : identityOf(spot)
    if (identity === null) continue
    const first = seen.get(identity)
    if (first === undefined) seen.set(identity, spot!)
    else
      findings.push({
        path: spot!.path,
        at: 'value',
        message: `${message} ${formatPath(first.path.slice(0, -1))}`,
        hint,
      })
  }
  return findings
}

function secretOf(spot: Spot): string | null {
  const text = textOf(spot)
  if (text === null) return null
  return spot.path.at(-1) === 'secret' ? sha256(text) : text.toLowerCase()
}

const child = (spot: Spot | undefined, key: string): Spot | undefined => spot?.children.get(key)

const textOf = (spot: Spot | undefined): string | null =>
  typeof spot?.value === 'string' && !spot.broken ? spot.value : null

function items(root: Spot, ...keys: string[]): Spot[] {
  let spot: Spot | undefined = root
  for (const key of keys) spot = child(spot, key)
  return Array.isArray(spot?.value) ? [...(spot?.children.values() ?? [])] : []
}
