import type { Cost, Price, PriceTag } from '../core/price.ts'
import type { Usage } from '../core/usage.ts'

/*
 * What usage costs. Money is whole nano-dollars (10^-9 USD), summed in pico-dollars and rounded up once, so that a sum
 * never loses a part that is below one nano-dollar.
 *
 * A sum in pico-dollars is exact below 2^53 = 9.0e15, which is 9,007 USD for one exchange: 900 million tokens at 10 USD
 * per million, 9 million tokens at 1,000 USD per million. Beyond that it is made again in BigInt. A result that is itself
 * beyond 2^53 nano-dollars (9 million USD) is given as 2^53 - 1, because no number above it is exact.
 */

/** A model without a price costs what the fallback says: it is never free because nobody wrote a price down. */
export const costOf = (usage: Usage, tag: PriceTag | null, fallback: Price): Cost =>
  tag === null
    ? { nanoUsd: costNanoUsd(usage, fallback), source: 'estimate', book: null }
    : { nanoUsd: costNanoUsd(usage, tag.price), source: 'price', book: tag.book }

/**
 * Parts are charged at their own prices and what is left of the whole at the plain one. Where a vendor reports parts that
 * are more than their whole, each is charged as reported and nothing is left over: what it reports of a part it bills.
 */
export function costNanoUsd(usage: Usage, price: Price): number {
  const cached = whole(usage.cachedTokens)
  const cacheWrite = whole(usage.cacheWriteTokens)
  const audioInput = whole(usage.audioInputTokens)
  const reasoning = whole(usage.reasoningTokens)
  const audioOutput = whole(usage.audioOutputTokens)
  const image = whole(usage.imageTokens)
  const input = whole(whole(usage.inputTokens) - (cached + cacheWrite + audioInput))
  const output = whole(whole(usage.outputTokens) - (reasoning + audioOutput + image))
  const toolCalls = whole(usage.toolCalls)
  const picoUsd =
    input * price.input +
    cached * price.cachedInput +
    cacheWrite * price.cacheWrite +
    audioInput * price.audioInput +
    output * price.output +
    reasoning * price.reasoning +
    audioOutput * price.audioOutput +
    image * price.image +
    toolCalls * price.toolCall
  // No term is negative and rounding keeps order: a sum that comes out below 2^53 was exact at every step.
  if (picoUsd <= Number.MAX_SAFE_INTEGER) return roundedUp(picoUsd)
  return exactNanoUsd([
    [input, price.input],
    [cached, price.cachedInput],
    [cacheWrite, price.cacheWrite],
    [audioInput, price.audioInput],
    [output, price.output],
    [reasoning, price.reasoning],
    [audioOutput, price.audioOutput],
    [image, price.image],
    [toolCalls, price.toolCall],
  ])
}

/**
 * What a hold takes for input of which no more than its size is known: as if a cache wrote all of it where that is
 * dearer, because the client alone decides whether one does.
 */
export function inputNanoUsd(tokens: number, price: Price): number {
  const each = Math.max(price.input, price.cacheWrite)
  const picoUsd = whole(tokens) * each
  return picoUsd <= Number.MAX_SAFE_INTEGER ? roundedUp(picoUsd) : exactNanoUsd([[whole(tokens), each]])
}

/** What a hold takes for each token of output: the dearest that a text model can make of it. A fraction is fine. */
export const outputNanoUsdPerToken = (price: Price): number => Math.max(price.output, price.reasoning) / 1000

function roundedUp(picoUsd: number): number {
  const rest = picoUsd % 1000
  return (picoUsd - rest) / 1000 + (rest > 0 ? 1 : 0)
}

/** The sum of units x pico-dollars, rounded up. */
function exactNanoUsd(terms: readonly (readonly [units: number, picoUsd: number])[]): number {
  let exact = 0n
  for (const [units, each] of terms) exact += BigInt(units) * BigInt(each)
  const nano = (exact + 999n) / 1000n
  return nano <= Number.MAX_SAFE_INTEGER ? Number(nano) : Number.MAX_SAFE_INTEGER
}

/** Counts come from vendors: whatever they hold becomes a whole number that can be charged. */
const whole = (count: number): number => (count > 0 ? Math.min(Math.ceil(count), Number.MAX_SAFE_INTEGER) : 0)
