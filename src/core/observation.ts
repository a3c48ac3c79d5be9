/**
 * What detection keeps of one prompt: numbers and keyed hashes, a few hundred bytes, and never a word of it. Made once, on
 * the request path or from a log, so that the same loop judges live traffic and recorded traffic.
 */
export interface Observation {
  /** Who has spoken last: a person (or what stands for one), or a tool whose result goes back to the model. */
  readonly role: 'human' | 'tool'
  /** Messages in the conversation. */
  readonly turns: number
  readonly chars: number
  /** Keyed hashes of the prompt's shape, by the names in `signals/keys.ts`; 0: there is none. */
  readonly keys: Uint32Array
  /** Coarse cells of its form, by the names in `signals/cells.ts`; the same numbers in every deployment. */
  readonly cells: Uint32Array
  /** Keyed hash of the text's words, letters folded. */
  readonly text: number
  /** Least hashes of its content words, for texts that say the same in nearly the same words. */
  readonly content: Uint32Array
  /** What it shows of a person or a program; bits of `signs`. */
  readonly signs: number
  /** Keyed hashes of the parameters' shape and of the system prompt; 0: there is none. */
  readonly params: number
  readonly system: number
  /** Share of the system prompt's shingles that the answer repeats, 0 to 100; null: unknown. */
  readonly systemEcho: number | null
  readonly refused: boolean
}

export const signs = {
  /** So short that only the conversation makes sense of it. */
  tiny: 1,
  /** Points at what was said before. */
  deictic: 2,
  lowerStart: 4,
  /** Starts with a capital and ends with a mark, where the script has those. */
  polished: 8,
  /** Asks for the model's reasoning or marks to be written out. */
  elicits: 16,
  /** Goes on in a conversation. */
  continues: 32,
  /** The script has no capitals: neither polished nor not. */
  uncased: 64,
} as const
