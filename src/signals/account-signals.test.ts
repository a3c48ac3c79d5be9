import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { profiles } from '../core/principal.ts'
import { covered, gain, mergeCoverage, startCoverage } from '../sketch/coverage.ts'
import { AccountSignals, createSignals, SignalBook, STATE_BYTES } from './account-signals.ts'
import { signals } from './index.ts'
import { observed, prompt } from './testing.ts'

const everything = fc.record({
  gapMs: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: -60_000, max: 10 * 86_400_000 })),
  role: fc.constantFrom('human' as const, 'tool' as const, null),
  text: fc.nat(5),
  signs: fc.nat(127),
  turns: fc.nat(40),
  chars: fc.nat(200_000),
  refused: fc.boolean(),
  systemEcho: fc.constantFrom(null, 0, 30, 100),
  profile: fc.constantFrom(...profiles),
  key: fc.constantFrom('a', 'b', 'c'),
  country: fc.constantFrom(null, 'DE', 'BR', '', 'a long one'),
  status: fc.constantFrom(200, 400, 429, 500),
  inputTokens: fc.nat(100_000),
})

const exchanges = fc.array(everything, { maxLength: 120 }).map((all) => {
  let timeMs = 1_760_000_000_000
  return all.map(({ gapMs, role, text, signs, turns, chars, refused, systemEcho, ...seen }) =>
    observed({
      ...seen,
      timeMs: (timeMs += gapMs),
      observation:
        role === null ? null : prompt({ role, text, signs, turns, chars, refused, systemEcho, content: text * 7 }),
    }),
  )
})

test('the state of all signals takes at most 600 bytes an account', () => {
  assert.ok(STATE_BYTES <= 600, `${STATE_BYTES} bytes`)
})

test('every signal has a name of its own, and says what it measures, who else shows it and how it is dodged', () => {
  assert.equal(new Set(signals.map(({ name }) => name)).size, signals.length)
  for (const { name, measures, alsoMet, dodge } of signals) {
    for (const text of [measures, alsoMet, dodge]) assert.ok(text.length > 20 && text.endsWith('.'), name)
  }
})

test('whatever happens, values are between 0 and 1, sentences have no NaN, and the same exchanges give the same', () => {
  fc.assert(
    fc.property(exchanges, (all) => {
      const one = createSignals(new Set(['DE']))
      const other = createSignals(new Set(['DE']))
      for (const seen of all) {
        one.observe(seen)
        other.observe(seen)
      }
      const nowMs = 1_760_000_000_000 + 86_400_000
      const readings = one.read(nowMs)
      assert.deepEqual(readings, other.read(nowMs))
      for (const { name, value, says } of readings) {
        assert.ok(value >= 0 && value <= 1, `${name}: ${value}`)
        assert.doesNotMatch(says, /NaN|Infinity|undefined|null/, name)
      }
    }),
    { numRuns: 200 },
  )
})

test('rows that are read back go on where they were saved, each account by itself', () => {
  fc.assert(
    fc.property(exchanges, fc.nat(120), (all, at) => {
      const whole = createSignals()
      for (const seen of all) whole.observe(seen)
      const book = new SignalBook()
      const [other, row] = [book.heads.add(), book.heads.add()]
      for (const seen of all.slice(0, at)) new AccountSignals(book, row).observe(seen)
      const read = new SignalBook()
      assert.ok(read.load(structuredClone(book.save())))
      for (const seen of all.slice(at)) new AccountSignals(read, row).observe(seen)
      const nowMs = 1_760_000_000_000 + 86_400_000
      assert.deepEqual(new AccountSignals(read, row).read(nowMs), whole.read(nowMs))
      assert.equal(new AccountSignals(read, other).calls, 0)
    }),
    { numRuns: 100 },
  )
})

test('signals begin with the eighth exchange, and take no memory before', () => {
  const book = new SignalBook()
  const one = new AccountSignals(book, book.heads.add())
  const see = (): void => one.observe(observed({ timeMs: 1000, observation: prompt({ text: 1 }) }))
  for (let i = 0; i < 7; i++) see()
  assert.deepEqual([one.read(1000), one.topics(), book.slots.length], [[], null, 0])
  see()
  assert.ok(one.topics() !== null)
})

test('topic maps of accounts merge: what one adds to the others is what it has learned for them', () => {
  const accounts = [0, 0, 1].map((list) => {
    const one = createSignals()
    for (let i = 0; i < 60; i++) one.observe(observed({ observation: prompt({ text: list * 1000 + i }) }))
    return one.topics()!
  })
  const together = startCoverage(accounts[0]!.size)
  const gains = accounts.map((topics) => {
    const added = gain(topics, together)
    mergeCoverage(together, topics)
    return added
  })
  assert.ok(gains[0]! > 40 && gains[2]! > 30, gains.join(' '))
  assert.equal(gains[1], 0)
  assert.ok(Math.abs(covered(together) - gains[0]! - gains[2]!) < 1e-9)
  assert.equal(createSignals().topics(), null)
})
