import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolve } from 'node:path'
import { configOf, flatPrice, minimal, outsideOf, problemsOf } from './testing.ts'

const price = (fields: string): string =>
  minimal.replace('{ upstream: main }', `{ upstream: main, price: { ${fields} } }`)

test('a price is whole pico-dollars, and what is not written costs what its whole costs', () => {
  assert.deepEqual(configOf(price('input: 2.5, output: 10')).models[0]?.price, flatPrice(2_500_000, 10_000_000))
  const all =
    'input: 2.5, cached_input: 1.25, cache_write: 3.125, output: 10, reasoning: 11, audio_input: 40, audio_output: 80, ' +
    'image: 30, tool_call: 0.025'
  assert.deepEqual(configOf(price(all)).models[0]?.price, {
    input: 2_500_000,
    cachedInput: 1_250_000,
    cacheWrite: 3_125_000,
    output: 10_000_000,
    reasoning: 11_000_000,
    audioInput: 40_000_000,
    audioOutput: 80_000_000,
    image: 30_000_000,
    toolCall: 25_000_000_000,
  })
  assert.deepEqual(configOf(price('input: 0, output: 0')).models[0]?.price, flatPrice(0, 0))
  assert.equal(configOf(price('input: 1e6, output: 0.000001')).models[0]?.price?.output, 1)
  assert.equal(configOf(price('input: 1, output: 1, tool_call: 1000')).models[0]?.price?.toolCall, 1e15)
})

test('each price is checked', () => {
  const at = '4:42 models["*"].price.input'
  const cases: Readonly<Record<string, string>> = {
    'input: -1, output: 1': `${at}: must be at least 0`,
    'input: 1000001, output: 1': `${at}: must be at most 1000000`,
    'input: .nan, output: 1': `${at}: expected a number, found one that is not finite`,
    'input: .inf, output: 1': `${at}: expected a number, found one that is not finite`,
    'input: "2.5", output: 1': `${at}: expected a number, found text`,
    'input: , output: 1': '4:35 models["*"].price.input: has no value',
    'input: 0.1234567, output: 1': `${at}: finer than six decimals`,
    'input: 1': '4:26 models["*"].price.output: is required',
    'input: 1, output: 1, tool_call: 1001': '4:67 models["*"].price.tool_call: must be at most 1000',
    'input: 1, output: 1, cache_read: 1': '4:56 models["*"].price.cache_read: unknown key "cache_read"',
  }
  for (const [fields, problem] of Object.entries(cases)) assert.deepEqual(problemsOf(price(fields)), [problem], fields)
})

test('a price book is read, and stands in the hash with what it says', () => {
  const text = `${minimal}pricing: { book: prices.json, on_unpriced: block, estimate: { input: 1, output: 2 } }\n`
  const config = configOf(text, {}, outsideOf({ 'prices.json': '{"a":1}' }))
  assert.deepEqual(config.pricing, {
    book: { path: resolve('prices.json'), text: '{"a":1}' },
    onUnpriced: 'block',
    estimate: flatPrice(1_000_000, 2_000_000),
  })
  assert.deepEqual(config.sources, [resolve('prices.json')])
  const moved = configOf(text.replace('prices.json', 'other.json'), {}, outsideOf({ 'other.json': '{"a":1}' }))
  assert.equal(moved.hash, config.hash)
  assert.notEqual(configOf(text, {}, outsideOf({ 'prices.json': '{"a":2}' })).hash, config.hash)
})

test('a price book that is none is named where it is written', () => {
  const text = `${minimal}pricing: { book: prices.json }\n`
  const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
  assert.deepEqual(problemsOf(text), ['5:18 pricing.book: there is no such file'])
  for (const wrong of ['[]', '7', secret, '']) {
    const problems = problemsOf(text, {}, outsideOf({ 'prices.json': wrong }))
    assert.deepEqual(problems, ['5:18 pricing.book: the file is not a JSON object'], wrong)
  }
  assert.deepEqual(problemsOf(`${minimal}pricing: { book: { path: a, text: "{}" } }\n`), [
    '5:18 pricing.book: expected text, found a map',
  ])
  assert.deepEqual(problemsOf(`${minimal}pricing: { book: "" }\n`), ['5:18 pricing.book: not a path'])
})
