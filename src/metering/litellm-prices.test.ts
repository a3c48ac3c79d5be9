import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { convertLitellm, type Converted } from './litellm-prices.ts'
import { parsePriceBook, type PriceBook } from './price-book.ts'

const about = { version: 'test-1', source: 'fixture', fetched: '2026-07-24' }

function convert(file: object | string): Converted {
  const result = convertLitellm(typeof file === 'string' ? file : JSON.stringify(file), about)
  assert.ok(result.ok, result.ok ? '' : result.error)
  return result.value
}

function bookOf(converted: Converted): PriceBook {
  const parsed = parsePriceBook(converted.book)
  assert.ok(parsed.ok)
  return parsed.value
}

const plain = { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6, mode: 'chat' }

/** In the shape of the public file, with a model for each way of writing a price. */
const fixture = `{
  "sample_spec": { "input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "mode": "one of: chat, embedding" },
  "last_updated": "2026-07-24",
  "text-1": {
    "cache_read_input_token_cost": 1.25e-06,
    "input_cost_per_token": 2.5e-06,
    "input_cost_per_token_batches": 1.25e-06,
    "input_cost_per_token_flex": 1.25e-06,
    "litellm_provider": "openai",
    "max_tokens": 16384,
    "mode": "chat",
    "output_cost_per_token": 1e-05,
    "search_context_cost_per_query": {
      "search_context_size_high": 0.05,
      "search_context_size_low": 0.03,
      "search_context_size_medium": 0.035
    },
    "supports_vision": true
  },
  "vendor/everything": {
    "cache_creation_input_token_cost": 3.75e-06,
    "cache_read_input_token_cost": 3e-07,
    "input_cost_per_audio_token": 4e-05,
    "input_cost_per_token": 3e-06,
    "input_cost_per_token_above_200k_tokens": 6e-06,
    "output_cost_per_audio_token": 8e-05,
    "output_cost_per_image_token": 3e-05,
    "output_cost_per_reasoning_token": 1.6e-05,
    "output_cost_per_token": 1.5e-05,
    "output_cost_per_token_above_200k_tokens": 2.25e-05
  },
  "embed-1": { "input_cost_per_token": 2e-08, "output_cost_per_token": 0.0, "mode": "embedding" },
  "embed-2": { "input_cost_per_token": 1e-07, "mode": "embedding" },
  "image-1": { "input_cost_per_token": 5e-06, "output_cost_per_image_token": 4e-05, "mode": "image_generation" },
  "hit-1": { "input_cost_per_token": 5.5e-07, "input_cost_per_token_cache_hit": 1.4e-07, "output_cost_per_token": 2.19e-06 },
  "speech-1": { "input_cost_per_character": 1.5e-05, "mode": "audio_speech" },
  "free-or-unknown": { "input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "mode": "chat" },
  "router": { "input_cost_per_token": 1.4e-07, "output_cost_per_token": 0, "mode": "chat" },
  "slip": { "input_cost_per_token": 0.135, "output_cost_per_token": 0.54, "mode": "chat" },
  "tiered": { "tiered_pricing": [{ "input_cost_per_token": 5e-08, "range": [0, 256000.0] }], "mode": "chat" }
}`

test('prices a token become prices a million tokens, to the pico-dollar', () => {
  const book = bookOf(convert(fixture))
  assert.deepEqual(book.find('text-1'), {
    input: 2_500_000,
    cachedInput: 1_250_000,
    cacheWrite: 2_500_000,
    audioInput: 2_500_000,
    output: 10_000_000,
    reasoning: 10_000_000,
    audioOutput: 10_000_000,
    image: 10_000_000,
    toolCall: 50_000_000_000,
  })
  assert.deepEqual(book.find('vendor/everything'), {
    input: 3_000_000,
    cachedInput: 300_000,
    cacheWrite: 3_750_000,
    audioInput: 40_000_000,
    output: 15_000_000,
    reasoning: 16_000_000,
    audioOutput: 80_000_000,
    image: 30_000_000,
    toolCall: 0,
  })
  assert.equal(book.find('hit-1')?.cachedInput, 140_000)
  assert.equal(book.version, 'test-1')
})

test('what makes no text needs no price for text', () => {
  const book = bookOf(convert(fixture))
  assert.deepEqual([book.find('embed-1')?.input, book.find('embed-1')?.output], [20_000, 0])
  assert.deepEqual([book.find('embed-2')?.input, book.find('embed-2')?.output], [100_000, 0])
  assert.deepEqual([book.find('image-1')?.output, book.find('image-1')?.image], [40_000_000, 40_000_000])
})

test('what cannot be relied on is left out and told', () => {
  const { taken, skipped, hash, ...converted } = convert(fixture)
  assert.equal(taken, 6)
  assert.deepEqual(Object.fromEntries(skipped.map(({ model, why }) => [model, why])), {
    sample_spec: 'is no model',
    last_updated: 'is no model',
    'speech-1': 'has no input_cost_per_token',
    'free-or-unknown': 'input_cost_per_token is 0, which also stands for unknown',
    router: 'output_cost_per_token is 0, which also stands for unknown',
    slip: 'input_cost_per_token is above 1000 USD per million tokens, which is taken for a slip',
    tiered: 'has no input_cost_per_token',
  })
  assert.equal(hash, bookOf({ taken, skipped, hash, ...converted }).hash)
})

