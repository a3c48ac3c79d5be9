import { type Resource, resources } from '../core/dimensions.ts'
import { globMatches } from '../core/glob.ts'
import { amountComplaint } from './amount.ts'
import { nearest } from './nearest.ts'
import { canRepeat, type Finding } from './problem.ts'
import type { Spot } from './source.ts'
import { child, entries, items, nameOf, oneOrMore, textOf } from './spots.ts'
import { exemptible } from './trust.ts'

/** Names that stand for something else: upstreams, trust profiles and limits have to be there. */
export const referenceProblems = (root: Spot): Finding[] => [
  ...upstreamNames(root),
  ...trustNames(root),
  ...limitNames(root),
]

function upstreamNames(root: Spot): Finding[] {
  const upstreams = child(root, 'upstreams')
  const known = entries(upstreams).map(nameOf)
  if (known.length === 0) return []
  const findings: Finding[] = []
  for (const route of entries(child(root, 'models')).slice(0, 1000)) {
    const first = child(route, 'upstream')
    const named = new Set([textOf(first)])
    findings.push(...missing(first, 'upstream', known))
    for (const spot of items(child(route, 'failover'))) {
      const name = textOf(spot)
      const wrong = missing(spot, 'upstream', known)
      if (wrong.length > 0 || name === null) findings.push(...wrong)
      else if (named.has(name)) {
        const hint = 'name each upstream once'
        findings.push({ path: spot.path, at: 'value', message: 'is asked already', hint })
      } else if (!shareDialect(child(upstreams, textOf(first) ?? ''), child(upstreams, name))) {
        const message = 'speaks no dialect that the first upstream speaks'
        const hint = 'name upstreams of the same dialect: nothing is translated'
        findings.push({ path: spot.path, at: 'value', message, hint })
      }
      named.add(name)
    }
  }
  return findings
}

function shareDialect(one: Spot | undefined, other: Spot | undefined): boolean {
  const dialects = oneOrMore(child(one, 'dialect')).map(textOf)
  const others = oneOrMore(child(other, 'dialect')).map(textOf)
  // Where one is missing that is the problem to tell of.
  return dialects.length === 0 || others.length === 0 || others.some((dialect) => dialects.includes(dialect))
}

function trustNames(root: Spot): Finding[] {
  const known = entries(child(root, 'trust_profiles')).map(nameOf)
  const identity = child(root, 'identity')
  const holders = [
    ...items(child(identity, 'keys')),
    ...items(child(identity, 'jwt')),
    ...items(child(identity, 'certificates')),
    child(identity, 'pass_through'),
    ...entries(child(root, 'tenants')),
  ]
  const matched = ['quotas', 'exemptions', 'playbooks']
    .flatMap((list) => items(child(root, list)))
    .flatMap((entry) => oneOrMore(child(child(entry, 'match'), 'trust')))
    .filter((spot) => ![...known, '-'].some((name) => globMatches(textOf(spot) ?? '*', name)))
  return [
    ...holders.flatMap((holder) => missing(child(holder, 'trust'), 'trust profile', known)),
    ...matched.flatMap((spot) => missing(spot, 'trust profile', known)),
  ]
}

function limitNames(root: Spot): Finding[] {
  const limits = new Map<string, Resource | null>()
  for (const quota of items(child(root, 'quotas'))) {
    const name = textOf(child(quota, 'name'))
    if (name !== null) limits.set(name, resources.find((resource) => quota.children.has(resource)) ?? null)
  }
  const known = [...limits.keys()]
  const findings: Finding[] = []
  for (const holder of [...entries(child(root, 'trust_profiles')), ...entries(child(root, 'tenants'))]) {
    for (const amount of entries(child(holder, 'quotas'))) {
      const name = nameOf(amount)
      const resource = limits.get(name)
      if (resource === undefined) findings.push(absent(amount, 'key', name, 'limit', known))
      else if (resource !== null && typeof amount.value === 'number') {
        const wrong = amountComplaint(amount.value, resource)
        if (wrong !== null) findings.push({ path: amount.path, at: 'value', ...wrong })
      }
    }
  }
  const froms = items(child(root, 'exemptions')).flatMap((exemption) => items(child(exemption, 'from')))
  return [...findings, ...froms.flatMap((spot) => missing(spot, 'limit', [...known, ...exemptible]))]
}

/** What a name that stands for nothing is told; nothing where the value is no name at all. */
export function missing(spot: Spot | undefined, what: string, known: readonly string[]): Finding[] {
  const name = textOf(spot)
  if (spot === undefined || name === null || known.includes(name)) return []
  return [absent(spot, 'value', name, what, known)]
}

export function absent(spot: Spot, at: 'key' | 'value', name: string, what: string, known: readonly string[]): Finding {
  const meant = nearest(name, known)
  const list = known.length === 0 ? 'none is named in this configuration' : `named here: ${known.join(', ')}`
  // As it was written: what a variable holds can be a secret that lost its place.
  const text = at === 'key' ? name : spot.written!.slice(0, 64)
  const shown = at === 'value' || canRepeat(text) ? `${what} ${JSON.stringify(text)}` : `such ${what}`
  return {
    path: spot.path,
    at,
    message: `there is no ${shown}`,
    hint: meant === null ? list : `did you mean "${meant}"?`,
  }
}
