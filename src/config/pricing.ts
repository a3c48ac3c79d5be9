import * as z from 'zod'
import type { Price } from '../core/price.ts'
import { err, ok, type Result } from '../core/result.ts'
import { maxWritten, priceOf, type WrittenPrice } from '../core/written-price.ts'
import type { PricingConfig } from './config.ts'
import { scaled } from './decimal.ts'
import { complain, file, nothingLeft } from './fields.ts'
import type { FoundFile } from './fill.ts'
import type { Complaint } from './problem.ts'

/** Prices of one vendor list run to a megabyte. */
const MAX_BOOK_BYTES = 8 * 1024 * 1024

const money = (max: number, description: string): z.ZodType<number, number> =>
  z
    .number()
    .min(0)
    .max(max)
    .meta({ description, examples: [2.5] })
    .superRefine((value, ctx) => {
      // A tool call could be written to the pico-dollar; nobody has a price that fine.
      if (!(value >= 0) || value > max || scaled(value, 6) !== null) return
      ctx.addIssue(complain({ message: 'finer than six decimals', hint: 'write at most six decimals' }))
    })

const perMillion = money(maxWritten.input, 'USD for a million tokens')
const perCall = money(maxWritten.tool_call, 'USD for a call')

/** What is not written costs what its whole costs; only a tool call is free then. */
export const price: z.ZodType<Price> = z
  .strictObject({
    input: perMillion,
    cached_input: perMillion.optional(),
    cache_write: perMillion.optional(),
    output: perMillion,
    reasoning: perMillion.optional(),
    audio_input: perMillion.optional(),
    audio_output: perMillion.optional(),
    image: perMillion.optional(),
    tool_call: perCall.optional(),
  } satisfies Record<keyof WrittenPrice, unknown>)
  .transform(priceOf)

export const pricing: z.ZodType<PricingConfig> = z
  .strictObject({
    book: file(MAX_BOOK_BYTES, 'prices.json', readBook).optional(),
    on_unpriced: z.enum(['estimate', 'block']).default('estimate').describe('What happens to a model without a price.'),
    estimate: price.prefault({ input: 5, output: 25 }),
  })
  .transform(({ book, on_unpriced, estimate, ...rest }) => {
    nothingLeft(rest)
    return { book: book ?? null, onUnpriced: on_unpriced, estimate }
  })

/** What the entries mean is for the room that charges by them. */
function readBook({ path, text }: FoundFile): Result<{ readonly path: string; readonly text: string }, Complaint> {
  try {
    const book: unknown = JSON.parse(text)
    if (typeof book === 'object' && book !== null && !Array.isArray(book)) return ok({ path, text })
  } catch {
    // Said below: the parser's own words repeat the text.
  }
  return err({ message: 'the file is not a JSON object', hint: 'make one with: weir config import-prices' })
}
