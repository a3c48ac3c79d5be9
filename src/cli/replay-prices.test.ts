import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../config/load.ts'
import type { RecordedExchange } from '../core/recorded.ts'
import type { CostOf } from '../replay/port.ts'
import { Notes } from '../replay/notes.ts'
import { readOwn } from '../replay/own.ts'
import { pricesOf } from './replay-prices.ts'

const exchange = (more: object): RecordedExchange => {
  const read = readOwn({ time: Date.UTC(2026, 0, 1), key: 'k', ...more }, new Notes())
  assert.ok(read.ok)
  return read.value
}

function prices(models: string): CostOf {
  const text = `upstreams: { main: { dialect: openai, embedded: demo } }\nmodels: ${models}\n`
  const config = parseConfig(text, 'weir.yaml', {})
  assert.ok(config.ok)
  const found = pricesOf(config.value)
  assert.ok(found.ok)
  return found.value
}

test('the price of the first route that fits the model is taken, part by part', () => {
  const costOf = prices(
    '{ "gpt-4o*": { upstream: main, price: { input: 2, cached_input: 1, output: 10 } }, "*": { upstream: main } }',
  )
  const usage = { input_tokens: 100, cached_tokens: 40, output_tokens: 10 }
  assert.equal(costOf(exchange({ model: 'gpt-4o-mini', ...usage })), 60 * 2000 + 40 * 1000 + 10 * 10_000)
  assert.equal(costOf(exchange({ model: 'gpt-4o', input_tokens: 100 })), 200_000)
})

test('without a price, a model or a count of tokens nothing is guessed', () => {
  const costOf = prices('{ "gpt-4o*": { upstream: main, price: { input: 2, output: 10 } }, "*": { upstream: main } }')
  for (const more of [{ model: 'other', input_tokens: 1 }, { input_tokens: 1 }, { model: 'gpt-4o' }]) {
    assert.equal(costOf(exchange(more)), null)
  }
})
