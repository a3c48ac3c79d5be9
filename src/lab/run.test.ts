import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecretFunction } from './secret-function.ts'
import { isFull } from './ledger.ts'
import { HOUR_MS, MODEL_SEED, run, type Actor, type RunResult } from './run.ts'
import { seats } from './traffic/seats.ts'
import { agents } from './traffic/agents.ts'
import { thief, type HarvestPlan } from './traffic/thief.ts'
import type { Arm } from './arms.ts'

const plan: HarvestPlan = {
  name: 'sweep',
  goal: 30,
  workers: 1,
  everyMs: 5000,
  rhythm: 'even',
  wording: 'one frame',
  share: 1,
  retries: 0,
  hand: 'one hand',
  maxAccounts: 3,
}

async function play(arm: Arm, actors: readonly Actor[], seed = 'seed', hours = 2): Promise<RunResult> {
  const ran = await run({ arm, seed, actors, horizonMs: hours * HOUR_MS })
  assert.ok(ran.ok, ran.ok ? '' : ran.error)
  return ran.value
}

test('unprotected, a thief gets what it wants with one account, at its own pace, with true labels', async () => {
  const { exchanges, hours } = await play('unprotected', [...seats(2), thief(plan)])
  const taken = exchanges.filter((exchange) => exchange.sample !== null)
  assert.equal(taken.length, 30)
  assert.ok(taken.every((exchange) => isFull(exchange)))
  assert.equal(new Set(taken.map(({ account }) => account)).size, 1)
  const secret = createSecretFunction(MODEL_SEED)
  for (const { sample, label } of taken) assert.equal(label, secret.label(sample!).category)
  // Thirty at five seconds each: the run ends with its leader, at the next step of the clock.
  assert.ok(hours < 0.5, `${hours}`)
  assert.ok(taken.every(({ outputTokens, costNanoUsd }) => outputTokens > 0 && costNanoUsd > 0))
})

test('the same seed plays the same exchanges, another seed others', async () => {
  const told = ({ exchanges }: RunResult): string => JSON.stringify(exchanges.map((one) => ({ ...one, cpuMs: 0 })))
  const once = told(await play('protected', [...seats(3), thief(plan)]))
  assert.equal(told(await play('protected', [...seats(3), thief(plan)])), once)
  assert.notEqual(told(await play('protected', [...seats(3), thief(plan)], 'other')), once)
})

test('limits refuse a thief that is too fast, and it opens the next account only where the wait is long', async () => {
  const fast = { ...plan, everyMs: 500, goal: 60 }
  const { exchanges } = await play('limits', [thief(fast)])
  const refused = exchanges.filter(({ status }) => status === 429)
  assert.ok(refused.length > 0)
  assert.ok(refused.every(({ refusal }) => refusal === 'over_quota'))
  assert.equal(new Set(exchanges.map(({ account }) => account)).size, 1)
})

test('people and agents are answered, and nobody waits longer than the model takes', async () => {
  const { exchanges, campaigns } = await play('protected', [...seats(6), ...agents(2)], 'honest', 12)
  assert.ok(exchanges.length > 50)
  assert.ok(exchanges.every(({ status, isHonest }) => status === 200 && isHonest))
  assert.equal(Math.max(...exchanges.map(({ waitedMs }) => waitedMs)), 0)
  assert.deepEqual(campaigns, [])
})

test('what an actor throws ends the run, and is not swallowed', async () => {
  const broken: Actor = { name: 'broken', enter: () => () => Promise.reject(new Error('a bug of the lab')) }
  await assert.rejects(play('unprotected', [broken, ...seats(1)]), /a bug of the lab/)
})
