import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { memoryRecords } from '../core/records.ts'
import type { Answer, GrantAsked, PurposeDeclared } from './answer.ts'
import type { Review } from './review.ts'
import type { Outcome, StepUps } from './step-ups.ts'
import { DAY_MS, HOUR_MS, NOW, roomOf } from './testing.ts'

/** Purposes and grants: what people decide about. */

const purpose: PurposeDeclared = {
  means: 'purpose',
  purpose: 'We summarise support tickets for our own staff.',
  contact: 'ops@example.com',
  requestsPerDay: 5000,
}
const grant: GrantAsked = {
  means: 'grant',
  purpose: 'We train a small classifier for our spam filter.',
  contact: 'ml@example.com',
  models: ['gpt-4o*', 'small'],
  tokens: 1_000_000,
  days: 30,
}

function send(stepUps: StepUps, account: string, answer: Answer, nowMs = NOW): Outcome {
  const outcome = stepUps.answer({ account, isSigned: false }, answer, nowMs)
  assert.ok(!(outcome instanceof Promise))
  return outcome
}
const whyOf = (outcome: Outcome): string => ('why' in outcome ? outcome.why : 'review' in outcome ? 'review' : 'passed')
const reviewOf = (stepUps: StepUps, nowMs = NOW): Review => stepUps.reviews(nowMs)[0]!

test('a declared purpose opens two hundred requests, says nothing yet, and waits for a person', () => {
  const { stepUps, passes } = roomOf()
  assert.equal(stepUps.takeRequest('acme', NOW), false)
  assert.equal(whyOf(send(stepUps, 'acme', purpose)), 'passed')
  assert.deepEqual(passes, [{ account: 'acme', means: 'purpose', atMs: NOW, likelihoodRatio: 1, requests: 200 }])
  for (let i = 0; i < 200; i++) assert.ok(stepUps.takeRequest('acme', NOW + i))
  assert.equal(stepUps.takeRequest('acme', NOW + 200), false)
  assert.equal(stepUps.takeRequest('other', NOW), false)
  const review = reviewOf(stepUps)
  assert.deepEqual([review.account, review.state, review.asked], ['acme', 'pending', purpose])
})

test('a purpose is declared once in thirty days, whatever became of it', () => {
  for (const decision of [null, 'accept', 'reject'] as const) {
    const { stepUps } = roomOf()
    send(stepUps, 'acme', purpose)
    if (decision !== null) assert.ok(stepUps.decide(reviewOf(stepUps).id, decision, 'ada', NOW).ok)
    const nowMs = NOW + 29 * DAY_MS
    assert.deepEqual(send(stepUps, 'acme', purpose, nowMs), { why: 'already', retryAfterMs: DAY_MS })
    assert.equal(whyOf(send(stepUps, 'acme', purpose, NOW + 30 * DAY_MS)), 'passed')
  }
})

test('a purpose that a person accepts is a pass with weight; one that is rejected closes at once', () => {
  const accepted = roomOf()
  send(accepted.stepUps, 'acme', purpose)
  const done = accepted.stepUps.decide(reviewOf(accepted.stepUps).id, 'accept', 'ada', NOW + HOUR_MS)
  assert.ok(done.ok)
  assert.deepEqual([done.value.by, done.value.decidedMs, done.value.state], ['ada', NOW + HOUR_MS, 'accepted'])
  assert.deepEqual(accepted.passes.at(-1), {
    account: 'acme',
    means: 'purpose',
    atMs: NOW + HOUR_MS,
    likelihoodRatio: 100,
    requests: null,
  })
  const rejected = roomOf()
  send(rejected.stepUps, 'acme', purpose)
  assert.ok(rejected.stepUps.takeRequest('acme', NOW))
  assert.ok(rejected.stepUps.decide(reviewOf(rejected.stepUps).id, 'reject', 'ada', NOW).ok)
  assert.equal(rejected.stepUps.takeRequest('acme', NOW), false)
  assert.equal(rejected.passes.length, 1)
  assert.equal(rejected.stepUps.statusOf('acme', NOW).purpose?.state, 'rejected')
})

test('what is decided is decided, and what is not there cannot be', () => {
  const { stepUps } = roomOf()
  send(stepUps, 'acme', purpose)
  const { id } = reviewOf(stepUps)
  assert.ok(stepUps.decide(id, 'accept', 'ada', NOW).ok)
  for (const decision of ['accept', 'reject'] as const) {
    const again = stepUps.decide(id, decision, 'bob', NOW)
    assert.deepEqual(again, { ok: false, error: 'This was accepted by ada already.' })
  }
  assert.equal(stepUps.decide('none', 'accept', 'ada', NOW).ok, false)
  assert.equal(stepUps.decide(id, 'accept', 'ada', NOW + 30 * DAY_MS).ok, false, 'it is over')
})

