import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionSubject } from '../core/action.ts'
import { noFacts } from '../core/dimensions.ts'
import { Book } from './book.ts'
import { LocalCounter } from './counter.ts'
import { counterKey, type Limit } from './limit.ts'
import { Tightening } from './tightening.ts'

const campaign: ActionSubject = { kind: 'campaign', value: 'c1' }
const account: ActionSubject = { kind: 'account', value: 'acme' }
const limit = (name: string, per: Limit['per'], over: Partial<Limit> = {}): Limit => ({
  name,
  per,
  match: [],
  when: null,
  resource: 'tokens',
  amount: 1000,
  windowMs: 60_000,
  kind: 'bucket',
  burst: 1000,
  mode: 'enforce',
  onStoreError: 'deny',
  ...over,
})
const limits = [
  limit('key-tpm', ['key']),
  limit('user-model', ['user', 'model'], { resource: 'requests' }),
  limit('spend', ['tenant'], { resource: 'cost_usd', amount: 5e9, burst: 5e9 }),
  limit('network', ['asn']),
  limit('tried', ['key'], { mode: 'shadow' }),
]

test('the same numbers give the same limit, so that its counters are found', () => {
  const made = new Tightening()
  assert.equal(made.throttle(campaign, 6), made.throttle({ ...campaign, value: 'c2' }, 6))
  assert.notEqual(made.throttle(campaign, 6), made.throttle(campaign, 7))
  assert.equal(made.perDay(campaign, 6), made.perDay(campaign, 6))
  assert.equal(made.squeeze(limits, campaign, 0.1, true), made.squeeze(limits, campaign, 0.1, true))
  assert.notEqual(made.squeeze([...limits], campaign, 0.1, true), made.squeeze(limits, campaign, 0.1, true))
})

test('a throttle lets through what it says, in any number of minutes', () => {
  for (const [perMinute, minutes, least, most] of [
    [6, 10, 60, 62],
    [60, 2, 120, 131],
    [0.5, 10, 5, 6],
    [2.5, 10, 25, 26],
    [1e-9, 60 * 24, 1, 2],
  ] as const) {
    const book = new Book((of, key, nowMs) => new LocalCounter(of, key, nowMs), 100)
    const throttle = new Tightening().throttle(account, perMinute)
    let through = 0
    for (let nowMs = 0; nowMs <= minutes * 60_000; nowMs += 100) {
      const counter = book.counter(throttle, { ...noFacts, tenant: 'acme' }, nowMs)
      if (counter.room(nowMs) < 1) continue
      counter.settle(1, 1, counter.hold(1, nowMs), nowMs)
      through++
    }
    assert.ok(through >= least && through <= most, `${perMinute} a minute: ${through}`)
  }
})

test("what a campaign is squeezed to is its members' own limits times the factor, counted for all of them", () => {
  const squeezed = new Tightening().squeeze(limits, campaign, 0.1, true)
  assert.deepEqual(
    squeezed.map(({ name, per, amount, burst }) => [name, per, amount, burst]),
    [
      ['squeeze/campaign/key-tpm', ['campaign'], 100, 100],
      ['squeeze/campaign/user-model', ['campaign', 'model'], 100, 100],
      ['squeeze/campaign/spend', ['campaign'], 5e8, 5e8],
    ],
  )
  const of = (tenant: string, key: string): string =>
    counterKey(squeezed[0]!, { ...noFacts, tenant, key, campaign: 'c1' })
  assert.equal(of('acme', 'k1'), of('other', 'k2'))
})

test('on probation every limit stays the own one of whom it counts', () => {
  const squeezed = new Tightening().squeeze(limits, account, 0.5, false)
  assert.deepEqual(
    squeezed.map(({ name, per, amount }) => [name, per, amount]),
    [
      ['squeeze/key-tpm', ['key'], 500],
      ['squeeze/user-model', ['user', 'model'], 500],
      ['squeeze/spend', ['tenant'], 2.5e9],
    ],
  )
})

test('clients are told numbers of what they fill alone, and only a wait of everything else', () => {
  const made = new Tightening()
  const tells = (all: readonly Limit[]): unknown[] => [...new Set(all.map(({ ofAction }) => ofAction!.tells))]
  assert.deepEqual(tells(made.squeeze(limits, account, 0.5, false)), ['numbers'])
  assert.deepEqual(tells(made.squeeze(limits, account, 0.5, true)), ['numbers'])
  assert.deepEqual(tells(made.squeeze(limits, campaign, 0.5, true)), ['wait'])
  assert.deepEqual(tells([made.throttle(account, 6), made.perDay(account, 6)]), ['wait'])
})

test('nothing is squeezed below one unit, and no number that is written costs memory for good', () => {
  const made = new Tightening()
  assert.deepEqual(
    made.squeeze(limits, campaign, 0, true).map(({ amount }) => amount),
    [1, 1, 1],
  )
  assert.equal(made.perDay(campaign, 0).amount, 1)
  const first = made.throttle(campaign, 1)
  for (let i = 2; i < 2000; i++) made.throttle(campaign, i)
  assert.notEqual(made.throttle(campaign, 1), first, 'it was let go')
})
