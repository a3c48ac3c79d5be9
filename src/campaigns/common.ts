import { keyOf } from './match.ts'
import type { Member } from './member.ts'
import { KEYS_EACH } from './sizes.ts'

/** The keys that most members of a campaign have in their matched prompts, the most common first. */
export function commonKeys(members: readonly Member[], most: number): readonly number[] {
  const counts = new Map<number, number>()
  for (const { trace } of members) {
    const own = new Set<number>()
    for (let place = 0; place < trace.held; place++) {
      if (trace.strengthAt(place) < MATCHED || trace.isPlain(place)) continue
      for (let which = 0; which < KEYS_EACH; which++) {
        const key = trace.keyAt(place, which)
        if (key !== 0) own.add(keyOf(which, key))
      }
    }
    for (const key of own) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, most)
    .map(([key]) => key)
}

const MATCHED = 160
