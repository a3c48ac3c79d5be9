import type { Price } from './price.ts'

/**
 * A price as people write it, in weir.yaml and in price books: USD per million tokens, and USD per call for `tool_call`.
 * A part that is not written costs what its whole costs, never nothing; only a tool call that is not written is free.
 */
export interface WrittenPrice {
  readonly input: number
  readonly output: number
  /** As `input` where it is not written; so are `cache_write` and `audio_input`. */
  readonly cached_input?: number | undefined
  readonly cache_write?: number | undefined
  readonly audio_input?: number | undefined
  /** As `output` where it is not written; so are `audio_output` and `image`. */
  readonly reasoning?: number | undefined
  readonly audio_output?: number | undefined
  readonly image?: number | undefined
  readonly tool_call?: number | undefined
}

/** Keeps every price a whole number of pico-dollars that is exact: 10^12 a token and 10^15 a call. */
export const maxWritten: Readonly<Record<keyof WrittenPrice, number>> = {
  input: 1e6,
  cached_input: 1e6,
  cache_write: 1e6,
  audio_input: 1e6,
  output: 1e6,
  reasoning: 1e6,
  audio_output: 1e6,
  image: 1e6,
  tool_call: 1000,
}

/** Takes prices that are within `maxWritten`. What is finer than a pico-dollar is rounded up, so that nothing becomes free. */
export function priceOf(written: WrittenPrice): Price {
  const input = scaledUp(written.input, 6)
  const output = scaledUp(written.output, 6)
  const part = (usd: number | undefined, ofWhole: number): number => (usd === undefined ? ofWhole : scaledUp(usd, 6))
  return {
    input,
    cachedInput: part(written.cached_input, input),
    cacheWrite: part(written.cache_write, input),
    audioInput: part(written.audio_input, input),
    output,
    reasoning: part(written.reasoning, output),
    audioOutput: part(written.audio_output, output),
    image: part(written.image, output),
    toolCall: scaledUp(written.tool_call ?? 0, 12),
  }
}

/** The way back, with every part written out. A whole number below 10^15 by a power of ten prints without noise. */
export const showPrice = (price: Price): Required<{ [K in keyof WrittenPrice]: number }> => ({
  input: price.input / 1e6,
  cached_input: price.cachedInput / 1e6,
  cache_write: price.cacheWrite / 1e6,
  audio_input: price.audioInput / 1e6,
  output: price.output / 1e6,
  reasoning: price.reasoning / 1e6,
  audio_output: price.audioOutput / 1e6,
  image: price.image / 1e6,
  tool_call: price.toolCall / 1e12,
})

/**
 * `value` x 10^digits, rounded up to a whole number. It works on the decimal that was written, not on the binary
 * fraction beside it: 2.007 x 10^6 is 2007000 here, and has no remainder to round.
 */
export function scaledUp(value: number, digits: number): number {
  const found = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value))
  if (found === null) throw new RangeError(`not a price: ${value}`)
  const [, whole = '', fraction = '', exponent = '0'] = found
  const shift = digits + Number(exponent) - fraction.length
  const significant = BigInt(whole + fraction)
  if (shift >= 0) return Number(significant * 10n ** BigInt(shift))
  const divisor = 10n ** BigInt(-shift)
  return Number((significant + divisor - 1n) / divisor)
}
