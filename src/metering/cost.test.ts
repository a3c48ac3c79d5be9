import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Price } from '../core/price.ts'
import { noUsage, tokens, type Usage } from '../core/usage.ts'
import { noCost } from '../core/price.ts'
import { costNanoUsd, costOf, inputNanoUsd, outputNanoUsdPerToken } from './cost.ts'

/** Every part has a price that no other has, so that a mix-up shows. */
const price: Price = {
  input: 2_500_000,
  cachedInput: 1_250_000,
  cacheWrite: 3_125_000,
  audioInput: 40_000_000,
  output: 10_000_000,
  reasoning: 12_000_000,
  audioOutput: 80_000_000,
  image: 30_000_000,
  toolCall: 10_000_000_000,
}
const nothing: Price = {
  input: 0,
  cachedInput: 0,
  cacheWrite: 0,
  audioInput: 0,
  output: 0,
  reasoning: 0,
  audioOutput: 0,
  image: 0,
  toolCall: 0,
}

test('each part of the usage is charged at its own price and the rest at the plain one', () => {
  const cost = (over: Partial<Usage>): number => costNanoUsd({ ...noUsage, ...over }, price)
  assert.equal(cost({}), 0)
  assert.equal(cost({ inputTokens: 1000 }), 2_500_000)
  assert.equal(cost({ inputTokens: 1000, cachedTokens: 400 }), 2_000_000)
  assert.equal(cost({ inputTokens: 1000, cacheWriteTokens: 1000 }), 3_125_000)
  assert.equal(cost({ inputTokens: 1000, audioInputTokens: 100 }), 6_250_000)
  assert.equal(cost({ outputTokens: 1000 }), 10_000_000)
  assert.equal(cost({ outputTokens: 1000, reasoningTokens: 500 }), 11_000_000)
  assert.equal(cost({ outputTokens: 1000, audioOutputTokens: 1000 }), 80_000_000)
  assert.equal(cost({ outputTokens: 1000, imageTokens: 1000 }), 30_000_000)
  assert.equal(cost({ toolCalls: 3 }), 30_000_000)
})

test('a sum is rounded up once, to the next nano-dollar', () => {
  const cheap = { ...nothing, input: 300, output: 400 }
  assert.equal(costNanoUsd(tokens(1, 1), cheap), 1)
  assert.equal(costNanoUsd(tokens(2, 1), cheap), 1)
  assert.equal(costNanoUsd(tokens(2, 2), cheap), 2)
  assert.equal(costNanoUsd(tokens(1, 0), { ...nothing, input: 1 }), 1)
})

test('parts that are more than their whole are charged as reported, and nothing is paid back', () => {
  const cost = (over: Partial<Usage>): number => costNanoUsd({ ...noUsage, ...over }, price)
  assert.equal(cost({ inputTokens: 10, cachedTokens: 1000 }), 1_250_000)
  assert.equal(cost({ inputTokens: 10, cachedTokens: 10, cacheWriteTokens: 10 }), 12_500 + 31_250)
  assert.equal(cost({ outputTokens: 0, reasoningTokens: 1000 }), 12_000_000)
  // The whole of one side does not pay for the other.
  assert.equal(cost({ inputTokens: 1000, outputTokens: 0, reasoningTokens: 1000 }), 2_500_000 + 12_000_000)
})

test('counts that are no counts never make a cost negative, fractional or a fault', () => {
  const hostile = [-1, -Infinity, NaN, 0.5, 1e12 + 0.5, 1e308, Infinity, 2 ** 53 - 1, 2 ** 60]
  for (const field of Object.keys(noUsage) as (keyof Usage)[]) {
    for (const count of hostile) {
      const cost = costNanoUsd({ ...tokens(5, 5), [field]: count }, price)
      assert.ok(Number.isSafeInteger(cost) && cost >= 0, `${field} of ${count}: ${cost}`)
    }
  }
  assert.equal(costNanoUsd({ ...tokens(1000, 0), cachedTokens: -1000 }, price), 2_500_000)
})

test('beyond 2^53 pico-dollars a sum stays exact, and beyond 2^53 nano-dollars it is the greatest exact number', () => {
  const dear = { ...nothing, input: 999_999_999_999, output: 1 }
  // In floating point the last token of output would be lost.
  assert.equal(costNanoUsd(tokens(1_000_000, 0), dear), 999_999_999_999_000)
  assert.equal(costNanoUsd(tokens(1_000_000, 1), dear), 999_999_999_999_001)
  assert.equal(costNanoUsd(tokens(2 ** 53 - 1, 2 ** 53 - 1), dear), Number.MAX_SAFE_INTEGER)
})

test('the three states of a cost are kept apart', () => {
  const usage = tokens(1000, 0)
  assert.deepEqual(costOf(usage, { price, book: 'v1' }, nothing), { nanoUsd: 2_500_000, source: 'price', book: 'v1' })
  assert.deepEqual(costOf(usage, { price: nothing, book: 'config' }, price), {
    nanoUsd: 0,
    source: 'price',
    book: 'config',
  })
  assert.deepEqual(costOf(usage, null, price), { nanoUsd: 2_500_000, source: 'estimate', book: null })
  assert.deepEqual(noCost, { nanoUsd: 0, source: 'none', book: null })
})

