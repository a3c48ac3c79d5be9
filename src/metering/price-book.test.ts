import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { maxWritten, priceOf, scaledUp, showPrice } from '../core/written-price.ts'
import { parsePriceBook, type PriceBook } from './price-book.ts'

const about = {
  format: 'weir-prices-1',
  version: '2026-07-24',
  source: 'https://prices.example/',
  fetched: '2026-07-24',
}
const small = { input: 1, output: 2 }

function bookOf(models: object, over: object = {}): PriceBook {
  const result = parsePriceBook(JSON.stringify({ ...about, models, ...over }))
  assert.ok(result.ok, result.ok ? '' : result.error)
  return result.value
}

function errorOf(text: string): string {
  const result = parsePriceBook(text)
  assert.ok(!result.ok, 'taken')
  return result.error
}

test('prices in USD per million tokens become pico-dollars a token', () => {
  const written = {
    input: 2.5,
    cached_input: 1.25,
    cache_write: 3.125,
    audio_input: 40,
    output: 10,
    reasoning: 12,
    audio_output: 80,
    image: 30,
    tool_call: 0.01,
  }
  const price = priceOf(written)
  assert.deepEqual(price, {
    input: 2_500_000,
    cachedInput: 1_250_000,
    cacheWrite: 3_125_000,
    audioInput: 40_000_000,
    output: 10_000_000,
    reasoning: 12_000_000,
    audioOutput: 80_000_000,
    image: 30_000_000,
    toolCall: 10_000_000_000,
  })
  assert.deepEqual(showPrice(price), written)
})

test('a part that is not written costs what its whole costs, and only a tool call is free', () => {
  assert.deepEqual(showPrice(priceOf({ input: 3, output: 15, reasoning: undefined })), {
    input: 3,
    cached_input: 3,
    cache_write: 3,
    audio_input: 3,
    output: 15,
    reasoning: 15,
    audio_output: 15,
    image: 15,
    tool_call: 0,
  })
  assert.equal(priceOf({ input: 3, output: 15, cached_input: 0 }).cachedInput, 0, 'a written 0 is a price')
})

test('a price is taken as its decimal, without the noise of binary fractions', () => {
  // 2.007 * 1e6 is 2007000.0000000002 in floating point, and 4.1 * 1e6 is 4099999.9999999995.
  assert.equal(scaledUp(2.007, 6), 2_007_000)
  assert.equal(scaledUp(4.1, 6), 4_100_000)
  assert.equal(scaledUp(2.5e-6, 12), 2_500_000)
  assert.equal(scaledUp(7.5e-8, 12), 75_000)
  assert.equal(scaledUp(1e-7, 12), 100_000)
  assert.equal(scaledUp(0, 6), 0)
  assert.equal(scaledUp(1e21, 0), 1e21)
})

test('what is finer than a pico-dollar is rounded up, and what is no price is never taken for free', () => {
  assert.equal(scaledUp(0.0000001, 6), 1)
  assert.equal(scaledUp(5e-324, 6), 1)
  assert.equal(scaledUp(2.9999900000000002e-6, 12), 2_999_991)
  for (const wrong of [-1, NaN, Infinity]) assert.throws(() => scaledUp(wrong, 6), RangeError)
})

test('every price of up to six decimals is exact, and comes back as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 1e15 }), (pico, call) => {
      const usd = Number(`${Math.floor(pico / 1e6)}.${String(pico % 1e6).padStart(6, '0')}`)
      assert.equal(scaledUp(usd, 6), pico)
      const price = { ...priceOf({ input: usd, output: usd }), toolCall: call }
      assert.deepEqual(priceOf(showPrice(price)), price)
      assert.doesNotMatch(String(showPrice(price).input), /\.\d{7}/)
    }),
  )
})

test('a book knows its models by their exact names, dated variants apart', () => {
  const book = bookOf({ 'gpt-4o': small, 'gpt-4o-2024-05-13': { input: 5, output: 15 } })
  assert.equal(book.size, 2)
  assert.equal(book.find('gpt-4o')?.input, 1_000_000)
  assert.equal(book.find('gpt-4o-2024-05-13')?.input, 5_000_000)
  for (const other of ['gpt-4', 'GPT-4o', 'gpt-4o-2024-11-20', '', '/', 'gpt-4o/', '__proto__', 'constructor']) {
    assert.equal(book.find(other), null, other)
  }
})

test('the last segment of a name is enough where all that share it agree on the price', () => {
  const book = bookOf({
    'azure/agreed': small,
    'openrouter/vendor/agreed': { ...small, cached_input: 1, tool_call: 0 },
    'azure/disputed': small,
    'other/disputed': { ...small, cached_input: 0.5 },
    'third/disputed': small,
    disputed: { input: 7, output: 7 },
    plain: { input: 3, output: 3 },
  })
  assert.equal(book.find('agreed')?.input, 1_000_000)
  assert.equal(book.find('fresh/agreed')?.input, 1_000_000)
  assert.equal(book.find('vendor/plain')?.input, 3_000_000)
  assert.equal(book.find('disputed')?.input, 7_000_000, 'an exact name is not in dispute')
  assert.equal(book.find('fresh/disputed'), null)
  assert.equal(book.find('azure/disputed')?.cachedInput, 1_000_000)
  assert.equal(book.find('other/disputed')?.cachedInput, 500_000)
})

