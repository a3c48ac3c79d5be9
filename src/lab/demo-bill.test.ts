import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCosts } from './costs.ts'
import { billText } from './demo-bill.ts'
import type { Exchange } from './ledger.ts'

const one = (over: Partial<Exchange>): Exchange => ({
  account: 'k0',
  class: 'sweep',
  isHonest: false,
  atMs: 0,
  status: 200,
  action: 'allow',
  level: 'normal',
  refusal: null,
  inputTokens: 40,
  outputTokens: 100,
  costNanoUsd: 1_000_000,
  wireBytes: 1000,
  sample: 'a text',
  label: 'a-label',
  waitedMs: 0,
  cpuMs: 0,
  ...over,
})
const HOUR_MS = 3_600_000
const honest = { class: 'people', isHonest: true, account: 'k9', sample: null, label: null }

const text = (guarded: readonly Exchange[]): string =>
  billText({
    thieves: ['sweep'],
    size: { answers: 2, hours: 10, seed: 'test' },
    costs: readCosts(),
    startMs: 0,
    unprotected: [one({ atMs: HOUR_MS }), one({ atMs: 2 * HOUR_MS })],
    guarded,
  })

test('a set that was completed later and with more accounts says how many times as many, and what came restricted', () => {
  const bill = text([
    one({ atMs: HOUR_MS }),
    one({ atMs: 2 * HOUR_MS, action: 'restrict' }),
    one({ atMs: 4 * HOUR_MS, account: 'k1' }),
    one({ ...honest, atMs: 5 * HOUR_MS }),
  ])
  assert.match(bill, /^ +with +2 +1 +2 \(2\.0x\) +4\.0 \(2\.0x\) +\$[\d.]+ \([\d.]+x\) +4\.0x$/m)
  assert.match(bill, /Not counted: 1 answer in restricted form/)
  assert.match(bill, /1 of 1 request answered/)
  assert.match(bill, /blocked: nobody\nasked to prove itself, slowed, or restricted: nobody\n/)
})

test('a set that was not completed is a lower bound, and says so', () => {
  const bill = text([one({ atMs: HOUR_MS }), one({ atMs: 3 * HOUR_MS, action: 'step_up', status: 403 })])
  assert.match(bill, /^ +with +1 of 2 +1 +1 \(>= 1\.0x\) +3\.0 \(>= 1\.5x\)/m)
})

test('an honest account that was blocked, slowed or refused is not kept back', () => {
  const bill = text([
    one({ atMs: HOUR_MS }),
    one({ ...honest, action: 'block', status: 403 }),
    one({ ...honest, account: 'k8', action: 'tarpit', waitedMs: 1500 }),
    one({ ...honest, account: 'k7', status: 429, refusal: 'over_quota' }),
    // Under way when the run ended: neither answered nor refused.
    one({ ...honest, account: 'k6', status: 0 }),
  ])
  assert.match(bill, /3 accounts \(people 3\): 1 of 3 requests answered/)
  assert.match(bill, /blocked: 1 account\n/)
  assert.match(bill, /restricted: 2 accounts, in 2 requests, of which 1 were answered/)
  assert.match(bill, /refused by a limit: 1 request\n/)
  assert.match(bill, /made to wait by Weir: 1 answer, at most 1\.5 s/)
})
