import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareOf } from '../../bench/detection/interval.ts'
import { createScorer } from '../../bench/detection/score.ts'
import type { Account, Kind, Sample } from '../../bench/detection/traffic.ts'

const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`)

// From tables of the exact interval.
for (const [hits, of, low, high] of [
  [0, 100, 0, 0.036_216_7],
  [5, 100, 0.016_431_9, 0.112_834_9],
  [100, 100, 0.963_783_3, 1],
] as const) {
  test(`the exact interval of ${hits} in ${of}`, () => {
    const share = shareOf(hits, of)
    close(share.low, low)
    close(share.high, high)
  })
}

const accountOf = (kind: Kind, name: string): Account => ({
  id: name,
  kind,
  class: name,
  startMs: 0,
  exchanges: () => [].values(),
})
const sampleOf = (account: Account, harvest: boolean, timeMs: number): Sample => ({
  account,
  harvest,
  exchange: { timeMs } as Sample['exchange'],
})

test('what is throttled counts as answered, and step_up is no firm action', () => {
  const scorer = createScorer()
  const fleet = accountOf('harvest-fleet', 'fleet')
  const seat = accountOf('honest', 'seat')
  for (const [i, action] of ['allow', 'throttle', 'tarpit', 'restrict', 'block'].entries())
    scorer.add(sampleOf(fleet, true, i), { action, evidence: i, level: 'normal' })
  scorer.add(sampleOf(seat, false, 5), { action: 'step_up', evidence: 600, level: 'step_up' })
  const [caught, met] = scorer.scores()
  assert.equal(caught!.leak.hits, 3)
  assert.equal(caught!.leak.of, 5)
  assert.equal(caught!.firstExchange, 2)
  assert.equal(caught!.blocked.hits, 1)
  assert.deepEqual([met!.friction.hits, met!.firm.hits], [1, 0])
  assert.deepEqual(
    met!.reached.map(({ share }) => share.hits),
    [1, 1, 1, 0, 0],
  )
})

test('leak can be counted from a later exchange on', () => {
  const scorer = createScorer(new Map([['sweep', 2]]))
  const sweep = accountOf('harvest-fleet', 'sweep')
  for (let i = 0; i < 5; i++)
    scorer.add(sampleOf(sweep, true, i), { action: i < 2 ? 'allow' : 'block', evidence: 1, level: 'normal' })
  assert.deepEqual([scorer.scores()[0]!.leak.hits, scorer.scores()[0]!.leak.of], [0, 3])
})
