import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness, SECRET, type Harness } from '../../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../../test/support/scripted-upstream.ts'
import { controlApp } from './app.ts'
import { createMetrics } from './metrics.ts'

const TOKEN = 'control-token'
const PATH = '/api/v1/step-up/reviews'
const purpose = {
  means: 'purpose',
  purpose: 'We answer questions of our customers.',
  contact: 'ops@example.com',
  requests_per_day: 500,
}
const grant = {
  means: 'grant',
  purpose: 'We train a spam filter of our own.',
  contact: 'ml@example.com',
  models: ['small*'],
  tokens: 1000,
  days: 7,
}

interface Set extends Harness {
  list(query?: string): Promise<Record<string, unknown>[]>
  decide(id: unknown, body: object): Promise<{ status: number; json: Record<string, unknown> }>
  answer(body: object): Promise<number>
}

/** Everybody is asked for a purpose, or may ask for a grant. */
function start(): Set {
  const asked = () => ({ means: ['purpose', 'grant'] as const, graceLeft: 0, sinceMs: 0 })
  const made = harness(configOf(''), (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)), { asked })
  const { weir } = made
  const app = controlApp({
    weir,
    metrics: createMetrics(),
    log: null,
    token: TOKEN,
    reload: () => null,
    configProblem: null,
  })
  const headers = { authorization: `Bearer ${TOKEN}` }
  return {
    ...made,
    async list(query = '') {
      const answer = await app.request(`${PATH}${query}`, { headers })
      assert.equal(answer.status, 200)
      return (await answer.json()) as Record<string, unknown>[]
    },
    async decide(id, body) {
      const answer = await app.request(`${PATH}/${String(id)}`, { method: 'POST', body: JSON.stringify(body), headers })
      return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
    },
    async answer(body) {
      const exchange = made.send({ target: '/weir/step-up', body: JSON.stringify(body) })
      await made.clock.advance(1)
      return exchange.status
    },
  }
}

test('what accounts declare and ask for is listed, oldest first, with everything that a person decides by', async () => {
  const { list, answer } = start()
  assert.deepEqual(await list(), [])
  assert.equal(await answer(purpose), 200)
  assert.equal(await answer(grant), 200)
  const [first, second] = await list()
  const { id, at, ...rest } = first!
  assert.match(String(id), /^[0-9a-f]{24}$/)
  assert.equal(at, '2026-01-05T12:00:00.000Z')
  assert.deepEqual(rest, {
    account: 'acme',
    means: 'purpose',
    state: 'pending',
    purpose: purpose.purpose,
    contact: purpose.contact,
    requests_per_day: 500,
    requests_used: 0,
    decided_by: null,
    decided_at: null,
  })
  assert.deepEqual(
    [second!['means'], second!['models'], second!['tokens'], second!['days']],
    ['grant', ['small*'], 1000, 7],
  )
  assert.equal((await list('?limit=1')).length, 1)
})

test('a decision has a name, is in force at once, and is listed where it is looked for', async () => {
  const { list, decide, answer, weir, clock } = start()
  await answer(grant)
  const [{ id } = {}] = await list()
  assert.equal(weir.stepUp.stepUps.grantFor('acme', 'small-1', clock.now()), null)
  const done = await decide(id, { decision: 'accept', by: 'ada' })
  assert.deepEqual([done.status, done.json['state'], done.json['decided_by']], [200, 'accepted', 'ada'])
  assert.notEqual(weir.stepUp.stepUps.grantFor('acme', 'small-1', clock.now()), null)
  assert.deepEqual(await list(), [])
  assert.equal((await list('?state=accepted'))[0]!['id'], id)
  assert.equal((await decide(id, { decision: 'accept', by: 'bob' })).status, 409)
  assert.equal((await decide(id, { decision: 'reject', by: 'bob' })).status, 200, 'a grant can be ended')
  assert.equal(weir.stepUp.stepUps.grantFor('acme', 'small-1', clock.now()), null)
  assert.equal((await list('?state=all')).length, 1)
})

test('a decision without a name, or of another kind, is none', async () => {
  const { list, decide, answer } = start()
  await answer(purpose)
  const [{ id } = {}] = await list()
  for (const body of [
    {},
    { decision: 'accept' },
    { decision: 'accept', by: ' ' },
    { decision: 'maybe', by: 'ada' },
    { decision: 'accept', by: 'a', x: 1 },
  ]) {
    assert.equal((await decide(id, body)).status, 400, JSON.stringify(body))
  }
  assert.equal((await decide('nobody', { decision: 'accept', by: 'ada' })).status, 409)
  assert.equal((await list()).length, 1)
})

test('none of it is there for others than operators, and a list has bounds', async () => {
  const { weir } = start()
  const app = controlApp({
    weir,
    metrics: createMetrics(),
    log: null,
    token: TOKEN,
    reload: () => null,
    configProblem: null,
  })
  for (const authorization of ['', `Bearer ${SECRET}`]) {
    assert.equal((await app.request(PATH, { headers: { authorization } })).status, 401)
    assert.equal((await app.request(`${PATH}/x`, { method: 'POST', headers: { authorization } })).status, 401)
  }
  for (const query of ['?state=open', '?limit=0', '?limit=1001', '?limit=x']) {
    const answer = await app.request(`${PATH}${query}`, { headers: { authorization: `Bearer ${TOKEN}` } })
    assert.equal(answer.status, 400, query)
  }
})
