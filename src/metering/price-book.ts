import { createHash } from 'node:crypto'
import type { Price } from '../core/price.ts'
import { err, ok, type Result } from '../core/result.ts'
import { maxWritten, priceOf, showPrice, type WrittenPrice } from '../core/written-price.ts'

export const FORMAT = 'weir-prices-1'
/** The public prices of 2,400 models are 0.2 MB. */
const MAX_BYTES = 16_777_216
const MAX_NAME = 256

/** Prices of many models under one version, which stands beside every cost that was made with them. */
export class PriceBook {
  readonly version: string
  /** Where the prices were taken from, and on which day. */
  readonly source: string
  readonly fetched: string
  /** Of everything the book says: the same for the same content, however its file is laid out. */
  readonly hash: string
  readonly #models: ReadonlyMap<string, Price>
  /** Price of all models whose names end in this segment; null where they differ. */
  readonly #bySegment: ReadonlyMap<string, Price | null>

  constructor(about: { version: string; source: string; fetched: string }, models: ReadonlyMap<string, Price>) {
    this.version = about.version
    this.source = about.source
    this.fetched = about.fetched
    this.#models = models
    this.#bySegment = bySegment(models)
    const sorted = [...models].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, price]) => [name, amounts(price)])
    const content = JSON.stringify([FORMAT, about.version, about.source, about.fetched, sorted])
    this.hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  }

  get size(): number {
    return this.#models.size
  }

  /**
   * The price of a model: of `provider/model` for the first of the providers that has it, else of the exact name, else
   * of all names with the same last segment, if they agree. A dated variant is a name of its own. The model may be a
   * client's word: a look-up takes the same few steps for every name and remembers none.
   */
  find(model: string, providers: readonly string[] = []): Price | null {
    if (model.length > MAX_NAME) return null
    for (const provider of providers) {
      const found = this.#models.get(`${provider}/${model}`)
      if (found !== undefined) return found
    }
    return this.#models.get(model) ?? this.#bySegment.get(lastSegment(model)) ?? null
  }
}

function bySegment(models: ReadonlyMap<string, Price>): ReadonlyMap<string, Price | null> {
  const found = new Map<string, Price | null>()
  for (const [name, price] of models) {
    const segment = lastSegment(name)
    const other = found.get(segment)
    if (other === undefined) found.set(segment, price)
    else if (other !== null && String(amounts(other)) !== String(amounts(price))) found.set(segment, null)
  }
  return found
}

const lastSegment = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

const amounts = (price: Price): readonly number[] => Object.values(showPrice(price))

/** Reads a price book; a book is taken whole or not at all. The text of the file is never repeated in an error. */
export function parsePriceBook(text: string): Result<PriceBook, string> {
  const tooLarge = text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES
  if (tooLarge) return err('a price book is not larger than 16 MiB')
  const file = parseObject(text)
  if (file === null) return err('a price book is a JSON object')
  const { format, version, source, fetched, models, ...rest } = file
  if (format !== FORMAT) return err(`format: must be "${FORMAT}"`)
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) return err(`${quote(unknown)}: unknown key`)
  if (!isText(version, /^[!-~]{1,64}$/)) return err('version: must be 1 to 64 visible ASCII characters')
  if (version === 'config') return err('version: "config" stands for prices in weir.yaml')
  if (!isText(source, /^\P{Cc}{1,512}$/u)) return err('source: must be a line of 1 to 512 characters')
  if (!isText(fetched, /^\d{4}-\d\d-\d\d$/) || !isDay(fetched)) return err('fetched: must be a day such as 2026-07-24')
  if (!isObject(models)) return err('models: must be an object')
  const prices = new Map<string, Price>()
  for (const [name, written] of Object.entries(models)) {
    if (!isModelName(name)) return err(`models: ${quote(name)}: not a name of 1 to ${MAX_NAME} characters on one line`)
    const price = readPrice(written)
    if (!price.ok) return err(`models: ${quote(name)}: ${price.error}`)
    prices.set(name, priceOf(price.value))
  }
  if (prices.size === 0) return err('models: there are none')
  return ok(new PriceBook({ version, source, fetched }, prices))
}

export const isModelName = (name: string): boolean => name.length <= MAX_NAME && /^\P{Cc}+$/u.test(name)

/** A JSON object, with or without a byte order mark; null for anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function readPrice(written: unknown): Result<WrittenPrice, string> {
  if (!isObject(written)) return err('must be an object')
  for (const [part, usd] of Object.entries(written)) {
    if (!Object.hasOwn(maxWritten, part)) return err(`${quote(part)}: unknown key`)
    const max = maxWritten[part as keyof WrittenPrice]
    if (typeof usd !== 'number' || !(usd >= 0 && usd <= max)) return err(`${part}: must be a number from 0 to ${max}`)
  }
  for (const part of ['input', 'output']) if (!Object.hasOwn(written, part)) return err(`${part}: is required`)
  return ok(written as Readonly<Record<string, unknown>> & WrittenPrice)
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value)

/** JavaScript moves 30 February on to March. */
const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
