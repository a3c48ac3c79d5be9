import assert from 'node:assert/strict'
import { test } from 'node:test'
import { solve } from '../test/support/solve.ts'
import { canonical } from './audit/canonical.ts'
import { eventText } from './audit/event-text.ts'
import { finishDraft, startDraft, type Draft } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import type { RecordEntry } from './core/record-log.ts'
import { memoryRecords } from './core/records.ts'
import { decisionOf, recordedRecords, recordEvents } from './record.ts'
import { NOW, roomOf } from './stepup/testing.ts'
import { configOf, harness } from '../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../test/support/scripted-upstream.ts'

function recorder() {
  const entries: RecordEntry[] = []
  const digests: RequestEvent[] = []
  return {
    entries,
    digests,
    append: (entry: RecordEntry) => void entries.push(entry),
    appendDurably: () => Promise.resolve(),
    settled: () => Promise.resolve(),
    exchange: (event: RequestEvent) => void digests.push(event),
    isWriting: true,
  }
}

const who = {
  keyId: 'k1',
  tenant: 'acme',
  account: 'acme',
  profile: 'app',
  credential: 'key',
  user: null,
  trust: null,
} as const

const event = (over: Partial<Draft>): RequestEvent =>
  finishDraft({ ...startDraft('req_1', 1, 'hash', '/v1/x', 'agent'), who, ...over }, 2)

test('a refusal or a cut of somebody known is a whole entry; everything else is a digest', () => {
  const log = recorder()
  const sink = recordEvents(log)
  const over = {
    kind: 'over_quota',
    limit: 'rpm',
    resource: 'requests',
    amount: 1,
    used: 1,
    requested: 1,
    retryAfterMs: 5,
  } as const
  sink(event({ outcome: 'refused', refusal: over }), null)
  sink(event({ outcome: 'cut', cutBy: 'tpm' }), null)
  assert.deepEqual([log.entries.length, log.digests.length], [2, 0])
  for (const outcome of ['ok', 'client_left', 'upstream_error', 'upstream_lost', 'failed', 'interrupted'] as const) {
    sink(event({ outcome }), null)
  }
  sink(event({ outcome: 'refused', who: null, refusal: { kind: 'unauthenticated', why: 'missing' } }), null)
  assert.deepEqual([log.entries.length, log.digests.length], [2, 7])
})

test('a decision tells what was decided and why, and seals whom it was about', () => {
  const log = recorder()
  const refusal = { kind: 'unknown_model', model: 'm'.repeat(5000) } as const
  recordEvents(log)(event({ outcome: 'refused', refusal, user: 'ada', session: 's1', status: 404 }), null)
  const [entry] = log.entries
  assert.ok(entry?.type === 'decision')
  const { what } = entry
  assert.deepEqual(what['account'], { sealed: 'account', value: 'acme' })
  assert.deepEqual(what['user'], { sealed: 'user', value: 'ada' })
  assert.deepEqual(what['ip'], { sealed: 'ip', value: 'unknown' })
  assert.deepEqual([what['exchange'], what['config'], what['status']], ['req_1', 'hash', 404])
  assert.equal((what['refusal'] as { model: string }).model.length, 512, 'what a client makes up does not fill the log')
  const open = JSON.stringify({ ...what, account: null, key: null, user: null, session: null, ip: null })
  for (const name of ['acme', 'ada', 'k1', 's1']) assert.equal(open.includes(`"${name}"`), false, name)
})

test('an exchange that met an action is a whole entry that names it; one that only would have met it is a digest', () => {
  const log = recorder()
  const sink = recordEvents(log)
  sink(event({ outcome: 'ok', action: 'tarpit', actions: ['act_1', 'act_2'], shadowActions: ['act_3'] }), null)
  sink(event({ outcome: 'ok', shadowActions: ['act_3'] }), null)
  sink(event({ outcome: 'ok', action: 'tarpit', actions: ['act_1'], who: null }), null)
  assert.deepEqual([log.entries.length, log.digests.length], [1, 2])
  const what = log.entries[0]!.what as Readonly<Record<string, unknown>>
  assert.deepEqual([what['action'], what['actions'], what['shadow_actions']], ['tarpit', ['act_1', 'act_2'], ['act_3']])
  sink(event({ outcome: 'refused', refusal: { kind: 'unknown_route' } }), null)
  const names = Object.keys(log.entries[1]!.what)
  for (const name of ['action', 'actions', 'shadow_actions']) assert.equal(names.includes(name), false, name)
})

test('what is told of an exchange stands in the order of the canonical form', () => {
  const decoys = [{ kind: 'alias', name: 'acme-large-x', weight: 20, owner: 'victim' }] as const
  const lists = { flags: ['f'], exemptions: ['e'], shadow: ['rpm'], actions: ['act_1'], shadowActions: ['act_2'] }
  const refusal = { kind: 'unknown_model', model: 'm' } as const
  const names = { user: 'ada', session: 's', endpoint: 'e', model: 'm', upstream: 'u', cutBy: 'tpm', fault: 'f' }
  const { what } = decisionOf(event({ ...lists, ...names, decoys, refusal, action: 'block', outcome: 'refused' }))
  assert.equal(JSON.stringify(what), JSON.stringify(Object.fromEntries(Object.entries(what).toSorted(byName))))
  assert.ok(Object.keys(what).length > 25)
})

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

