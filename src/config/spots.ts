import { formatPath, type Path } from './problem.ts'
import type { Origin, Spot } from './source.ts'

/** What stands at a path; null where nothing is written. */
export function spotAt(root: Spot, path: Path): Spot | null {
  let spot: Spot | undefined = root
  for (const step of path) spot = spot?.children.get(step)
  return spot ?? null
}

export const child = (spot: Spot | undefined, key: string): Spot | undefined => spot?.children.get(key)

/** Text that nothing is wrong with yet, or null. */
export const textOf = (spot: Spot | undefined): string | null =>
  typeof spot?.value === 'string' && !spot.broken ? spot.value : null

/** The entries of a list; none where there is none. */
export const items = (spot: Spot | undefined): readonly Spot[] =>
  Array.isArray(spot?.value) ? [...(spot?.children.values() ?? [])] : []

/** The entries of a map; none where there is none. */
export const entries = (spot: Spot | undefined): readonly Spot[] =>
  spot === undefined || Array.isArray(spot.value) ? [] : [...spot.children.values()]

/** The last step of the path, as text. */
export const nameOf = (spot: Spot): string => String(spot.path.at(-1))

/** One entry or a list of them, as a list. */
export const oneOrMore = (spot: Spot | undefined): readonly Spot[] =>
  spot === undefined ? [] : Array.isArray(spot.value) ? items(spot) : [spot]

/** Where something is, as seen from a file: `quotas[0]`, or `[0] in keys.yaml`. */
export const placeOf = (origin: Origin, path: Path, seenFrom: Origin): string =>
  `${formatPath(path)}${origin === seenFrom ? '' : ` in ${origin.file}`}`