test('a hold takes the dearest that its tokens can become', () => {
  assert.equal(inputNanoUsd(1000, price), 3_125_000)
  assert.equal(inputNanoUsd(1000, { ...price, cacheWrite: 0 }), 2_500_000)
  assert.equal(inputNanoUsd(-1, price), 0)
  assert.equal(outputNanoUsdPerToken(price), 12_000)
  assert.equal(outputNanoUsdPerToken({ ...price, reasoning: 0 }), 10_000)
  assert.equal(outputNanoUsdPerToken({ ...nothing, output: 1 }), 0.001)
})

const names = Object.keys(price) as (keyof Price)[]
const anyPrice = (max: number): fc.Arbitrary<Price> =>
  fc
    .tuple(...names.map(() => fc.oneof(fc.integer({ min: 0, max }), fc.constant(0))))
    .map((amounts) => Object.fromEntries(names.map((name, i) => [name, amounts[i]!])) as unknown as Price)
const usageUpTo = (max: number): fc.Arbitrary<Usage> => {
  const count = fc.oneof(fc.integer({ min: 0, max }), fc.integer({ min: 0, max: Math.min(100, max) }))
  return fc.record(
    Object.fromEntries(Object.keys(noUsage).map((name) => [name, count])),
  ) as unknown as fc.Arbitrary<Usage>
}
/** Makes every whole large enough for its parts, as an honest vendor reports them. */
const consistent = (usage: Usage): Usage => ({
  ...usage,
  inputTokens: usage.inputTokens + usage.cachedTokens + usage.cacheWriteTokens + usage.audioInputTokens,
  outputTokens: usage.outputTokens + usage.reasoningTokens + usage.audioOutputTokens + usage.imageTokens,
})
const honest = (max: number): fc.Arbitrary<Usage> => usageUpTo(max).map(consistent)
const sum = (a: Usage, b: Usage): Usage =>
  Object.fromEntries(
    Object.keys(noUsage).map((name) => [name, a[name as keyof Usage] + b[name as keyof Usage]]),
  ) as unknown as Usage

/** The same in rational arithmetic, written out by hand. */
function oracle(usage: Usage, price: Price): number {
  const n = (count: number): bigint => BigInt(count)
  const atLeast0 = (count: bigint): bigint => (count < 0n ? 0n : count)
  const input = n(usage.inputTokens) - n(usage.cachedTokens) - n(usage.cacheWriteTokens) - n(usage.audioInputTokens)
  const output = n(usage.outputTokens) - n(usage.reasoningTokens) - n(usage.audioOutputTokens) - n(usage.imageTokens)
  const pico =
    atLeast0(input) * n(price.input) +
    n(usage.cachedTokens) * n(price.cachedInput) +
    n(usage.cacheWriteTokens) * n(price.cacheWrite) +
    n(usage.audioInputTokens) * n(price.audioInput) +
    atLeast0(output) * n(price.output) +
    n(usage.reasoningTokens) * n(price.reasoning) +
    n(usage.audioOutputTokens) * n(price.audioOutput) +
    n(usage.imageTokens) * n(price.image) +
    n(usage.toolCalls) * n(price.toolCall)
  const nano = pico / 1000n + (pico % 1000n > 0n ? 1n : 0n)
  return Number(nano < 9007199254740991n ? nano : 9007199254740991n)
}

test('a cost is what rational arithmetic gives, rounded up, at every size', () => {
  for (const [maxTokens, maxPrice] of [
    [1000, 5000],
    [2_000_000, 100_000_000],
    [1e9, 1e12],
    [Number.MAX_SAFE_INTEGER, 1e15],
  ] as const) {
    fc.assert(
      fc.property(usageUpTo(maxTokens), anyPrice(maxPrice), (usage, price) => {
        assert.equal(costNanoUsd(usage, price), oracle(usage, price))
      }),
    )
  }
})

test('two exchanges cost what one of both would, but for the rounding of one more sum', () => {
  fc.assert(
    fc.property(honest(1e6), honest(1e6), anyPrice(1e9), (a, b, price) => {
      const apart = costNanoUsd(a, price) + costNanoUsd(b, price)
      const together = costNanoUsd(sum(a, b), price)
      assert.ok(apart === together || apart === together + 1, `${apart} apart, ${together} together`)
    }),
  )
})

test('no usage more and no price more makes a cost less', () => {
  fc.assert(
    fc.property(usageUpTo(1e6), honest(1e6), anyPrice(1e9), anyPrice(1e9), (usage, more, price, dearer) => {
      const cost = costNanoUsd(usage, price)
      assert.ok(costNanoUsd(sum(usage, more), price) >= cost)
      const raised = Object.fromEntries(names.map((name) => [name, price[name] + dearer[name]])) as unknown as Price
      assert.ok(costNanoUsd(usage, raised) >= cost)
    }),
  )
})

test('a hold for text covers every way in which its tokens can be charged', () => {
  const parts = fc.integer({ min: 0, max: 1e6 })
  fc.assert(
    fc.property(parts, parts, parts, parts, anyPrice(1e9), (plain, cacheWrite, text, reasoning, price) => {
      const usage = {
        ...tokens(plain + cacheWrite, text + reasoning),
        cacheWriteTokens: cacheWrite,
        reasoningTokens: reasoning,
      }
      const held =
        inputNanoUsd(plain + cacheWrite, price) + Math.ceil((text + reasoning) * outputNanoUsdPerToken(price))
      assert.ok(held >= costNanoUsd(usage, price))
    }),
  )
})
