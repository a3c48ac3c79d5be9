import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { costsFile, readCosts } from './costs.ts'

const text = readFileSync(costsFile, 'utf8')

test('every price says where it comes from: an address, or that it is assumed', () => {
  const entries = Object.entries(parse(text) as Record<string, { source: string; assumed?: boolean }>)
  assert.ok(entries.length >= 8)
  for (const [name, { source, assumed }] of entries)
    assert.ok(assumed === true || /https:\/\/\S+\.\S+/.test(source), name)
})

test('prices come in dollars for one unit each', () => {
  const costs = readCosts()
  assert.equal(costs.accountUsd, 0.26)
  assert.equal(costs.proxyUsdPerByte, 0.89e-9)
  // A proof of 18 bits is far below a hundredth of a cent.
  assert.ok(costs.hashUsd * 2 ** 18 < 0.000_01)
})

test('a price without a source, or an unknown one, is refused', () => {
  assert.throws(() => readCosts(text.replace(/ {2}source: "Median.*\n/, '')))
  assert.throws(() => readCosts(`${text}\nbribe: { usd: 1, per: person, source: "nobody says", date: 2026-01-01 }\n`))
})
