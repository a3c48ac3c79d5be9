import { KEYS_EACH, SAYINGS } from './sizes.ts'

/**
 * What the engine keeps of an account, as numbers in a row and in runs of words: the one place that says how much of it there
 * is. A snapshot holds rows as they are, and one that was laid out in another way is not read.
 */
export const scoreNumbers = {
  content: 'double',
  form: 'double',
  infrastructure: 'double',
  client: 'double',
  total: 'double',
} as const

export const memberNumbers = {
  narrow: 'double',
  metAt: 'maybe',
  met: 'word',
  fingerprint: 'word',
  userAgent: 'word',
  ipPrefix: 'word',
  asn: 'word',
  signedUp: 'word',
  suspected: 'flag',
  strong: 'flag',
} as const

export const traceNumbers = {
  formTop: 'double',
  prompts: 'word',
  formWindow: 'word',
  heatVersion: 'word',
  ring: 'word',
  cells: 'word',
  heat: 'word',
  cellsUsed: 'word',
  formPrompts: 'byte',
  ringSize: 'byte',
  cellsSize: 'byte',
} as const

export const memberLayout: typeof scoreNumbers & typeof memberNumbers & typeof traceNumbers = {
  ...scoreNumbers,
  ...memberNumbers,
  ...traceNumbers,
}

/** Words of one prompt in the ring: its keys, what it says, its mark. */
export const STRIDE: number = KEYS_EACH + SAYINGS + 1
export const RING = 24

/** Words of runs: a ring of 1, 3, 5, 8 or all of its prompts, or what has been seen of form in about as many. */
const RING_PLACES: readonly number[] = [1, 3, 5, 8, RING]
const MOST_CELLS_WORDS = 256
export const RUN_SIZES: readonly number[] = [...RING_PLACES.map((places) => places * STRIDE), MOST_CELLS_WORDS].sort(
  (a, b) => a - b,
)
