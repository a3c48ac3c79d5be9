import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { dimensions, type Dimension } from '../core/dimensions.ts'
import type { Limit } from './limit.ts'
import { limitsFor, type Allowance } from './scaling.ts'

const limit = (over: Partial<Limit> = {}): Limit => ({
  name: 'tpm',
  per: ['key'],
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
const allow = (scale: number, quotas: Readonly<Record<string, number>> = {}): Allowance => ({
  scale,
  quotas: new Map(Object.entries(quotas)),
})
const amountOf = (
  over: Partial<Limit>,
  key: Allowance | null,
  tenant: Allowance | null,
  given: ReadonlyMap<string, number> | null = null,
): number => limitsFor([limit(over)], key, tenant, given)[0]!.amount

test("a key's limits follow the key's trust, a tenant's follow the tenant's", () => {
  for (const per of [['key'], ['user'], ['session'], ['key', 'model'], ['tenant', 'key']] as const) {
    assert.equal(amountOf({ per }, allow(0.25), allow(4)), 250, per.join())
  }
  for (const per of [['tenant'], ['tenant', 'model'], ['ip', 'tenant']] as const) {
    assert.equal(amountOf({ per }, allow(0.25), allow(4)), 4000, per.join())
    assert.equal(
      amountOf({ per }, allow(0.25), null),
      1000,
      'the trust of one key moves nothing that its tenant shares',
    )
  }
})

test("limits that are nobody's own stay as they are, whatever anybody was given", () => {
  const nobodys = dimensions.filter((dimension) => !['key', 'user', 'session', 'tenant'].includes(dimension))
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom<Dimension>(...nobodys)), (per) => {
      const before = limit({ per })
      const [after] = limitsFor([before], allow(100, { tpm: 9e9 }), allow(100, { tpm: 9e9 }), new Map([['tpm', 9e9]]))
      assert.equal(after, before)
    }),
  )
})

test("a tenant's amount goes before a profile's, and both before the factor", () => {
  const given = new Map([['tpm', 120]])
  assert.equal(amountOf({}, allow(2, { tpm: 70 }), null, given), 120)
  assert.equal(amountOf({}, allow(2, { tpm: 70 }), null), 70)
  assert.equal(amountOf({}, allow(2, { other: 70 }), null, new Map([['other', 1]])), 2000)
})

test('a burst keeps its share of the amount, and no limit falls to nothing', () => {
  const [twice] = limitsFor([limit({ burst: 2000 })], allow(0.5), null, null)
  assert.deepEqual([twice!.amount, twice!.burst], [500, 1000])
  const [least] = limitsFor([limit({ amount: 3, burst: 1 })], allow(0.001), null, null)
  assert.deepEqual([least!.amount, least!.burst], [1, 1])
})

test('all amounts are whole, positive and safe to add up, however large the factor', () => {
  const amount = fc.integer({ min: 1, max: 1e15 })
  fc.assert(
    fc.property(amount, amount, fc.double({ min: 0.001, max: 1000, noNaN: true }), (amount, burst, scale) => {
      const [scaled] = limitsFor([limit({ amount, burst })], allow(scale), null, null)
      for (const units of [scaled!.amount, scaled!.burst]) {
        assert.ok(Number.isSafeInteger(units * 4) && units >= 1, String(units))
      }
    }),
  )
})

test('a limit that does not change is the same object, so that its counters see no change', () => {
  const before = limit()
  assert.equal(limitsFor([before], allow(1), allow(3), null)[0], before)
  assert.equal(limitsFor([before], null, null, new Map())[0], before)
})
