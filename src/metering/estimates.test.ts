import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { tokens, type Usage } from '../core/usage.ts'
import { Estimates } from './estimates.ts'

const usage = (inputTokens: number, outputTokens: number, reasoningTokens = 0): Usage => ({
  ...tokens(inputTokens, outputTokens),
  reasoningTokens,
})

const bytes = (count: number, extraTokens = 0): { bytes: number; extraTokens: number } => ({
  bytes: count,
  extraTokens,
})

/** Teaches answers with nothing to say about output. */
function teachInput(estimates: Estimates, ratios: readonly number[], account = 'a', model = 'm'): void {
  for (const ratio of ratios)
    estimates.of(account, model).learn(bytes(1000), usage(1000 * ratio, 0), { textBytes: 0, deltas: 0, choices: 1 })
}

const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

/** A stand-in for a vendor's tokenizer: about a token a short word, more for long words, numbers and other scripts. */
const tokensOf = (text: string): number =>
  (text.match(/\p{L}+|\d{1,3}|[^\s\p{L}\d]/gu) ?? []).reduce(
    (sum, word) => sum + (/^[\0-\x7f]*$/.test(word) ? Math.ceil(word.length / 7) : Buffer.byteLength(word) / 2.5),
    0,
  )

const prose = `The river had been low for most of the summer, and the mill stood idle until the first rains came. Nobody in
the village could remember a drier year; even the well behind the church, which was said to be bottomless, gave nothing but
a little mud. "We shall have to carry water from the lake," said the miller, "if this goes on for another week." His wife
counted the sacks: 12 of wheat, 7 of rye, and 3 that the mice had been at. Would it last? She thought of the children, of
the long road to town, and of the price that bread had reached in the last bad year, when a loaf cost more than a day of work.
In the evening they sat in front of the house and watched the sky, which was as clear and blue as it had been since May.`

