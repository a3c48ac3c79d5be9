import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Content, contentEvidence } from './content.ts'
import { CLASSES } from './match.ts'
import { MatchRates } from './match-rates.ts'
import { KEYS_EACH } from './sizes.ts'
import { Members } from './members.ts'
import { RING, type Trace } from './trace.ts'

interface Seen {
  /** Prompts of one number have their keys in common. */
  readonly template: number
  readonly points?: number
  readonly shade?: number
  readonly plain?: boolean
}

function evidence(all: readonly Seen[]): number {
  return weigh(traceOf(all)).evidence
}

const weigh = (trace: Trace): Content => contentEvidence(trace, new MatchRates(), new Uint8Array(CLASSES))

function traceOf(all: readonly Seen[]): Trace {
  const { trace } = new Members().join([])
  for (const { template, points = 0, shade = 0, plain = false } of all) {
    const place = trace.push(new Uint32Array(KEYS_EACH).fill(template), [0, 0, 0])
    trace.mark(place, Math.round(points * 100), shade, plain)
  }
  return trace
}

const templates = (count: number, more: Partial<Seen> = {}): readonly Seen[] =>
  Array.from({ length: count }, (_, i) => ({ template: i + 1, points: 3.3, ...more }))

test('prompts out of several templates that others use add up', () => {
  assert.equal(evidence([]), 0)
  const [one, three, ten] = [1, 3, 10].map((count) => evidence(templates(count)))
  assert.ok(one! > 0 && three! > 2.5 * one! && ten! > 3 * three!)
})

test('the same template again says a quarter, and nothing where it is the account’s frame', () => {
  const others = Array.from({ length: 10 }, (_, i) => ({ template: 100 + i }))
  const once = evidence([...others, { template: 1, points: 3.3 }])
  const twice = evidence([...others, { template: 1, points: 3.3 }, { template: 1, points: 3.3 }])
  assert.ok(Math.abs(twice - 1.25 * once) < 1e-9)
  const frame = Array.from({ length: 20 }, () => ({ template: 1, points: 3.3 }))
  assert.ok(Math.abs(evidence(frame) - once) < 1e-9)
})

test('whole texts that others have too are no evidence, and take it from the rest', () => {
  assert.equal(evidence(templates(12, { plain: true })), 0)
  const six = templates(6)
  const copied = Array.from({ length: 12 }, (_, i) => ({ template: 50 + i, points: 3.3, plain: true }))
  assert.ok(evidence([...six, ...copied]) < evidence(six) / 3)
})

test('a match with suspects says more than one with strangers', () => {
  assert.ok(evidence(templates(3, { shade: 100 })) > 1.5 * evidence(templates(3)))
})

test('a match now and then among a person’s own words goes down again', () => {
  const mixed = Array.from({ length: RING }, (_, i) => ({ template: i + 1, points: i % 12 === 0 ? 1.2 : 0 }))
  assert.ok(evidence(mixed) < 3)
})

test('it is bounded by a ring of the strongest matches, and never negative', () => {
  const seen = fc.record(
    {
      template: fc.nat(30),
      points: fc.double({ min: 0, max: 6, noNaN: true }),
      shade: fc.nat(100),
      plain: fc.boolean(),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 60 }), (all) => {
      const { evidence: found, copied } = weigh(traceOf(all))
      assert.ok(found >= 0 && found <= RING * 4.4 * 1.75 && copied >= 0 && copied <= 1)
    }),
  )
})

test('a copied text never makes an account look worse than a prompt of its own would', () => {
  const seen = fc.record(
    { template: fc.integer({ min: 1, max: 9 }), points: fc.constantFrom(0, 1.2, 2, 3.5), plain: fc.boolean() },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(seen, { maxLength: RING - 1 }), (all) => {
      const more = [...all, { template: 99, points: 3.5, plain: true }]
      assert.ok(evidence(more) <= evidence([...all, { template: 99 }]) + 1e-9)
    }),
  )
})

test('the same matches say less the longer an account has lived', () => {
  const matches = templates(4)
  const after = (before: number): number =>
    evidence([...Array.from({ length: before }, (_, i) => ({ template: 1000 + i })), ...matches])
  assert.equal(after(20), after(RING))
  assert.ok(after(400) < after(40) - 4 && after(400) > 0)
})
