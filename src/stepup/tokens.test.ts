import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome, StepUpOptions } from './step-ups.ts'
import { NOW, roomOf, type Room } from './testing.ts'
import type { ShownToken } from './token.ts'

/** Attestations and credentials that are shown again. */

const MINUTE_MS = 60_000
const token = (over: Partial<ShownToken> = {}): ShownToken => ({
  accounts: ['acme'],
  issuer: 'corp',
  subject: 'u1',
  issuedAtMs: NOW,
  authenticatedAtMs: NOW,
  id: 'jti-1',
  ...over,
})

/** A room whose tokens are what `found` says of them, by their text. */
function withTokens(found: Readonly<Record<string, ShownToken | 'refused' | 'unavailable'>>): Room {
  return roomOf({ checkToken: (text) => Promise.resolve(found[text] ?? 'refused') })
}

const whyOf = (outcome: Outcome): string => ('why' in outcome ? outcome.why : 'passed')

async function attest({ stepUps }: Room, text: string, nowMs = NOW, account = 'acme'): Promise<string> {
  return whyOf(await stepUps.answer({ account, isSigned: false }, { means: 'attestation', token: text }, nowMs))
}
async function login({ stepUps }: Room, text: string | null, nowMs = NOW, isSigned = false): Promise<string> {
  return whyOf(await stepUps.answer({ account: 'acme', isSigned }, { means: 'reauthenticate', token: text }, nowMs))
}

test('an attestation of the account passes once, and weighs most', async () => {
  const room = withTokens({ good: token(), again: token() })
  assert.equal(await attest(room, 'good'), 'passed')
  assert.deepEqual(
    room.passes.map(({ means, likelihoodRatio, requests }) => [means, likelihoodRatio, requests]),
    [['attestation', 1000, null]],
  )
  assert.equal(await attest(room, 'good'), 'used')
  assert.equal(await attest(room, 'again'), 'used', 'the same jti in other words')
})

test('an attestation of somebody else, a stale one, one from the future, and one without a name are none', async () => {
  for (const [shown, why] of [
    [token({ accounts: ['other'] }), 'invalid'],
    [token({ accounts: [] }), 'invalid'],
    [token({ id: null }), 'invalid'],
    [token({ issuedAtMs: null }), 'invalid'],
    [token({ issuedAtMs: NOW - 10 * MINUTE_MS }), 'expired'],
    [token({ issuedAtMs: NOW + MINUTE_MS }), 'expired'],
    ['refused', 'invalid'],
  ] as const) {
    const room = withTokens({ text: shown })
    for (let i = 0; i < 4; i++) assert.equal(await attest(room, 'text'), why)
    assert.equal(await attest(room, 'text'), 'wait')
    assert.deepEqual(room.passes, [])
  }
  assert.equal(await attest(withTokens({ text: token({ issuedAtMs: NOW - 10 * MINUTE_MS + 1 }) }), 'text'), 'passed')
})

test('an issuer that does not answer is nobody’s failure', async () => {
  const room = withTokens({ text: 'unavailable' })
  for (let i = 0; i < 10; i++) assert.equal(await attest(room, 'text'), 'unavailable')
})

test('where no issuer attests, an attestation is not among the means', async () => {
  const room = roomOf({ settings: { proofBits: 6, challengeMs: 600_000, attests: false } })
  assert.equal(await attest(room, 'text'), 'not_offered')
  assert.equal(room.stepUps.statusOf('acme', NOW).means.includes('attestation'), false)
})

test('a login of the last five minutes passes, and one login passes once however many tokens it makes', async () => {
  const recent = { authenticatedAtMs: NOW - 5 * MINUTE_MS + 1 }
  const room = withTokens({ one: token({ ...recent, id: 'a' }), two: token({ ...recent, id: 'b' }) })
  assert.equal(await login(room, 'one'), 'passed')
  assert.deepEqual([room.passes[0]!.means, room.passes[0]!.likelihoodRatio], ['reauthenticate', 10])
  assert.equal(await login(room, 'two'), 'used')
  for (const [shown, why] of [
    [token({ authenticatedAtMs: null }), 'invalid'],
    [token({ authenticatedAtMs: NOW - 5 * MINUTE_MS }), 'expired'],
    [token({ authenticatedAtMs: NOW + MINUTE_MS }), 'expired'],
    [token({ accounts: ['other'] }), 'invalid'],
  ] as const) {
    assert.equal(await login(withTokens({ text: shown }), 'text'), why)
  }
})

test('a request signed with the key passes, an unsigned one is a failure', async () => {
  const room = withTokens({})
  assert.equal(await login(room, null, NOW, true), 'passed')
  assert.deepEqual([room.passes[0]!.means, room.passes[0]!.likelihoodRatio], ['reauthenticate', 2])
  assert.equal(await login(room, null, NOW, false), 'invalid')
})

test('one token is checked at a time, so that many at once do not slip past the wait', async () => {
  const waiting: ((found: 'refused') => void)[] = []
  const checkToken: StepUpOptions['checkToken'] = () => new Promise((resolve) => void waiting.push(resolve))
  const room = roomOf({ checkToken })
  const all = Array.from({ length: 1000 }, () => attest(room, 'text'))
  assert.equal(waiting.length, 1)
  assert.equal(await all[1], 'wait')
  waiting[0]!('refused')
  assert.equal(await all[0], 'invalid')
  const other = attest(room, 'text', NOW, 'other')
  waiting[1]!('refused')
  assert.equal(await other, 'invalid', 'another account need not wait')
})

test('a check that breaks is a fault of ours, and the account may try again', async () => {
  let isBroken = true
  const checkToken = () => (isBroken ? Promise.reject(new Error('broken')) : Promise.resolve(token()))
  const room = roomOf({ checkToken })
  await assert.rejects(attest(room, 'text'), /broken/)
  isBroken = false
  assert.equal(await attest(room, 'text'), 'passed')
})
