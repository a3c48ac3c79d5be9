import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../lab/random.ts'
import { rotation, type Succession } from './rotation.ts'
import { poisson } from '../../../test/support/cluster.ts'
import { DAY_MS } from './view.ts'

const unknown = { fingerprint: null, asn: null, keys: null, cells: null }
const pair = (known: Partial<Succession>): Succession => ({
  stoppedMs: 0,
  newcomerMs: 30_000,
  candidates: 1,
  ...unknown,
  ...known,
})
const logEOf = (known: Partial<Succession>): number => rotation(pair(known))!.logE

test('the most similar of all newcomers of a day is no evidence, if all are strangers', () => {
  const random = createRandom('strangers')
  for (const kin of [20, 1e9]) {
    let sum = 0
    let past = 0
    const days = 1000
    for (let day = 0; day < days; day++) {
      let most = 0
      for (let newcomer = 0; newcomer < 12; newcomer++) {
        const related = random.next() < 1 / (kin + 1)
        const alike = (share: number) => ({ same: related || random.next() < share, share })
        const { logE } = rotation(
          pair({
            newcomerMs: random.next() * DAY_MS,
            candidates: 12,
            fingerprint: alike(0.1),
            asn: alike(0.02),
            keys: { shared: poisson(0.3, random), expected: 0.3 },
            cells: { shared: poisson(4, random), expected: 5 },
          }),
        )!
        most = Math.max(most, Math.exp(logE))
      }
      sum += most
      if (most >= 20) past++
    }
    assert.ok(sum / days <= 1, `${sum / days}`)
    assert.ok(past / days <= 0.05)
  }
})

test('soon, with the same client, network and keys, is', () => {
  const facts = {
    candidates: 10,
    fingerprint: { same: true, share: 0.01 },
    asn: { same: true, share: 0.002 },
    keys: { shared: 6, expected: 0.2 },
  }
  assert.ok(logEOf(facts) > Math.log(1e4))
  assert.ok(logEOf({ ...facts, newcomerMs: 0.9 * DAY_MS }) < logEOf(facts) - 4)
  assert.ok(logEOf({ ...facts, keys: null, candidates: 200 }) < Math.log(20))
  assert.match(
    rotation(pair(facts))!.says,
    /^Came 30 s after the other was stopped, one of 10 newcomers that day, with the same client \(as 1 % have\), the same network \(as 0\.2 % have\), 6 keys of prompts in common \(0\.2 expected\)\.$/,
  )
})

test('a popular client says little, another one speaks against it', () => {
  assert.ok(logEOf({ fingerprint: { same: true, share: 0.9 } }) < logEOf({}) + 0.1)
  assert.ok(logEOf({ fingerprint: { same: false, share: 0.01 } }) < logEOf({}) - 1)
  assert.ok(logEOf({ cells: { shared: 1, expected: 8 } }) < logEOf({}) - 1)
})

test('the delay alone has a mean of 1 over the day', () => {
  let mean = 0
  for (let i = 0; i < 20_000; i++) mean += Math.exp(logEOf({ newcomerMs: ((i + 0.5) / 20_000) * DAY_MS })) / 20_000
  assert.ok(Math.abs(mean - 1) < 0.01, `${mean}`)
})

test('who came before the stop, or days later, is not judged', () => {
  assert.equal(rotation(pair({ newcomerMs: -1 })), null)
  assert.equal(rotation(pair({ newcomerMs: DAY_MS + 1 })), null)
})
