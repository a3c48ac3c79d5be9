import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness } from '../../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../../test/support/scripted-upstream.ts'
import { controlApp } from './app.ts'
import { createMetrics } from './metrics.ts'

const TOKEN = 'control-token'

test('what rules have done waits for a review, those held back first, and a rule that is wrong too often is demoted', async () => {
  const made = harness(configOf('', ''), (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)))
  const { weir, clock, said } = made
  const metrics = createMetrics()
  const app = controlApp({ weir, metrics, token: TOKEN, reload: () => null, configProblem: null, log: null })
  const request = async (path: string, body?: object): Promise<Response> => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) }
    return app.request(`/api/v1/review${path}`, init)
  }
  const atMs = clock.now()
  const ids = Array.from({ length: 25 }, (_, i) => {
    const applied = weir.actions.apply({
      spec: { action: 'step_up', grace: 5, means: ['proof_of_work'] },
      subject: { kind: 'account', value: `a${i}` },
      scope: [],
      mode: 'enforce',
      heldBack: i === 20,
      by: { kind: 'playbook', name: 'default/step_up' },
      reason: 'evidence',
      level: 'step_up',
      evidence: 500 + i,
      findings: ['It shares templates.'],
      campaign: null,
      group: null,
      atMs,
      untilMs: atMs + 1e9,
    })
    assert.ok(applied.ok)
    return applied.value.id
  })
  const queue = (await (await request('?limit=3')).json()) as { readonly id: string; readonly held_back: boolean }[]
  assert.deepEqual(
    queue.map(({ id, held_back: heldBack }) => [id, heldBack]),
    [
      [ids[20], true],
      [ids[24], false],
      [ids[23], false],
    ],
  )
  assert.equal((await request(`/${ids[0]!}`, { verdict: 'maybe', by: 'anna' })).status, 400)
  assert.equal((await request('/nothing', { verdict: 'wrong', by: 'anna' })).status, 404)
  for (const id of ids.slice(0, 20)) {
    assert.equal((await request(`/${id}`, { verdict: 'wrong', by: 'anna' })).status, 200)
  }
  const [rule] = (await (await request('/rules')).json()) as readonly Readonly<Record<string, unknown>>[]
  assert.deepEqual(
    [rule!['rule'], rule!['applied'], rule!['wrong'], rule!['demoted']],
    ['default/step_up', 25, 20, true],
  )
  assert.ok((rule!['wrong_at_least'] as number) > 0.8)
  assert.deepEqual(weir.actions.list(), [], 'what the rule had in force has ended')
  assert.ok(said.some(({ what }) => what === 'rule_demoted'))
})
