/*
 * How several texts become one configuration: packs below, the file above. Works on spots, so that every value keeps the
 * place it was written at. Maps are merged key by key; lists of things with names are merged by name, lists of single
 * facts are joined, every other list is taken from the text above.
 */
import { resources } from '../core/dimensions.ts'
import { FoundFile } from './fill.ts'
import type { Path } from './problem.ts'
import type { Spot } from './source.ts'
import { child, textOf } from './spots.ts'

const named: Readonly<Record<string, string>> = {
  quotas: 'name',
  playbooks: 'name',
  alerts: 'name',
  'identity.keys': 'id',
  'decoys.endpoints': 'path',
  'decoys.models': 'name',
  'decoys.keys': 'id',
}
const joined: ReadonlySet<string> = new Set(['exemptions', 'network.lists', 'network.reputation'])

/** `above` wins over `below`. */
export function mergeSpots(below: Spot, above: Spot, path: Path = []): Spot {
  if (above.broken) return above
  if (isMap(below) && isMap(above)) {
    const children = new Map(below.children)
    for (const [key, spot] of above.children) {
      const under = below.children.get(key)
      children.set(key, under === undefined ? spot : mergeSpots(under, spot, [...path, key]))
    }
    return withChildren(above, children)
  }
  if (!Array.isArray(below.value) || !Array.isArray(above.value)) return above
  const name = path.join('.')
  if (joined.has(name)) return withItems(above, [...below.children.values(), ...above.children.values()])
  return Object.hasOwn(named, name) ? byName(below, above, name) : above
}

/**
 * An entry that says what it counts stands for the whole entry below, so that an amount never meets a window that was
 * written for another one. An entry that does not (`{ name: key-tpm, mode: shadow }`) changes what it says. So does a
 * playbook of a known name; a new one goes before those below, since the first that fits is the one.
 */
function byName(below: Spot, above: Spot, list: string): Spot {
  const key = named[list]!
  const first: Spot[] = []
  const result: Spot[] = [...below.children.values()]
  const places = new Map(result.map((item, i) => [textOf(child(item, key)), i]))
  for (const item of above.children.values()) {
    const name = textOf(child(item, key))
    const place = name === null ? undefined : places.get(name)
    if (place === undefined) (list === 'playbooks' ? first : result).push(item)
    else {
      const isLimit = list === 'quotas' && !resources.some((resource) => item.children.has(resource))
      const isWhole = !isLimit && list !== 'playbooks'
      result[place] = isWhole ? item : mergeSpots(result[place]!, item)
      // A second one of the same name in one file is a mistake, and shall be seen as one.
      places.delete(name)
    }
  }
  return withItems(above, [...first, ...result])
}

/** A list that holds these, each at its new place. */
export const withItems = (list: Spot, found: readonly Spot[]): Spot =>
  withChildren(list, new Map(found.map((item, i) => [i, moved(item, [...list.path, i])])))

/** A map or list with other entries. */
export function withChildren(spot: Spot, children: ReadonlyMap<string | number, Spot>): Spot {
  const values = [...children].map(([key, { value }]) => [key, value] as const)
  const value = Array.isArray(spot.value) ? values.map(([, value]) => value) : Object.fromEntries(values)
  return { ...spot, value, children }
}

const moved = (spot: Spot, path: Path): Spot => ({
  ...spot,
  path,
  children: new Map([...spot.children].map(([step, inner]) => [step, moved(inner, [...path, step])])),
})

const isMap = ({ value }: Spot): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof FoundFile)