test('dearer tiers are noted with the model that keeps its base price, and cheaper ways are not', () => {
  assert.deepEqual(convert(fixture).notes, [
    {
      model: 'vendor/everything',
      fields: ['input_cost_per_token_above_200k_tokens', 'output_cost_per_token_above_200k_tokens'],
    },
  ])
})

test('a part of 0 takes the price of its whole', () => {
  const zeros = {
    cache_read_input_token_cost: 0,
    cache_creation_input_token_cost: 0.0,
    output_cost_per_reasoning_token: 0,
  }
  const price = bookOf(convert({ m: { ...plain, ...zeros } })).find('m')
  assert.deepEqual([price?.cachedInput, price?.cacheWrite, price?.reasoning], [1_000_000, 1_000_000, 2_000_000])
})

test('an entry whose price is no price is left out, whichever part it is', () => {
  const fields = [
    'input_cost_per_token',
    'output_cost_per_token',
    'cache_read_input_token_cost',
    'input_cost_per_audio_token',
  ]
  for (const field of [...fields, 'search_context_cost_per_query']) {
    for (const value of ['1e-6', -1e-6, true, [1], { low: 'x' }, { low: -1 }]) {
      const { taken, skipped } = convert({ good: plain, bad: { ...plain, [field]: value } })
      assert.equal(taken, 1)
      assert.deepEqual(skipped, [{ model: 'bad', why: `${field} is no price` }], JSON.stringify(value))
    }
  }
  assert.equal(convert({ good: plain, bad: { ...plain, search_context_cost_per_query: { low: 5 } } }).taken, 1)
  const sizes = Object.fromEntries(Array.from({ length: 500_000 }, (_, i) => [`s${i}`, 0.01]))
  assert.equal(convert({ m: { ...plain, search_context_cost_per_query: sizes } }).taken, 1)
})

test('an alias is a model at the same price, unless it has an entry or another claim already', () => {
  const dear = { input_cost_per_token: 5e-6, output_cost_per_token: 5e-6 }
  const { taken, skipped, book } = convert({
    m: { ...plain, aliases: ['m-2026-01-01', 'm-2026-01-01', 'm', 'own', 'both', 7, ''] },
    n: { ...dear, aliases: ['both'] },
    own: dear,
    odd: { ...plain, aliases: 'm' },
  })
  assert.equal(taken, 6)
  assert.deepEqual(skipped, [{ model: '', why: 'its name is no line of 1 to 256 characters' }])
  const models = (JSON.parse(book) as { models: Record<string, { input: number }> }).models
  assert.deepEqual(
    Object.entries(models).map(([name, { input }]) => `${name} ${input}`),
    ['m 1', 'm-2026-01-01 1', 'both 1', 'n 5', 'own 5', 'odd 1'],
  )
})

test('names from the file can do nothing but name a model', () => {
  const entry = JSON.stringify(plain)
  const { taken, skipped, book } = convert(
    `{"__proto__":${entry},"constructor":${entry},"a\\"b":${entry},"7":${entry},"x\\ny":${entry},"${'x'.repeat(257)}":${entry},"":${entry}}`,
  )
  assert.equal(taken, 4)
  assert.deepEqual(new Set(skipped.map(({ why }) => why)), new Set(['its name is no line of 1 to 256 characters']))
  const parsed = parsePriceBook(book)
  assert.ok(parsed.ok)
  for (const name of ['__proto__', 'constructor', 'a"b', '7'])
    assert.equal(parsed.value.find(name)?.input, 1_000_000, name)
})

test('a file that is no price file gives no book', () => {
  const errorOf = (text: string, over: object = {}): string => {
    const result = convertLitellm(text, { ...about, ...over })
    return result.ok ? 'taken' : result.error
  }
  assert.equal(errorOf('wr_live_secret'), 'a LiteLLM price file is a JSON object')
  assert.equal(errorOf('[]'), 'a LiteLLM price file is a JSON object')
  assert.match(errorOf('{"name":"weir","dependencies":{"zod":"4"}}'), /^holds no model with a price/)
  assert.equal(errorOf(' '.repeat(33_554_433)), 'a LiteLLM price file is not larger than 32 MiB')
  const aliases = Array.from({ length: 100_000 }, (_, i) => String(i))
  assert.equal(errorOf(JSON.stringify({ m: { ...plain, aliases } })), 'holds more than 100000 models')
  assert.match(errorOf(JSON.stringify({ m: plain }), { version: 'config' }), /^version: /)
  assert.match(errorOf(JSON.stringify({ m: plain }), { fetched: 'yesterday' }), /^fetched: /)
})

test('a book has one line for each model, so that two of them can be compared by eye', () => {
  const { book } = convert({ b: plain, a: plain })
  assert.equal(
    book,
    `{
  "format": "weir-prices-1",
  "version": "test-1",
  "source": "fixture",
  "fetched": "2026-07-24",
  "models": {
    "b": {"input":1,"output":2},
    "a": {"input":1,"output":2}
  }
}
`,
  )
})

test('every price a token of whole pico-dollars comes through unchanged', () => {
  const pico = fc.integer({ min: 1, max: 1e9 })
  fc.assert(
    fc.property(pico, pico, pico, (input, output, cached) => {
      const entry = `{"input_cost_per_token":${input}e-12,"output_cost_per_token":${output}e-12,"cache_read_input_token_cost":${cached}e-12}`
      const price = bookOf(convert(`{"m":${entry}}`)).find('m')
      assert.deepEqual([price?.input, price?.output, price?.cachedInput], [input, output, cached])
    }),
  )
})