test('the name under a given provider goes before the bare one', () => {
  const book = bookOf({ 'azure/gpt-4o': { input: 2.75, output: 11 }, 'gpt-4o': { input: 2.5, output: 10 } })
  assert.equal(book.find('gpt-4o', ['azure'])?.input, 2_750_000)
  assert.equal(book.find('gpt-4o', ['bedrock', 'azure'])?.input, 2_750_000)
  assert.equal(book.find('gpt-4o', ['bedrock'])?.input, 2_500_000)
})

test('a name that no book can hold is not looked for', () => {
  assert.equal(bookOf({ a: small }).find(`${'x'.repeat(300)}/a`), null)
})

test('the hash follows what a book says and not how its file is laid out', () => {
  const one = bookOf({ a: small, b: { input: 3, output: 4, cached_input: 3 } })
  const other = parsePriceBook(
    `\uFEFF${JSON.stringify(
      { models: { b: { output: 4.0, input: 3 }, a: { input: 1, output: 2, reasoning: 2 } }, ...about },
      null,
      4,
    )}`,
  )
  assert.match(one.hash, /^[0-9a-f]{12}$/)
  assert.equal(other.ok && other.value.hash, one.hash)
  const different = [
    bookOf({ a: small, b: { input: 3, output: 4, cached_input: 2.999999 } }),
    bookOf({ a: small, c: { input: 3, output: 4 } }),
    bookOf({ a: small }),
    bookOf({ a: small, b: { input: 3, output: 4 } }, { version: 'other' }),
    bookOf({ a: small, b: { input: 3, output: 4 } }, { source: 'other' }),
    bookOf({ a: small, b: { input: 3, output: 4 } }, { fetched: '2026-07-25' }),
  ].map(({ hash }) => hash)
  assert.equal(new Set([one.hash, ...different]).size, 7)
})

test('a model with a price that is no price is refused by name', () => {
  const wrong: readonly [string, string][] = [
    ['{"input":1}', 'output: is required'],
    ['{"output":1}', 'input: is required'],
    ['{"input":-0.01,"output":1}', 'input: must be a number from 0 to 1000000'],
    ['{"input":1e400,"output":1}', 'input: must be a number from 0 to 1000000'],
    ['{"input":1000000.01,"output":1}', 'input: must be a number from 0 to 1000000'],
    ['{"input":"1","output":1}', 'input: must be a number from 0 to 1000000'],
    ['{"input":1,"output":null}', 'output: must be a number from 0 to 1000000'],
    ['{"input":1,"output":1,"tool_call":1001}', 'tool_call: must be a number from 0 to 1000'],
    ['{"input":1,"output":1,"cached":1}', '"cached": unknown key'],
    ['{"input":1,"output":1,"toString":1}', '"toString": unknown key'],
    ['{"input":1,"output":1,"__proto__":{"cached_input":0}}', '"__proto__": unknown key'],
    ['[1,2]', 'must be an object'],
    ['null', 'must be an object'],
  ]
  for (const [written, error] of wrong) {
    const text = JSON.stringify({ ...about, models: { good: small, 'bad one': 0 } }).replace(
      '"bad one":0',
      `"bad one":${written}`,
    )
    assert.equal(errorOf(text), `models: "bad one": ${error}`, written)
  }
})

test('a book that is not of the documented shape is refused', () => {
  const models = { a: small }
  const wrong: readonly [object, RegExp][] = [
    [{ ...about }, /^models: must be an object$/],
    [{ ...about, models: {} }, /^models: there are none$/],
    [{ ...about, models: [small] }, /^models: must be an object$/],
    [{ ...about, models, format: 'weir-prices-2' }, /^format: must be "weir-prices-1"$/],
    [{ ...about, models, extra: 1 }, /^"extra": unknown key$/],
    [{ ...about, models, version: '' }, /^version: /],
    [{ ...about, models, version: 'two words' }, /^version: /],
    [{ ...about, models, version: 'config' }, /^version: "config" stands for prices in weir.yaml$/],
    [{ ...about, models, source: 'a\nb' }, /^source: /],
    [{ ...about, models, fetched: '2026-02-30' }, /^fetched: /],
    [{ ...about, models, fetched: '2026-99-99' }, /^fetched: /],
    [{ ...about, models, fetched: 20260724 }, /^fetched: /],
    [{ ...about, models: { '': small } }, /^models: "": not a name/],
    [{ ...about, models: { 'a\u0000': small } }, /^models: "a\\u0000": not a name/],
    [{ ...about, models: { ['x'.repeat(257)]: small } }, /^models: "x{80}\.\.\.": not a name/],
  ]
  for (const [file, error] of wrong) assert.match(errorOf(JSON.stringify(file)), error)
  for (const text of ['', 'null', '[]', '{', '[['.repeat(100_000)])
    assert.equal(errorOf(text), 'a price book is a JSON object')
})

test('text beyond the cap is refused unread, counted in bytes', () => {
  const filled = (character: string, times: number): string =>
    JSON.stringify({ ...about, source: character.repeat(times), models: {} })
  assert.equal(errorOf(filled('x', 16_777_216)), 'a price book is not larger than 16 MiB')
  assert.equal(errorOf(filled('ä', 8_388_608)), 'a price book is not larger than 16 MiB')
})

test('an error repeats nothing of a file that is no book', () => {
  assert.doesNotMatch(errorOf('wr_live_0123456789abcdef is a secret'), /wr_live/)
})

test('the limits of written prices keep every price exact', () => {
  const most = priceOf(maxWritten)
  for (const [part, pico] of Object.entries(most)) assert.ok(Number.isSafeInteger(pico) && pico <= 1e15, part)
  assert.deepEqual(showPrice(most), maxWritten)
})
