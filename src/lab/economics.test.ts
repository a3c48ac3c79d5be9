import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionName } from '../core/decision.ts'
import { readCosts } from './costs.ts'
import { billOf, multiplesOf, type BillOptions } from './economics.ts'
import { feltBy, quantiles } from './felt.ts'
import { isFull, type Exchange } from './ledger.ts'
import { HOUR_MS } from './run.ts'

const costs = readCosts()
const options = (goal: number): BillOptions => ({ costs, goal, paraphrases: false, hashes: 0, startMs: 0 })

const exchange = (over: Partial<Exchange>): Exchange => ({
  account: 'a',
  class: 'thief',
  isHonest: false,
  atMs: 0,
  status: 200,
  action: 'allow',
  level: 'normal',
  refusal: null,
  inputTokens: 10,
  outputTokens: 20,
  costNanoUsd: 1_000_000,
  wireBytes: 1000,
  sample: 'text',
  label: 'plain-errand',
  waitedMs: 0,
  cpuMs: 0,
  ...over,
})

/** One an hour, of accounts by turns. */
const harvest = (count: number, accounts = 1, over: Partial<Exchange> = {}): Exchange[] =>
  Array.from({ length: count }, (_, i) => exchange({ atMs: i * HOUR_MS, account: `a${i % accounts}`, ...over }))

test('answered in full is what met nothing, a throttle or a tarpit, and came to its end', () => {
  const full: ActionName[] = ['allow', 'throttle', 'tarpit']
  for (const action of full) assert.ok(isFull(exchange({ action })), action)
  for (const action of ['restrict', 'decoy', 'squeeze', 'step_up', 'block'] as const)
    assert.ok(!isFull(exchange({ action })), action)
  assert.ok(!isFull(exchange({ status: 429 })))
})

test('a bill ends with the answer that completes the set, and what came after is not on it', () => {
  const bill = billOf(harvest(10, 2), options(4))
  assert.equal(bill.harvested, 4)
  assert.equal(bill.isComplete, true)
  assert.equal(bill.accounts, 2)
  assert.equal(bill.hours, 3)
  assert.equal(bill.requests, 4)
  assert.equal(bill.dollars.accounts, 2 * (costs.accountUsd + costs.cardUsd))
  assert.ok(Math.abs(bill.dollars.tokens - 0.004) < 1e-12)
  const { accounts, tokens, network, words, proofs, labour, total } = bill.dollars
  assert.equal(labour, 3 * costs.personHourUsd)
  assert.equal(total, accounts + tokens + network + words + proofs + labour)
})

test('chaff and refusals cost and do not count', () => {
  const all = [exchange({ sample: null }), exchange({ status: 403, action: 'step_up' }), ...harvest(2)]
  const bill = billOf(all, options(2))
  assert.equal(bill.harvested, 2)
  assert.equal(bill.requests, 4)
  assert.equal(bill.beforeContainment, 0)
})

test('proofs of work and words of a cheap model are on the bill', () => {
  const plain = billOf(harvest(3), options(3)).dollars
  const dear = billOf(harvest(3), { ...options(3), hashes: 1e9, paraphrases: true }).dollars
  assert.equal(dear.proofs, 1e9 * costs.hashUsd)
  assert.ok(dear.words > 0)
  assert.equal(plain.proofs + plain.words, 0)
})

test('accounts, hours and dollars are told apart, and a set that was not completed gives a lower bound', () => {
  const plain = billOf(harvest(10), options(10))
  const guarded = billOf(harvest(5, 5), options(10))
  const found = multiplesOf(guarded, plain)
  assert.equal(found.atLeast, true)
  assert.equal(found.collected, 0.5)
  assert.equal(found.accounts, 5)
  assert.equal(found.hours, 4 / 9)
  assert.equal(found.accountHours, found.accounts * found.hours)
  assert.equal(found.atThisRate, found.accountHours * 2)
  assert.equal(multiplesOf(plain, plain).accountHours, 1)
  assert.equal(multiplesOf(plain, plain).atLeast, false)
})

test('a thief that got nothing at all has a bill', () => {
  const bill = billOf(harvest(3, 3, { status: 403, action: 'block' }), options(10))
  assert.equal(bill.harvested, 0)
  assert.equal(bill.isComplete, false)
  assert.ok(bill.dollars.total > 0)
})

test('friction is of accounts that ever met anything, firm of those that met more than being asked', () => {
  const honest = (account: string, action: ActionName): Exchange =>
    exchange({ account, action, isHonest: true, class: 'people' })
  const felt = feltBy([
    honest('a', 'allow'),
    honest('b', 'allow'),
    honest('b', 'restrict'),
    honest('c', 'tarpit'),
    honest('d', 'block'),
    exchange({}),
  ])
  assert.equal(felt.length, 1)
  const { accounts, friction, firm, blocked } = felt[0]!
  assert.deepEqual([accounts, friction, firm, blocked], [4, 0.75, 0.5, 0.25])
})

test('quantiles of nothing are 0, and the 99th of a hundred is its largest', () => {
  assert.deepEqual(quantiles([]), { p50: 0, p99: 0 })
  assert.deepEqual(quantiles(Array.from({ length: 100 }, (_, i) => 100 - i)), { p50: 51, p99: 100 })
})
