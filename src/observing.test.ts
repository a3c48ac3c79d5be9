import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finishDraft, startDraft } from './core/draft.ts'
import { outcomes, type RequestEvent } from './core/event.ts'
import { plainNetwork } from './core/principal.ts'
import { tokens } from './core/usage.ts'
import { observedOf } from './observing.ts'
import { Extractor } from './signals/extract.ts'

const observation = new Extractor(new Uint8Array(8).fill(1)).observe(
  { text: 'why?', role: 'human', turns: 1, params: ['model'], system: null },
  null,
)
const event = (over: Partial<RequestEvent> = {}): RequestEvent => ({
  ...finishDraft(startDraft('id', 1000, 'hash', 'POST /v1/chat/completions', 'agent/1'), 3000),
  who: {
    keyId: 'k1',
    tenant: null,
    account: 'key:k1',
    profile: 'agent',
    credential: 'key',
    user: null,
    trust: null,
  },
  network: { ...plainNetwork('192.0.2.1', '192.0.2.0/24'), asn: 64_500, country: 'DE', type: 'hosting' },
  client: { id: 'f00', sdk: null, consistent: true, inconsistencies: [] },
  user: 'u1',
  session: 's1',
  endpoint: 'chat_completions',
  model: 'm',
  outcome: 'ok',
  status: 200,
  usage: { ...tokens(10, 20), reasoningTokens: 5 },
  answer: { bytes: 1, textBytes: 1, chunks: 1, finishReasons: ['stop'], firstByteMs: 1 },
  observation,
  ...over,
})

test('an event gives who, from where, when and what came of it', () => {
  assert.deepEqual(observedOf(event()), {
    timeMs: 1000,
    account: 'key:k1',
    key: 'k1',
    user: 'u1',
    session: 's1',
    ipPrefix: '192.0.2.0/24',
    asn: 64_500,
    country: 'DE',
    networkType: 'hosting',
    fingerprint: 'f00',
    userAgent: 'agent/1',
    profile: 'agent',
    createdMs: null,
    endpoint: 'chat_completions',
    model: 'm',
    outcome: 'answered',
    status: 200,
    finishReason: 'stop',
    inputTokens: 10,
    outputTokens: 20,
    reasoningTokens: 5,
    costNanoUsd: 0,
    touches: [],
    observation,
  })
})

test('nobody is judged for what cannot be laid to their charge, or asks nothing of a model', () => {
  assert.equal(observedOf(event({ who: null })), null)
  assert.equal(observedOf(event({ model: null })), null)
})

test('every outcome has its counterpart, and an upstream that complains of the request is a refusal', () => {
  const seen = outcomes.map((outcome) => [outcome, observedOf(event({ outcome }))!.outcome])
  assert.deepEqual(Object.fromEntries(seen), {
    ok: 'answered',
    cut: 'answered',
    refused: 'refused',
    client_left: 'left',
    upstream_error: 'failed',
    upstream_lost: 'failed',
    failed: 'failed',
    interrupted: 'failed',
  })
  assert.equal(observedOf(event({ outcome: 'upstream_error', status: 400 }))!.outcome, 'refused')
  assert.equal(observedOf(event({ outcome: 'upstream_error', status: 503 }))!.outcome, 'failed')
})

test('that the model would not answer is known from how its answer ended', () => {
  const ended = (reason: string): boolean => {
    const answer = { ...event().answer!, finishReasons: [reason] }
    return observedOf(event({ answer }))!.observation!.refused
  }
  for (const reason of ['content_filter', 'refusal', 'SAFETY']) assert.ok(ended(reason), reason)
  for (const reason of ['stop', 'length', 'end_turn', 'STOP']) assert.ok(!ended(reason), reason)
})

test('events of an earlier version, and of a process that died, hold no observation', () => {
  const { observation: _, ...before } = event({ outcome: 'interrupted' })
  assert.equal(observedOf(before as RequestEvent)!.observation, null)
})