/** Pieces of one text from its `from`th sentence on, of very different lengths. */
function piece(n: number, text: string = prose): string {
  const sentences = text.split(/(?<=[.?"]) /)
  return Array.from({ length: 1 + (n % 7) }, (_, i) => sentences[(n * 5 + i * 3) % sentences.length]!).join(' ')
}

test('before anything was learned, a hold covers English, code and scripts without spaces', () => {
  const { expected, margined } = new Estimates(10).of('a', 'm').input(bytes(1000))
  assert.equal(expected, 250)
  assert.ok(margined >= 400 && margined <= 420, 'up to 0.4 tokens a byte')
  assert.equal(new Estimates(10).of('a', 'm').output(), 384)
})

test('tokens that do not show in the bytes are added as they are', () => {
  assert.deepEqual(new Estimates(10).of('a', 'm').input(bytes(0, 769)), { expected: 769, margined: 769 })
  const learned = new Estimates(10)
  teachInput(learned, repeat(50, 0.5))
  assert.equal(learned.of('a', 'm').input(bytes(100, 9)).expected, 50 + 9)
})

test('of tiny prompts the template around them is learned, and no ratio of text', () => {
  const estimates = new Estimates(10)
  for (let i = 0; i < 60; i++)
    estimates.of('a', 'm').learn(bytes(2, 4), usage(30, 1), { textBytes: 0, deltas: 0, choices: 1 })
  assert.ok(Math.abs(estimates.of('a', 'm').input(bytes(2, 4)).expected - 30) <= 1)
  assert.equal(estimates.of('a', 'm').input(bytes(1000, 4)).expected, 254)
})

test('an estimate is a whole number, and its margin never takes from it', () => {
  const ratio = fc.double({ min: 0, max: 2, noNaN: true })
  fc.assert(
    fc.property(fc.array(ratio, { maxLength: 40 }), fc.nat(1e7), fc.nat(1000), (ratios, size, extra) => {
      const estimates = new Estimates(10)
      for (const each of ratios) {
        estimates.of('a', 'm').learn(bytes(size, extra), usage(Math.round(size * each), extra), {
          textBytes: size,
          deltas: extra,
          choices: 1,
        })
      }
      const { expected, margined } = estimates.of('a', 'm').input(bytes(size, extra))
      for (const value of [
        expected,
        margined,
        estimates.of('a', 'm').output(),
        estimates.of('a', 'm').count(size, extra),
      ]) {
        assert.ok(Number.isSafeInteger(value) && value >= 0, `${value}`)
      }
      assert.ok(margined >= expected)
    }),
  )
})

test('the ratio and its spread are learned from what the provider reports', () => {
  const steady = new Estimates(10)
  teachInput(steady, repeat(60, 0.3))
  assert.equal(steady.of('a', 'm').input(bytes(1000)).expected, 300)
  assert.ok(steady.of('a', 'm').input(bytes(1000)).margined <= 303, 'no spread, no margin')
  const wild = new Estimates(10)
  teachInput(
    wild,
    repeat(60, 0).map((_, i) => (i % 2 === 0 ? 0.2 : 0.4)),
  )
  const { expected, margined } = wild.of('a', 'm').input(bytes(1000))
  assert.ok(Math.abs(expected - 300) <= 10)
  assert.ok(margined >= 480 && margined <= 520, `${margined}`)
})

test('a caller whose texts change is followed within a few dozen requests', () => {
  const estimates = new Estimates(10)
  teachInput(estimates, repeat(1000, 0.2))
  teachInput(estimates, repeat(40, 0.4))
  const { expected, margined } = estimates.of('a', 'm').input(bytes(1000))
  assert.ok(expected >= 380, `${expected}`)
  assert.ok(margined >= 400)
})

test('an account has its own ratio after three answers, and shares that of the model until then', () => {
  const estimates = new Estimates(10)
  teachInput(estimates, repeat(2, 0.5), 'other')
  assert.equal(estimates.of('a', 'm').input(bytes(1000)).expected, 250, 'two answers say little')
  teachInput(estimates, repeat(48, 0.5), 'other')
  assert.equal(estimates.of('a', 'm').input(bytes(1000)).expected, 500)
  teachInput(estimates, repeat(2, 0.2), 'a')
  assert.ok(estimates.of('a', 'm').input(bytes(1000)).expected > 400)
  teachInput(estimates, repeat(1, 0.2), 'a')
  assert.equal(estimates.of('a', 'm').input(bytes(1000)).expected, 200)
  assert.equal(estimates.of('a', 'another model').input(bytes(1000)).expected, 250)
})

test('an image that was guessed wrong does not spoil the ratio of text', () => {
  const estimates = new Estimates(10)
  for (let i = 0; i < 100; i++) {
    estimates.of('a', 'm').learn(bytes(1000, 4), usage(254, 1), { textBytes: 0, deltas: 0, choices: 1 })
    if (i % 10 !== 0) continue
    estimates.of('a', 'm').learn(bytes(40, 769), usage(3000, 1), { textBytes: 0, deltas: 0, choices: 1 })
    estimates.of('a', 'm').learn(bytes(40, 769), usage(95, 1), { textBytes: 0, deltas: 0, choices: 1 })
  }
  const { expected, margined } = estimates.of('a', 'm').input(bytes(1000))
  assert.ok(expected >= 240 && expected <= 350, `${expected}`)
  assert.ok(margined <= 600, `${margined}: an honest caller is not refused for its images`)
})

test('C1: once 50 answers were seen, half the estimates of prose are within 4 % and all within 10 %', () => {
  const accented = prose.replaceAll('e', 'é').replaceAll('u', 'ü')
  for (const text of [prose, accented]) {
    const estimates = new Estimates(10)
    const errors: number[] = []
    let underHeld = 0
    for (let n = 0; n < 250; n++) {
      const said = piece(n, text)
      const prompt = bytes(Buffer.byteLength(said), 8)
      const truth = Math.ceil(tokensOf(said)) + 8
      if (n >= 50) {
        const { expected, margined } = estimates.of('a', 'm').input(prompt)
        errors.push(Math.abs(expected - truth) / truth)
        if (margined < truth) underHeld++
      }
      estimates.of('a', 'm').learn(prompt, usage(truth, 10), { textBytes: 40, deltas: 10, choices: 1 })
    }
    errors.sort((a, b) => a - b)
    assert.ok(errors[100]! <= 0.04, `median ${errors[100]}`)
    assert.ok(errors[199]! <= 0.1, `worst ${errors[199]}`)
    assert.ok(underHeld <= 4, `${underHeld} of 200 holds were too small`)
  }
})

test('the output that is expected follows the answers that were given', () => {
  const estimates = new Estimates(10)
  for (let i = 0; i < 60; i++)
    estimates.of('a', 'm').learn(bytes(100), usage(25, 1000), { textBytes: 4000, deltas: 1000, choices: 1 })
  assert.ok(Math.abs(estimates.of('a', 'm').output() - 1000) <= 5)
  for (let i = 0; i < 60; i++)
    estimates.of('b', 'm').learn(bytes(100), usage(25, 0), { textBytes: 0, deltas: 0, choices: 1 })
  assert.equal(estimates.of('b', 'm').output(), 0, 'an explicit zero is zero')
})
