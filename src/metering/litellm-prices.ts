import { err, ok, type Result } from '../core/result.ts'
import { scaledUp, type WrittenPrice } from '../core/written-price.ts'
import { FORMAT, isModelName, isObject, parseObject, parsePriceBook } from './price-book.ts'

/*
 * Makes a price book of LiteLLM's public price file, model_prices_and_context_window.json: USD for each unit, under names
 * of its own (https://docs.litellm.ai/docs/proxy/model_cost_map). Many people keep that file by hand. What cannot be
 * relied on is left out and said: a model that is not in the book costs the fallback, one with a wrong 0 costs nothing.
 */

/** Far above the file's 1.6 MB of 2026. */
export const MAX_LITELLM_BYTES = 33_554_432

/** An alias is a few bytes in the file and a line in the book: without this a small file could make a vast one. */
const MAX_MODELS = 100_000

/** What a book says about itself. */
export interface BookAbout {
  readonly version: string
  readonly source: string
  readonly fetched: string
}

export interface Converted {
  /** The text of the book, one line for each model. */
  readonly book: string
  /** As `PriceBook.hash`. */
  readonly hash: string
  readonly taken: number
  /** Few different reasons, so that they can be counted. */
  readonly skipped: readonly { readonly model: string; readonly why: string }[]
  /** Models that were taken, with what they also cost and a book cannot say, such as dearer tiers for long prompts. */
  readonly notes: readonly { readonly model: string; readonly fields: readonly string[] }[]
}

/** Converts a whole file. Models that cannot be taken are listed; an error means that there is no book at all. */
export function convertLitellm(text: string, { version, source, fetched }: BookAbout): Result<Converted, string> {
  const tooLarge = text.length > MAX_LITELLM_BYTES || Buffer.byteLength(text) > MAX_LITELLM_BYTES
  if (tooLarge) return err('a LiteLLM price file is not larger than 32 MiB')
  const file = parseObject(text)
  if (file === null) return err('a LiteLLM price file is a JSON object')
  const lines: string[] = []
  const skipped: { model: string; why: string }[] = []
  const notes: { model: string; fields: readonly string[] }[] = []
  const named = new Set(Object.keys(file))
  for (const [model, entry] of Object.entries(file)) {
    const price = readEntry(model, entry)
    if (!price.ok) {
      skipped.push({ model, why: price.error })
      continue
    }
    // Other names of the same model, such as its dated ones. An entry of its own goes before, and so does the first claim.
    const aliases = namesOf(entry).filter((name) => !named.has(name))
    for (const name of new Set([model, ...aliases])) {
      if (lines.length === MAX_MODELS) return err(`holds more than ${MAX_MODELS} models`)
      named.add(name)
      if (isModelName(name)) lines.push(`    ${JSON.stringify(name)}: ${JSON.stringify(price.value.written)}`)
      else skipped.push({ model: name, why: 'its name is no line of 1 to 256 characters' })
    }
    if (price.value.left.length > 0) notes.push({ model, fields: price.value.left })
  }
  if (lines.length === 0) return err('holds no model with a price for its tokens: is it a LiteLLM price file?')
  const about = Object.entries({ format: FORMAT, version, source, fetched })
  const head = about.map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`)
  const book = `{\n${head.join('')}  "models": {\n${lines.join(',\n')}\n  }\n}\n`
  const parsed = parsePriceBook(book)
  return parsed.ok ? ok({ book, hash: parsed.value.hash, taken: lines.length, skipped, notes }) : parsed
}

/** Their names for the parts of a price; of several, the first that is there. */
const parts = {
  input: ['input_cost_per_token'],
  cached_input: ['cache_read_input_token_cost', 'input_cost_per_token_cache_hit'],
  cache_write: ['cache_creation_input_token_cost'],
  audio_input: ['input_cost_per_audio_token'],
  // A model that makes images only has no price for text.
  output: ['output_cost_per_token', 'output_cost_per_image_token'],
  reasoning: ['output_cost_per_reasoning_token'],
  audio_output: ['output_cost_per_audio_token'],
  image: ['output_cost_per_image_token'],
} as const satisfies Partial<Record<keyof WrittenPrice, readonly string[]>>

const SEARCH = 'search_context_cost_per_query'

const carried: ReadonlySet<string> = new Set([...Object.values(parts).flat(), SEARCH])

/** The dearest public prices are 600 USD per million tokens and 0.05 USD per search; what is far above is a slip in units. */
const MAX_TOKEN_USD = 0.001
const MAX_SEARCH_USD = 1

/** Modes whose answers are no text: their output price is 0 or missing, and right. */
const withoutOutput: ReadonlySet<unknown> = new Set(['embedding', 'rerank'])

interface Entry {
  readonly written: WrittenPrice
  readonly left: readonly string[]
}

function readEntry(model: string, entry: unknown): Result<Entry, string> {
  if (model === 'sample_spec' || !isObject(entry)) return err('is no model')
  const written: Partial<Record<keyof WrittenPrice, number>> = {}
  for (const [part, fields] of Object.entries(parts)) {
    const field = fields.find((field) => Object.hasOwn(entry, field))
    if (field === undefined) continue
    const usd = entry[field]
    if (!isUsd(usd)) return err(`${field} is no price`)
    if (usd > MAX_TOKEN_USD) return err(`${field} is above 1000 USD per million tokens, which is taken for a slip`)
    // A part of 0 means "nothing on top" for some vendors and "unknown" for others: it takes the price of its whole.
    if (usd > 0) written[part as keyof typeof parts] = scaledUp(usd, 12) / 1e6
  }
  const search = searchUsd(entry[SEARCH])
  if (search === null || search > MAX_SEARCH_USD) return err(`${SEARCH} is no price`)
  if (search > 0) written.tool_call = scaledUp(search, 12) / 1e12
  if (withoutOutput.has(entry['mode'])) written.output ??= 0
  const { input, output } = written
  for (const [part, price] of Object.entries({ input, output })) {
    if (price !== undefined) continue
    const field = `${part}_cost_per_token`
    return err(Object.hasOwn(entry, field) ? `${field} is 0, which also stands for unknown` : `has no ${field}`)
  }
  const left = Object.keys(entry).filter((field) => !carried.has(field) && isPrice(field, entry[field]))
  return ok({ written: written as typeof written & WrittenPrice, left })
}

const namesOf = (entry: unknown): readonly string[] => {
  const aliases = isObject(entry) ? entry['aliases'] : null
  return Array.isArray(aliases) ? aliases.filter((name): name is string => typeof name === 'string') : []
}

/** The dearest of a web search's sizes, because the client chooses one; 0 where there is none, null for what is no price. */
function searchUsd(sizes: unknown): number | null {
  if (sizes === undefined || sizes === null) return 0
  const each = isObject(sizes) ? Object.values(sizes) : [sizes]
  return each.every(isUsd) ? each.reduce((dearest, usd) => Math.max(dearest, usd), 0) : null
}

const isUsd = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < Infinity

/** Batches and flex are cheaper ways to the same tokens, and a DBU is a unit of Databricks. */
const isPrice = (field: string, value: unknown): boolean =>
  /^[a-z0-9_]{1,80}$/.test(field) &&
  /cost|pricing/.test(field) &&
  !/_batches$|_flex$|_dbu_/.test(field) &&
  value !== 0 &&
  value !== null
