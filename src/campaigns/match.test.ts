import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { KeyIndex } from './key-index.ts'
import { classOf, CLASSES, isShared, KEYS_EACH, keyOf, matchKeys, sayingsOf, type Match } from './match.ts'
import { Members } from './members.ts'
import { Trace } from './trace.ts'

const ME = 0
const nobody = (): boolean => false
const prompt = (seed: number, parts: readonly number[] = Array.from({ length: KEYS_EACH }, (_, i) => i)): Uint32Array =>
  Uint32Array.from({ length: KEYS_EACH }, (_, which) => (parts.includes(which) ? seed * 100 + which + 1 : 0))

/** Others have sent these prompts, one account each. */
function indexed(prompts: readonly Uint32Array[]): KeyIndex {
  const index = new KeyIndex({ slots: 4096, seed: 5 })
  for (const [i, keys] of prompts.entries())
    for (const [which, key] of keys.entries()) if (key !== 0) index.add(keyOf(which, key), i + 1, 0)
  return index
}

function traceOfMine(): Trace {
  const members = new Members()
  return new Trace(ME, members.join([]), members.runs)
}

function match(
  keys: Uint32Array,
  index: KeyIndex,
  prompts = 10,
  suspected: (account: number) => boolean = nobody,
): Match {
  const trace = traceOfMine()
  trace.push(keys, [0, 0, 0])
  return matchKeys(keys, index, trace, prompts, suspected)
}

test('a prompt that nobody else has sent is met nowhere, also when its own account’s keys are in the index', () => {
  const index = indexed([prompt(2)])
  for (const [which, key] of prompt(1).entries()) index.add(keyOf(which, key), ME, 0)
  assert.deepEqual([match(prompt(1), index).points, match(prompt(1), index).others], [0, 0])
})

test('one region that others have too is no template; several are', () => {
  for (const which of [0, 2, 3, 5, 6])
    assert.ok(match(prompt(1), indexed([prompt(1, [which])])).points < 1.6, `${which}`)
  assert.ok(match(prompt(1), indexed([prompt(1, [1, 4])])).points >= 1.6)
  assert.ok(match(prompt(1), indexed([prompt(1, [6, 7, 8])])).points >= 1.6)
})

test('the more regions are met, the more points, whatever they are', () => {
  const parts = fc.uniqueArray(fc.nat(KEYS_EACH - 1), { maxLength: KEYS_EACH })
  fc.assert(
    fc.property(parts, fc.nat(KEYS_EACH - 1), (some, more) => {
      const without = match(prompt(1), indexed([prompt(1, some)])).points
      const withMore = match(prompt(1), indexed([prompt(1, [...some, more])])).points
      assert.ok(withMore >= without - 1e-9 && withMore <= 5.5)
    }),
  )
})

test('the same keys in other places of a prompt are no match', () => {
  const turned = prompt(1)
  turned.set([turned[1]!, turned[0]!])
  assert.ok(match(prompt(1, [0, 1]), indexed([turned.map((key, i) => (i < 2 ? key : 0))])).points === 0)
})

test('in a large population a few accounts that begin alike are chance', () => {
  const index = indexed([prompt(1), prompt(1)])
  assert.ok(match(prompt(1), index, 1000).points > 3)
  assert.equal(match(prompt(1), index, 1_000_000).points, 0)
})

test('what an account puts around everything is its frame and no template', () => {
  const index = indexed(Array.from({ length: 20 }, () => prompt(1)))
  const trace = traceOfMine()
  for (let i = 0; i < 8; i++) trace.push(prompt(1), [0, 0, 0])
  assert.equal(matchKeys(prompt(1), index, trace, 100, nobody).points, 0)
  for (let i = 0; i < 10; i++) trace.push(prompt(50 + i), [0, 0, 0])
  assert.ok(matchKeys(prompt(1), index, trace, 100, nobody).points > 3)
})

test('the shade is the part of the holders that are suspected, and one of them is named', () => {
  const index = indexed([prompt(1), prompt(1), prompt(1), prompt(1)])
  const { shade, suspect, holders } = match(prompt(1), index, 10, (account) => account === 3)
  assert.ok(Math.abs(shade - 0.25) < 1e-9)
  assert.equal(suspect, 3)
  assert.deepEqual(
    [...holders].sort((a, b) => a - b),
    [1, 2, 3, 4],
  )
  assert.equal(match(prompt(1), index).suspect, -1)
})

test('texts that say the same are shared; a template that is filled in otherwise is not', () => {
  const index = indexed([prompt(1), prompt(1), prompt(1)])
  const content = (seed: number): Uint32Array => Uint32Array.from({ length: 4 }, (_, i) => seed * 10 + i)
  const said = sayingsOf(77, content(1))
  for (const account of [1, 2, 3]) for (const key of said) index.add(key, account, 0)
  const found = match(prompt(1), index)
  const shared = (text: number, words: Uint32Array): boolean =>
    isShared(Uint32Array.from(sayingsOf(text, words)), found, index, ME, 100)
  assert.equal(shared(77, content(1)), true)
  // Another mark at its end, and the same words.
  assert.equal(shared(78, content(1)), true)
  assert.equal(shared(79, content(2)), false)
  assert.equal(shared(80, new Uint32Array(4)), false)
})

test('the very text in one other account is enough to be one that goes round, a pair of its words is not', () => {
  const index = indexed(Array.from({ length: 12 }, () => prompt(1)))
  const [text, first] = sayingsOf(77, Uint32Array.of(1, 2, 3, 4))
  const found = match(prompt(1), index)
  index.add(first, 1, 0)
  assert.equal(isShared(Uint32Array.from(sayingsOf(78, Uint32Array.of(1, 2, 5, 6))), found, index, ME, 100), false)
  index.add(text, 1, 0)
  assert.equal(isShared(Uint32Array.from(sayingsOf(77, Uint32Array.of(7, 8, 9, 10))), found, index, ME, 100), true)
})

test('among many prompts the words of a text are one that goes round only where somebody has them and its shape', () => {
  const index = indexed([prompt(1), prompt(1), prompt(1), prompt(1)])
  const words = Uint32Array.of(1, 2, 3, 4)
  const found = match(prompt(1), index)
  const shared = (prompts: number): boolean =>
    isShared(Uint32Array.from(sayingsOf(78, words)), found, index, ME, prompts)
  // Accounts that have sent the same document under another template.
  for (const account of [21, 22]) for (const key of sayingsOf(77, words)) index.add(key, account, 0)
  assert.equal(shared(1000), true)
  assert.equal(shared(1_000_000), false)
  for (const key of sayingsOf(77, words)) index.add(key, 2, 0)
  assert.equal(shared(1_000_000), true)
})

test('the class of a match grows with its points, from none to the last', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true }), (a, b) => {
      assert.ok(classOf(Math.min(a, b)) <= classOf(Math.max(a, b)))
      assert.ok(classOf(a) >= -1 && classOf(a) < CLASSES)
    }),
  )
  assert.equal(classOf(0.8), -1)
})

test('a key that sixty accounts hold is met however many prompts there have been', () => {
  const index = indexed(Array.from({ length: 80 }, () => prompt(1)))
  assert.ok(match(prompt(1), index, 1e9).points > 1.6)
})
