/**
 * Cue tables as one open-addressed hash table of numbers, so that a scan needs no string for any word it meets. Two
 * words with one hash would share a weight: with some thousand cues in 32 bits that happens to nobody by accident, and
 * whoever does it on purpose could as well have written the cue.
 */
import { promptClasses } from '../core/prompt-class.ts'
import { fold, kindOf, RUN } from './prompt-letters.ts'

/** Stems and parts of runs have key spaces of their own, apart from whole words. */
export const STEM = 0x51ed270b
export const PART = 0x2545f491

/** Shortest and longest stem, in units. */
export const STEM_MIN = 4
export const STEM_MAX = 9

/** Longest run cue, in units. */
export const RUN_MAX = 4

export const SEED: number = 0x811c9dc5 | 0

/** Takes the next unit of a word into its hash. */
export const mix = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)

/** The hash of a word with the one before it, or with the pair before it. */
export const join = (before: number, word: number): number => Math.imul(before, 0x5bd1e995) ^ word

/** Stands for a sentence's start, which no word can be. */
export const START: number = mix(SEED, 0x5e)

/** What `compileCues` makes and `find` looks up. */
export interface CueTable {
  /** One bit for each key, so small that it stays in the fastest cache: nearly every word ends here. */
  readonly filter: Uint32Array
  readonly keys: Int32Array
  /** One more than the cue's number; a cue without a class is only the beginning of a longer one. */
  readonly cues: Uint16Array
  readonly classes: Uint8Array
  readonly weights: Uint8Array
}

/** Well above the number of cues and their beginnings, so that a search ends soon. */
const SLOTS = 1 << 14

/** The class of a cue that is only the beginning of a longer one. */
export const NO_CLASS = 255

/** Bits of the filter: several for each cue. */
const FILTER_BITS = 1 << 15

/** The number of a cue, or -1. */
export function find({ filter, keys, cues }: Pick<CueTable, 'filter' | 'keys' | 'cues'>, key: number): number {
  const mixed = key ^ (key >>> 15)
  if ((filter[(mixed & (FILTER_BITS - 1)) >>> 5]! & (1 << (mixed & 31))) === 0) return -1
  let slot = mixed & (SLOTS - 1)
  while (cues[slot] !== 0) {
    if (keys[slot] === key) return cues[slot]! - 1
    slot = (slot + 1) & (SLOTS - 1)
  }
  return -1
}

/** Reads tables as `prompt-cues.ts` describes them; of a cue that stands there twice, the first counts. */
export function compileCues(tables: readonly string[]): CueTable {
  const filter = new Uint32Array(FILTER_BITS >>> 5)
  const keys = new Int32Array(SLOTS)
  const cues = new Uint16Array(SLOTS)
  const classes: number[] = []
  const weights: number[] = []
  const put = (key: number, group: number, weight: number): void => {
    const known = find({ filter, keys, cues }, key)
    if (known >= 0) {
      if (classes[known] === NO_CLASS && group !== NO_CLASS) [classes[known], weights[known]] = [group, weight]
      return
    }
    const mixed = key ^ (key >>> 15)
    filter[(mixed & (FILTER_BITS - 1)) >>> 5]! |= 1 << (mixed & 31)
    let slot = mixed & (SLOTS - 1)
    while (cues[slot] !== 0) slot = (slot + 1) & (SLOTS - 1)
    classes.push(group)
    weights.push(weight)
    keys[slot] = key
    cues[slot] = classes.length
  }
  for (const line of tables.join('\n').split('\n')) {
    const colon = line.indexOf(': ')
    if (colon < 0) continue
    const [name, weight] = line.slice(0, colon).split(' ') as [string, string]
    const group = promptClasses.findIndex((one) => one === name)
    for (const cue of line.slice(colon + 2).split(' ')) {
      const keys = keysOf(cue)
      for (const start of keys.slice(0, -1)) put(start, NO_CLASS, 0)
      put(keys.at(-1)!, group, Number(weight))
    }
  }
  return { filter, keys, cues, classes: Uint8Array.from(classes), weights: Uint8Array.from(weights) }
}

/** The key of a cue, after those of its beginnings: a scan looks for more only where a beginning stood. */
function keysOf(cue: string): readonly number[] {
  if (kindOf(cue.charCodeAt(0)) === RUN) return Array.from(cue, (_, i) => PART ^ hashOf(cue.slice(0, i + 1)))
  if (cue.endsWith('*')) {
    const stem = cue.slice(0, -1)
    return [STEM ^ hashOf(stem.slice(0, STEM_MIN)), STEM ^ hashOf(stem)]
  }
  const [first, ...rest] = cue.split('_').map(hashOf) as [number, ...number[]]
  const keys = [first]
  for (const word of rest) keys.push(join(keys.at(-1)!, word))
  return keys
}

function hashOf(word: string): number {
  let hash = SEED
  for (let i = 0; i < word.length; i++) hash = mix(hash, fold(word.charCodeAt(i)))
  return hash
}
