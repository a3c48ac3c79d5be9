import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finishDraft, startDraft, type Draft } from '../core/draft.ts'
import type { RequestEvent } from '../core/event.ts'
import { canonical } from './canonical.ts'
import { eventText } from './event-text.ts'

const event = (over: Partial<Draft>): RequestEvent =>
  finishDraft({ ...startDraft('req_1', 1, 'hash', 'POST /v1/x', 'agent/1'), ...over }, 2)

/** Everything that an event can have, with no name in its place. */
const full: Partial<Draft> = {
  who: { keyId: 'k', tenant: 't', account: 't', profile: 'app', credential: 'key', user: 'ü "u"', trust: 'gold' },
  network: { ip: '192.0.2.1', ipPrefix: '192.0.2.0/24', asn: 1, country: 'DE', type: 'tor', ja3: 'a', ja4: 'b' },
  client: { id: 'fp_1', sdk: 'other', consistent: false, inconsistencies: ['language', 'os'] },
  user: 'user',
  session: 'session\n\u0001',
  endpoint: 'chat_completions',
  model: 'm',
  upstream: 'main',
  promptClass: 'code',
  request: {
    stream: true,
    bodyBytes: 1,
    promptBytes: 2,
    messages: 3,
    choices: 4,
    maxOutputTokens: 5,
    opaqueParts: 6,
  },
  flags: ['flood'],
  exemptions: ['e'],
  outcome: 'ok',
  status: 200,
  fault: 'status_500',
  cost: { nanoUsd: 1.5e21, source: 'price', book: 'config' },
  charges: [
    { limit: 'a', resource: 'tokens', units: 1, debt: 0 },
    { debt: 2, units: 1, limit: 'b', resource: 'requests' },
  ],
  playbook: 'default',
  action: 'tarpit',
  actions: ['act_1'],
  shadow: ['c'],
  shadowActions: ['act_2'],
  cutBy: 'a',
  decoys: [{ weight: 20, kind: 'alias', name: 'x', owner: null }],
  answer: { bytes: 1, textBytes: 2, chunks: 3, finishReasons: ['stop'], firstByteMs: 0.25 },
}

const same = (of: RequestEvent): void => assert.equal(eventText(of), canonical({ ...of, observation: null }))

test('the text of an event is its canonical form', () => {
  same(event({}))
  same(event(full))
  const refusals = [
    { kind: 'wrong_method', allow: 'POST' },
    { kind: 'screened', screens: ['flood', 'glitch_tokens'] },
    { kind: 'throttled', retryAfterMs: 5, tell: undefined as never },
    { kind: 'over_quota', limit: 'l', resource: 'r', amount: 1, used: 2, requested: 3, retryAfterMs: null },
  ] as const
  for (const refusal of refusals) same(event({ ...full, refusal }))
})

test('half of a pair in a name is mended as the canonical form mends it', () => {
  const half = event({ ...full, user: 'a\ud800b', model: '\\ud800' })
  same(half)
  assert.ok(eventText(half).includes('a\ufffdb'))
})

test('numbers of a prompt are no part of it', () => {
  const observation = { role: 'human', turns: 77_777 } as never
  assert.equal(eventText(event({ observation })).includes('77777'), false)
})
