import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLASSES } from './match.ts'
import { MatchRates } from './match-rates.ts'
import type { Member } from './member.ts'
import { Members } from './members.ts'
import { KEYS_EACH } from './sizes.ts'

const none = new Uint8Array(0)

/** An account of so many prompts. */
const everybody = new Members()
function account(prompts: number = 24): Member {
  const member = everybody.join([])
  for (let i = 0; i < prompts; i++) member.trace.push(new Uint32Array(KEYS_EACH), [0, 0, 0])
  return member
}

/** A population in which each account meets so many matches of each class. */
function population(size: number, each: number, shade: number = -1): { rates: MatchRates; members: readonly Member[] } {
  const rates = new MatchRates()
  const members = Array.from({ length: size }, () => account())
  for (const member of members) rates.note(member, met(each), shade)
  return { rates, members }
}

const met = (each: number): Uint8Array => new Uint8Array(CLASSES).fill(each)
const weights = (rates: MatchRates): number[] => Array.from({ length: CLASSES }, (_, what) => rates.weightOf(what))
const fresh = weights(new MatchRates())

test('where many honest accounts meet matches, a match says less, and never less than nothing', () => {
  const { rates } = population(10_000, 1)
  for (const [what, weight] of weights(rates).entries())
    assert.ok(weight >= 0 && weight < fresh[what]! - 0.5, `${what}`)
})

test('no match says more than at the size it was measured at, however rare matches are', () => {
  assert.deepEqual(weights(population(5000, 0).rates), fresh)
})

test('in a small population matches say what they say: nobody can make them usual there', () => {
  assert.deepEqual(weights(population(900, 2).rates), fresh)
})

test('an account counts once, whatever it sends', () => {
  const { rates } = population(5000, 0)
  const busy = account()
  for (let i = 0; i < 20_000; i++) rates.note(busy, met(24), 1)
  for (const [what, weight] of weights(rates).entries()) assert.ok(weight > fresh[what]! - 0.05, `${what}`)
  assert.ok(rates.shadeSays > 0.9)
})

test('suspects are taken out with all that they have added, and never counted again', () => {
  const { rates, members } = population(6000, 0)
  const before = weights(rates)
  const fleet = Array.from({ length: 3000 }, () => account())
  for (const member of fleet) rates.note(member, met(2), 1)
  assert.ok(rates.weightOf(1) < before[1]! - 0.5)
  for (const member of fleet) {
    member.suspected = true
    rates.withdraw(member)
    rates.note(member, met(2), 1)
  }
  for (const [what, weight] of weights(rates).entries()) assert.ok(Math.abs(weight - before[what]!) < 1e-6, `${what}`)
  for (const member of members) rates.withdraw(member)
  assert.deepEqual(weights(rates), fresh)
})

test('a match with suspects says the less the more of the honest have such matches', () => {
  const says = [0, 0.2, 0.5, 1].map((shade) => population(2000, 1, shade).rates.shadeSays)
  assert.deepEqual(
    says,
    says.toSorted((a, b) => b - a),
  )
  assert.ok(says[0] === 1 && says[3]! < 0.05)
})

test('what an account adds it adds after each dozen of prompts', () => {
  const rates = new MatchRates()
  for (let i = 0; i < 5000; i++) rates.note(account(23), met(2), 1)
  assert.deepEqual(weights(rates), fresh)
})

test('it goes on from what was saved', () => {
  const { rates, members } = population(4000, 1, 0.5)
  const again = new MatchRates()
  again.load(structuredClone(rates.save()))
  assert.deepEqual(weights(again), weights(rates))
  for (const one of [rates, again]) one.note(account(), none, -1)
  assert.deepEqual(again.save(), rates.save())
  rates.withdraw(members[0]!)
  assert.notDeepEqual(again.save(), rates.save())
})