test('a grant waits for its approval, then holds for its models, its tokens and its days', () => {
  const { stepUps, passes } = roomOf()
  assert.equal(whyOf(send(stepUps, 'acme', grant)), 'review')
  assert.equal(stepUps.grantFor('acme', 'small', NOW), null)
  stepUps.useGrant('acme', 5000)
  const approvedMs = NOW + HOUR_MS
  assert.ok(stepUps.decide(reviewOf(stepUps).id, 'accept', 'ada', approvedMs).ok)
  const found = stepUps.grantFor('acme', 'gpt-4o-mini', approvedMs)
  const untilMs = approvedMs + 30 * DAY_MS
  assert.deepEqual(found, {
    id: reviewOf(stepUps, approvedMs).id,
    account: 'acme',
    models: grant.models,
    tokens: 1_000_000,
    usedTokens: 0,
    untilMs,
  })
  assert.equal(stepUps.grantFor('acme', 'gpt-5', approvedMs), null)
  assert.equal(stepUps.grantFor('other', 'small', approvedMs), null)
  assert.notEqual(stepUps.grantFor('acme', 'small', untilMs - 1), null)
  assert.equal(stepUps.grantFor('acme', 'small', untilMs), null)
  assert.deepEqual(passes, [], 'leave to distil is no evidence of not distilling')
})

test('tokens under a grant are counted down to none, and then a new one can be asked for', () => {
  const { stepUps } = roomOf()
  send(stepUps, 'acme', grant)
  stepUps.decide(reviewOf(stepUps).id, 'accept', 'ada', NOW)
  stepUps.useGrant('acme', 400_000)
  assert.equal(stepUps.grantFor('acme', 'small', NOW)?.usedTokens, 400_000)
  assert.equal(whyOf(send(stepUps, 'acme', grant)), 'already')
  stepUps.useGrant('acme', 600_001)
  assert.equal(stepUps.grantFor('acme', 'small', NOW), null)
  assert.equal(whyOf(send(stepUps, 'acme', grant)), 'review')
  assert.equal(reviewOf(stepUps).used, 0)
})

test('a crash gives back nothing that was used, of whatever was used in whatever steps', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000_000 }),
      fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 60 }),
      (tokens, steps) => {
        const records = memoryRecords()
        let puts = 0
        const counted = {
          ...records,
          put: (...args: Parameters<typeof records.put>) => {
            puts++
            records.put(...args)
          },
        }
        const before = roomOf({ records: counted }).stepUps
        send(before, 'acme', { ...grant, tokens })
        before.decide(reviewOf(before).id, 'accept', 'ada', NOW)
        let used = 0
        for (const step of steps) {
          if (before.grantFor('acme', 'small', NOW) === null) break
          before.useGrant('acme', step)
          used += step
        }
        const after = roomOf({ records }).stepUps.grantFor('acme', 'small', NOW)
        const left = after === null ? 0 : after.tokens - after.usedTokens
        assert.ok(left <= Math.max(0, tokens - used), 'never more than was left')
        assert.ok(left >= tokens - used - Math.ceil(tokens / 64), 'and little less')
        assert.ok(puts <= 2 + 65, `${puts} writes`)
      },
    ),
    { numRuns: 200 },
  )
})

test('a grant can be ended by rejecting it, and a day later another one can be asked for', () => {
  const { stepUps } = roomOf()
  send(stepUps, 'acme', grant)
  const { id } = reviewOf(stepUps)
  stepUps.decide(id, 'accept', 'ada', NOW)
  assert.ok(stepUps.decide(id, 'reject', 'bob', NOW + HOUR_MS).ok)
  assert.equal(stepUps.grantFor('acme', 'small', NOW + HOUR_MS), null)
  assert.equal(whyOf(send(stepUps, 'acme', grant, NOW + 2 * HOUR_MS)), 'already')
  assert.equal(whyOf(send(stepUps, 'acme', grant, NOW + HOUR_MS + DAY_MS)), 'review')
})

test('a grant can be asked for by somebody of whom nothing is asked; a purpose cannot', () => {
  const { stepUps, free } = roomOf()
  free.add('acme')
  assert.equal(whyOf(send(stepUps, 'acme', purpose)), 'nothing_asked')
  assert.equal(whyOf(send(stepUps, 'acme', grant)), 'review')
})

test('the queue is bounded, half of it for keys that nobody vouches for; a full one says so and drops nothing', () => {
  const { stepUps } = roomOf({ maxReviews: 8 })
  const outcomes = Array.from({ length: 6 }, (_, i) => whyOf(send(stepUps, `key:pt:${i}`, purpose)))
  assert.deepEqual(outcomes, ['passed', 'passed', 'passed', 'passed', 'full', 'full'])
  for (let i = 0; i < 4; i++) assert.equal(whyOf(send(stepUps, `tenant${i}`, purpose)), 'passed')
  assert.equal(whyOf(send(stepUps, 'tenant9', purpose)), 'full')
  assert.equal(stepUps.reviews(NOW).length, 8)
  // A month later all of them are over.
  const later = NOW + 31 * DAY_MS
  assert.deepEqual(stepUps.reviews(later), [])
  assert.equal(whyOf(send(stepUps, 'tenant9', purpose, later)), 'passed')
})

test('purposes, decisions and what is used come back after a restart', () => {
  const records = memoryRecords()
  const before = roomOf({ records }).stepUps
  send(before, 'acme', purpose)
  for (let i = 0; i < 10; i++) before.takeRequest('acme', NOW)
  send(before, 'globex', grant, NOW + 1)
  before.decide(before.reviews(NOW + 1)[1]!.id, 'accept', 'ada', NOW + 2)
  const after = roomOf({ records }).stepUps
  const [first, second] = after.reviews(NOW + 3)
  assert.deepEqual([first!.asked, first!.state], [purpose, 'pending'])
  assert.ok(first!.used >= 10 && first!.used < 14)
  assert.deepEqual([second!.account, second!.by, second!.state], ['globex', 'ada', 'accepted'])
  assert.equal(whyOf(send(after, 'acme', purpose, NOW + 3)), 'already')
})
