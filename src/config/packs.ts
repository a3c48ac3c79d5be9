import { join } from 'node:path'
import { noFilling } from './fill.ts'
import { mergeSpots } from './merge.ts'
import { decode, type Outside } from './outside.ts'
import type { Shape } from './shape.ts'
import { type Placed, readSource, type Spot } from './source.ts'
import { child, items, textOf } from './spots.ts'

/** Policies that ship with Weir, in `packs/`. They hold limits and reasons, and never servers, models or keys. */
export const packNames = ['public-llm-api', 'b2b-copilot', 'internal-assistant', 'consumer-chat'] as const
export type PackName = (typeof packNames)[number]

const MAX_PACK_BYTES = 65_536

/** The file of a pack, to be named in problems. */
export const packFile = (name: PackName): string => join(import.meta.dirname, 'packs', `${name}.yaml`)

/** The packs that the file extends, below the file itself; and what is wrong inside them. */
export function withPacks(file: Spot, shape: Shape, outside: Outside): readonly [Spot, readonly Placed[]] {
  // What is not the name of a pack is a problem that the schema tells of.
  const asked = new Set(items(child(file, 'extends')).map(textOf).filter(isPackName))
  let below: Spot | null = null
  const problems: Placed[] = []
  for (const name of asked) {
    const bytes = outside.readFile(packFile(name), MAX_PACK_BYTES)
    const text = bytes.ok ? decode(bytes.value) : bytes
    if (!text.ok) throw new Error(`a pack that ships with Weir: ${text.error.message}`)
    const source = readSource(text.value, packFile(name), shape, noFilling)
    if (!source.ok) problems.push(...source.error)
    else {
      const [root, found] = source.value
      problems.push(...found)
      below = below === null ? root : mergeSpots(below, root)
    }
  }
  return [below === null ? file : mergeSpots(below, file), problems]
}

const isPackName = (text: string | null): text is PackName => packNames.some((name) => name === text)
