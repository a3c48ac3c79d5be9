import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arms } from './arms.ts'
import { readCosts } from './costs.ts'
import { play } from './play.ts'
import { reportText, summary } from './report.ts'
import { scenarios, type Scenario } from './scenarios.ts'
import { seats } from './traffic/seats.ts'

const find = (name: string): Scenario => scenarios.find((one) => one.name === name)!

/** A scenario at the size of a test. */
function small(name: string): Scenario {
  const { attack, ...rest } = find(name)
  return {
    ...rest,
    attack:
      attack === null ? null : { ...attack, plan: (size) => ({ ...attack.plan(size), goal: 20, maxAccounts: 4 }) },
    honest: () => seats(3),
    hours: () => 4,
  }
}

test('the four named campaigns, the hydra, the drip, the paraphraser, the adaptive thief and five honest crowds are there', () => {
  assert.deepEqual(
    scenarios.map(({ name }) => name),
    [
      'prompt-sweep',
      'coverage-run',
      'overnight-run',
      'key-rotation',
      'hydra',
      'slow-drip',
      'paraphrasing',
      'adaptive',
      'launch-day',
      'classroom',
      'framework-users',
      'batch-customer',
      'agent-fleet',
    ],
  )
  assert.equal(find('prompt-sweep').attack!.plan('full').goal, 50_000)
})

test('a scenario is played in all arms, and the report tells all three factors and what the honest felt', async () => {
  const played = await play(small('key-rotation'), { size: 'quick', seed: 'test', costs: readCosts() })
  assert.ok(played.ok, played.ok ? '' : played.error)
  const { value } = played
  assert.deepEqual(
    value.arms.map(({ arm }) => arm),
    [...arms],
  )
  const [plain] = value.arms
  assert.equal(plain!.bill?.harvested, 20)
  assert.equal(plain!.multiples, null)
  assert.equal(value.arms.at(-1)!.multiples?.accountHours, 1)
  const text = reportText(value)
  for (const word of ['accounts x hours', 'dollars', 'before containment', 'the target is 100x: MISSED', 'people'])
    assert.ok(text.includes(word), word)
  assert.ok(summary([value]).includes('key-rotation'))
})

test('an honest scenario has no bill and no verdict', async () => {
  const played = await play(small('launch-day'), { size: 'quick', seed: 'test', costs: readCosts() })
  assert.ok(played.ok)
  assert.ok(played.value.arms.every(({ bill, multiples }) => bill === null && multiples === null))
  assert.ok(!reportText(played.value).includes('target'))
})
