import { globMatches } from '../core/glob.ts'
import { isLoopback, parseAddress } from './address.ts'
import { sha256 } from './identity.ts'
import type { Finding } from './problem.ts'
import { referenceProblems } from './references.ts'
import { responseProblems } from './response-check.ts'
import type { Spot } from './source.ts'
import { child, entries, items, nameOf, oneOrMore, placeOf, textOf } from './spots.ts'
import { exemptible } from './trust.ts'

/**
 * How entries of the configuration fit together. Works on what is written and not on what the schema made of it, so that
 * one load names these problems even where single values are wrong.
 */
export function checkWhole(root: Spot): Finding[] {
  const identity = child(root, 'identity')
  const keys = items(child(identity, 'keys'))
  const certificates = items(child(identity, 'certificates'))
  const profiles = entries(child(root, 'trust_profiles'))
  const decoys = child(root, 'decoys')
  const honey = items(child(decoys, 'keys'))
  return [
    ...addresses(root),
    ...modelRoutes(root),
    ...referenceProblems(root),
    ...duplicates(
      [...keys, ...certificates, ...honey].map((key) => child(key, 'id')),
      textOf,
      'the same id as',
      'give each key an id of its own',
    ),
    ...duplicates(
      [...keys, ...honey].map((key) => child(key, 'secret') ?? child(key, 'secret_sha256')),
      secretOf,
      'the same secret as',
      'give each key a secret of its own, or callers cannot be told apart',
    ),
    ...duplicates(
      items(child(identity, 'jwt')).map((issuer) => child(issuer, 'name')),
      textOf,
      'the same name as',
      'give each issuer a name of its own',
    ),
    ...duplicates(
      items(child(root, 'quotas')).map((quota) => child(quota, 'name')),
      textOf,
      'the same name as',
      'give each limit a name of its own',
    ),
    ...duplicates(
      profiles.map((profile) => child(profile, 'when_reputation_at_most')),
      (spot) => (typeof spot.value === 'number' ? String(spot.value) : null),
      'the same reputation as',
      'a caller gets one profile: give each another bound',
    ),
    ...duplicates(
      items(child(root, 'playbooks')).map((playbook) => child(playbook, 'name')),
      textOf,
      'the same name as',
      'give each playbook a name of its own',
    ),
    ...duplicates(
      items(child(root, 'alerts')).map((alert) => child(alert, 'name')),
      textOf,
      'the same name as',
      'give each alert a name of its own',
    ),
    ...duplicates(
      items(child(decoys, 'endpoints')).map((endpoint) => child(endpoint, 'path')),
      textOf,
      'the same path as',
      'write each decoy once',
    ),
    ...duplicates(
      items(child(decoys, 'models')).map((model) => child(model, 'name')),
      textOf,
      'the same name as',
      'write each decoy once',
    ),
    ...reservedNames(root),
    ...responseProblems(root),
    ...unusable(root),
  ]
}

function addresses(root: Spot): Finding[] {
  const findings: Finding[] = []
  const own = child(root, 'listen')
  const control = child(child(root, 'control'), 'listen')
  const [ownText, controlText] = [textOf(own) ?? '127.0.0.1:8080', textOf(control) ?? '127.0.0.1:8081']
  const at = control ?? own
  if (ownText === controlText && !ownText.endsWith(':0') && at !== undefined) {
    const message = 'listen and control.listen are the same address'
    findings.push({ path: at.path, at: 'value', message, hint: 'give the control plane a port of its own' })
  }
  if (child(root, 'insecure')?.value === true) return findings
  const open = child(root, 'tls') === undefined ? [own, control] : [control]
  for (const spot of open) {
    const address = parseAddress(textOf(spot) ?? '')
    if (spot === undefined || !address.ok || isLoopback(address.value.host)) continue
    const way = spot === own ? 'add tls, or ' : ''
    const hint = `${way}listen on 127.0.0.1 behind a proxy, or write insecure: true`
    findings.push({ path: spot.path, at: 'value', message: 'plain HTTP beyond this machine: keys could be read', hint })
  }
  return findings
}

function modelRoutes(root: Spot): Finding[] {
  const findings: Finding[] = []
  const routes = entries(child(root, 'models')).slice(0, 1000)
  for (const [i, route] of routes.entries()) {
    // A star is never read literally, so a pattern that matches another pattern matches all that one would.
    const before = routes.slice(0, i).find((earlier) => globMatches(nameOf(earlier), nameOf(route)))
    if (before === undefined) continue
    const message = `can never match: "${nameOf(before)}" above covers it`
    findings.push({ path: route.path, at: 'key', message, hint: 'move it above that entry, or remove it' })
  }
  return findings
}

const isAnything = (glob: string | null): boolean => glob !== null && /^\**$/.test(glob)

/** What a request says of itself, and nobody vouches for. */
const ofTheClient: ReadonlySet<string> = new Set([
  'user',
  'session',
  'fingerprint',
  'model',
  'endpoint',
  'route',
  'prompt_class',
])

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
    else {
      const place = placeOf(first.origin, first.shown.slice(0, -1), spot!.origin)
      findings.push({ path: spot!.path, at: 'value', message: `${message} ${place}`, hint })
    }
  }
  return findings
}

function secretOf(spot: Spot): string | null {
  const text = textOf(spot)
  if (text === null) return null
  return spot.path.at(-1) === 'secret' ? sha256(text) : text.toLowerCase()
}

/** A limit of such a name could not be told from the word in `exemptions`. */
const reservedNames = (root: Spot): Finding[] =>
  items(child(root, 'quotas')).flatMap((quota): Finding[] => {
    const name = child(quota, 'name')
    if (!exemptible.some((word) => word === textOf(name))) return []
    const hint = 'choose another name'
    return [{ path: name!.path, at: 'value', message: 'has a meaning of its own in exemptions', hint }]
  })

/** What could never have an effect, though it looks as if it had. */
function unusable(root: Spot): Finding[] {
  const findings: Finding[] = []
  const identity = child(root, 'identity')
  const headers = child(child(root, 'network'), 'headers')
  if (entries(headers).length > 0 && items(child(identity, 'trusted_proxies')).length === 0) {
    const message = 'headers are believed of trusted proxies only, and none is named'
    const hint = 'add identity.trusted_proxies, or remove network.headers'
    findings.push({ path: headers!.path, at: 'key', message, hint })
  }
  const certificates = child(identity, 'certificates')
  const asked = textOf(child(child(root, 'tls'), 'client_auth'))
  if (items(certificates).length > 0 && asked !== 'request' && asked !== 'require') {
    const message = 'no client is asked for a certificate'
    const hint = 'add tls with client_ca and client_auth: request'
    findings.push({ path: certificates!.path, at: 'key', message, hint })
  }
  for (const exemption of items(child(root, 'exemptions'))) {
    const match = child(exemption, 'match')
    if (match === undefined || match.broken) continue
    const telling = entries(match).filter((one) =>
      oneOrMore(one)
        .map(textOf)
        .some((glob) => !isAnything(glob)),
    )
    const hint = 'write who is meant, such as { tenant: acme }'
    if (telling.length === 0) {
      findings.push({ path: match.path, at: 'value', message: 'lets everybody out', hint })
    } else if (telling.every(({ path }) => ofTheClient.has(String(path.at(-1))))) {
      const message = 'lets out whoever says so: these are for every client to choose'
      findings.push({ path: match.path, at: 'value', message, hint })
    }
  }
  return findings
}
