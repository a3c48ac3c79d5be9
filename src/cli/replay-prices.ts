import type { Config } from '../config/config.ts'
import { globMatches } from '../core/glob.ts'
import type { Price } from '../core/price.ts'
import { ok, err, type Result } from '../core/result.ts'
import { noUsage } from '../core/usage.ts'
import { costNanoUsd } from '../metering/cost.ts'
import { parsePriceBook, type PriceBook } from '../metering/price-book.ts'
import type { CostOf } from '../replay/port.ts'

const MAX_CACHED = 4096

/**
 * Prices exchanges by the configuration, as the gateway would: by the price of the model's route, else by the price book.
 * What has no price of its own costs nothing known; the fallback price is for limits and would be a guess here.
 */
export function pricesOf({ models, pricing }: Config): Result<CostOf, string> {
  const parsed = pricing.book === null ? ok(null) : parsePriceBook(pricing.book.text)
  if (!parsed.ok) return err(`${pricing.book?.path ?? ''}: ${parsed.error}`)
  const book: PriceBook | null = parsed.value
  const known = new Map<string, Price | null>()
  const find = (model: string): Price | null =>
    models.find(({ pattern }) => globMatches(pattern, model))?.price ?? book?.find(model) ?? null
  return ok(({ model, inputTokens, outputTokens, cachedTokens, reasoningTokens }) => {
    if (model === null || (inputTokens === null && outputTokens === null)) return null
    let price = known.get(model)
    if (price === undefined) {
      if (known.size === MAX_CACHED) known.clear()
      price = find(model)
      known.set(model, price)
    }
    if (price === null) return null
    return costNanoUsd(
      {
        ...noUsage,
        inputTokens: inputTokens ?? 0,
        outputTokens: outputTokens ?? 0,
        cachedTokens: cachedTokens ?? 0,
        reasoningTokens: reasoningTokens ?? 0,
      },
      price,
    )
  })
}