test('accepted terms and said reputation are administrative acts, with their subjects sealed', () => {
  const log = recorder()
  const records = recordedRecords(memoryRecords(), log)
  records.put('terms', 'acme', JSON.stringify({ version: '2', keyId: 'k1', atMs: 5 }))
  const said = { subject: { kind: 'cidr', value: '192.0.2.0/24' }, score: 3, reason: 'case 7', expiresAtMs: null }
  records.put('reputation', 'cidr:v4:c0000200/24', JSON.stringify(said))
  records.remove('reputation', 'cidr:v4:c0000200/24')
  assert.equal(records.all('terms').length, 1)
  const acts = log.entries.map((entry) => (entry.type === 'admin' ? [entry.what.act, entry.what.by] : []))
  assert.deepEqual(acts, [
    ['terms_accepted', 'customer'],
    ['reputation_put', 'control'],
    ['reputation_removed', 'control'],
  ])
  assert.equal(JSON.stringify(log.entries).includes('192.0.2.0'), false)
})

test('passes and reviews of step-ups are on record, what was written in them sealed; what ends by itself is no act', () => {
  const log = recorder()
  const records = recordedRecords(memoryRecords(), log)
  const room = roomOf({ records })
  const challenge = room.stepUps.challenge('acme', NOW)
  const proof = { means: 'proof_of_work', challenge: challenge.text, solution: solve(challenge) } as const
  const words = { purpose: 'We answer questions of customers.', contact: 'ops@example.com' }
  for (const answer of [proof, { means: 'purpose', ...words, requestsPerDay: 9 }] as const) {
    room.stepUps.answer({ account: 'acme', isSigned: false }, answer, NOW)
  }
  room.stepUps.takeRequest('acme', NOW)
  room.stepUps.decide(room.stepUps.reviews(NOW)[0]!.id, 'accept', 'ada lovelace', NOW)
  records.remove('step_up', 'account:acme')
  const acts = log.entries.map((entry) => (entry.type === 'admin' ? [entry.what.act, entry.what.by] : []))
  assert.deepEqual(acts, [
    ['step_up_passed', 'customer'],
    ['step_up_asked', 'customer'],
    ['step_up_used', 'customer'],
    ['step_up_decided', 'control'],
  ])
  const [first, second, , last] = log.entries.map((entry) => (entry.type === 'admin' ? entry.what.detail : {}))
  assert.deepEqual(first, { account: { sealed: 'account', value: 'acme' }, kind: 'proof', at: NOW })
  assert.deepEqual(second!['purpose'], { sealed: 'text', value: words.purpose })
  assert.deepEqual([last!['state'], last!['decided_by']], ['accepted', { sealed: 'text', value: 'ada lovelace' }])
  assert.equal(JSON.stringify(log.entries).includes(challenge.nonce), false)
})

test('while the log does not reach the disk, on_error decides whether requests are answered', async () => {
  for (const [policy, status] of [
    ['deny', 503],
    ['allow', 200],
  ] as const) {
    const log = { ...recorder(), isWriting: false }
    const { chat, clock } = harness(
      configOf('', `on_error: { audit: ${policy} }`),
      (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)),
      { log },
    )
    const exchange = chat({})
    await clock.advance(100)
    assert.equal(exchange.status, status, policy)
    if (status === 503) assert.match(exchange.received.toString(), /record_unavailable/)
  }
})

test('a touch of a decoy is a whole entry where somebody is known, or a honey key was used; else a digest', () => {
  const log = recorder()
  const sink = recordEvents(log)
  const touch = { kind: 'alias', name: 'acme-large-x', weight: 20, owner: 'victim' } as const
  sink(event({ outcome: 'ok', decoys: [touch] }), null)
  const key = { kind: 'key', name: 'repo-1', weight: 1e6, owner: null } as const
  const unknown = { outcome: 'refused', who: null, refusal: { kind: 'unauthenticated', why: 'unknown' } } as const
  sink(event({ ...unknown, decoys: [key] }), null)
  assert.deepEqual([log.entries.length, log.digests.length], [2, 0])
  sink(event({ ...unknown, refusal: { kind: 'too_many_failures', retryAfterMs: 1 }, decoys: [key] }), null)
  sink(event({ ...unknown, refusal: { kind: 'unknown_route' }, decoys: [{ ...key, kind: 'endpoint' }] }), null)
  assert.deepEqual([log.entries.length, log.digests.length], [2, 2])
  const told = log.entries.map(({ what }) => (what as { decoys: unknown }).decoys)
  assert.deepEqual(told, [
    [{ kind: 'alias', name: 'acme-large-x', owner: { sealed: 'account', value: 'victim' }, weight: 20 }],
    [{ kind: 'key', name: 'repo-1', weight: 1e6 }],
  ])
})

test('nothing that the request path writes into an event is missing from the text that is digested', async () => {
  const quota = '  - { name: rpm, per: [key], requests: 2, window: 1m }'
  const { chat, send, clock, events } = harness(configOf(quota), (clock) =>
    scriptedUpstream(clock, () => wholeSteps(5, 3, 10)),
  )
  const odd = { 'user-agent': 'OpenAI/JS 4.0.0', 'x-stainless-lang': 'python' }
  for (const body of [{ user: 'ada' }, { user: 7 }, {}, {}]) chat(body, { headers: odd })
  send({ target: '/nowhere', method: 'GET' })
  send({ headers: { authorization: 'Bearer wrong' } })
  await clock.advance(100)
  assert.deepEqual(events.map(({ outcome }) => outcome).toSorted(), [
    'ok',
    'ok',
    'refused',
    'refused',
    'refused',
    'refused',
  ])
  for (const each of events) assert.equal(eventText(each), canonical({ ...each, observation: null }))
})
