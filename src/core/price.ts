/**
 * What one unit costs, in whole pico-dollars (10^-12 USD), so that money stays whole numbers: 1 USD for a million tokens
 * is 1,000,000 pico-dollars a token. `input` and `output` are for tokens that are none of the parts beside them.
 */
export interface Price {
  readonly input: number
  readonly cachedInput: number
  readonly cacheWrite: number
  readonly audioInput: number
  readonly output: number
  readonly reasoning: number
  readonly audioOutput: number
  /** Image tokens in the output. */
  readonly image: number
  /** One call of a tool that the vendor runs, such as a web search. */
  readonly toolCall: number
}

/** A price, and where it was written: "config", or the version of a price book. */
export interface PriceTag {
  readonly price: Price
  readonly book: string
}

/** `price`: at a known price, which may be 0. `estimate`: at the fallback, for want of one. `none`: nothing to price. */
export type CostSource = 'price' | 'estimate' | 'none'

/** What one exchange cost. Whether its usage was reported or counted is another question: see `UsageSource`. */
export interface Cost {
  readonly nanoUsd: number
  readonly source: CostSource
  /** Where the price was written; null where there was none. */
  readonly book: string | null
}

/** Of a request that never reached an upstream: no vendor can bill it. */
export const noCost: Cost = { nanoUsd: 0, source: 'none', book: null }
