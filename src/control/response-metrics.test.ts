import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness, SECRET } from '../../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../../test/support/scripted-upstream.ts'
import type { ActionSpec, AppliedAction } from '../core/action.ts'
import { createMetrics } from './metrics.ts'

const HONEY = 'wr_honey_0123456789abcdef0123456789abcdef'
const MORE = `
alerts: [{ name: security, kind: webhook, url: "https://alerts.example.com/weir" }]
decoys: { keys: [{ id: repo-1, secret: "${HONEY}", memo: left in a build log }] }
`

function start(statuses: readonly number[] = []) {
  const metrics = createMetrics()
  const left = [...statuses]
  const made = harness(configOf('', MORE), (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)), {
    sinks: [metrics.sink],
    post: () => Promise.resolve({ status: left.shift() ?? 200 }),
    asked: () => ({ means: ['proof_of_work', 'purpose', 'grant'], graceLeft: 0, sinceMs: 0 }),
  })
  metrics.watch(made.weir)
  const apply = (spec: ActionSpec, over: Partial<AppliedAction> = {}): AppliedAction => {
    const atMs = made.clock.now()
    const done = made.weir.actions.apply({
      spec,
      subject: { kind: 'key', value: 'k1' },
      scope: [],
      mode: 'enforce',
      heldBack: false,
      by: { kind: 'playbook', name: 'default/tarpit' },
      reason: 'evidence',
      level: 'tarpit',
      evidence: 1000,
      findings: [],
      campaign: null,
      group: null,
      atMs,
      untilMs: atMs + 1e9,
      ...over,
    })
    assert.ok(done.ok)
    return done.value
  }
  /** The value of a series written as on the page; undefined: there is none. */
  const value = async (series: string): Promise<number | undefined> => {
    const line = (await metrics.render()).split('\n').find((one) => one.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.slice(series.length + 1))
  }
  return { ...made, apply, value }
}

const tarpit = { action: 'tarpit', firstByteMs: [10_000, 10_000], perChunkMs: [1, 1] } as const

test('exchanges count by the firmest action that they met, and apart by the firmest that they were spared', async () => {
  const { chat, clock, apply, value } = start()
  chat({})
  await clock.run()
  apply({ action: 'throttle', requestsPerMinute: 60 }, { mode: 'shadow' })
  apply({ action: 'cooldown' }, { heldBack: true, by: { kind: 'playbook', name: 'default/squeeze' } })
  apply(tarpit)
  chat({})
  await clock.run()
  assert.equal(await value('weir_exchanges_met_total{action="allow"}'), 1)
  assert.equal(await value('weir_exchanges_met_total{action="tarpit"}'), 1)
  assert.equal(await value('weir_exchanges_spared_total{action="cooldown"}'), 1)
  assert.equal(await value('weir_exchanges_spared_total{action="throttle"}'), undefined)
})

test('who sits in the tarpit is seen there, and gone when the answer has gone', async () => {
  const { chat, clock, apply, value } = start()
  apply(tarpit)
  chat({})
  await clock.advance(1000)
  assert.equal(await value('weir_tarpit_held'), 1)
  assert.ok((await value('weir_tarpit_held_bytes'))! > 0)
  await clock.run()
  assert.deepEqual(
    [
      await value('weir_tarpit_held'),
      await value('weir_tarpit_held_bytes'),
      await value('weir_tarpit_turned_away_total'),
    ],
    [0, 0, 0],
  )
})

test('a touch of a decoy counts by its kind, and the alert that it brings by how it went', async () => {
  const { chat, clock, value } = start([500, 200])
  chat({}, { headers: { authorization: `Bearer ${HONEY}` } })
  await clock.advance(10)
  assert.equal(await value('weir_decoy_touches_total{kind="key"}'), 1)
  assert.equal(await value('weir_alerts_total{result="retried"}'), 1)
  assert.equal(await value('weir_alerts_waiting'), 1)
  assert.equal(await value('weir_alerts_total{result="sent"}'), 0)
  await clock.advance(10_000)
  assert.equal(await value('weir_alerts_total{result="sent"}'), 1)
  assert.equal(await value('weir_alerts_waiting'), 0)
})

test('reviews count by what was said, and a rule that is demoted by them is seen', async () => {
  const { weir, apply, value } = start()
  const ids = Array.from({ length: 21 }, (_, i) => apply(tarpit, { subject: { kind: 'account', value: `a${i}` } }).id)
  assert.ok(weir.response.review(ids[0]!, 'right', 'anna').ok)
  assert.equal(await value('weir_rules_demoted'), 0)
  for (const id of ids.slice(1)) assert.ok(weir.response.review(id, 'wrong', 'anna').ok)
  assert.equal(await value('weir_rule_reviewed_total{verdict="right"}'), 1)
  assert.equal(await value('weir_rule_reviewed_total{verdict="wrong"}'), 20)
  assert.equal(await value('weir_rules_demoted'), 1)
  assert.ok(weir.response.review(ids[1]!, 'right', 'anna').ok)
  assert.equal(await value('weir_rule_reviewed_total{verdict="right"}'), 2, 'a word that is taken back')
  assert.equal(await value('weir_rule_reviewed_total{verdict="wrong"}'), 19)
})

test('answers to step-ups count by means and by how they ended', async () => {
  const { send, clock, value } = start()
  const say = async (body: object): Promise<void> => {
    send({ target: '/weir/step-up', body: JSON.stringify(body), headers: { authorization: `Bearer ${SECRET}` } })
    await clock.advance(1)
  }
  const words = { purpose: 'We answer questions of our customers.', contact: 'ops@example.com' }
  await say({ means: 'purpose', ...words, requests_per_day: 500 })
  await say({ means: 'grant', ...words, models: ['small*'], tokens: 1000, days: 7 })
  await say({ means: 'proof_of_work', challenge: 'made-up', solution: '1' })
  assert.equal(await value('weir_step_up_answers_total{means="purpose",result="opened"}'), 1)
  assert.equal(await value('weir_step_up_answers_total{means="grant",result="review"}'), 1)
  assert.equal(await value('weir_step_up_answers_total{means="proof_of_work",result="invalid"}'), 1)
})
