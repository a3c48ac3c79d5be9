import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { solve, wrongFor } from '../../test/support/solve.ts'
import { memoryRecords } from '../core/records.ts'
import type { Answer } from './answer.ts'
import type { Challenge } from './challenge.ts'
import type { Outcome, StepUps } from './step-ups.ts'
import { BITS, DAY_MS, HOUR_MS, NOW, roomOf } from './testing.ts'

/** The proof of work, and what failing comes to. */

const answerTo = (challenge: Challenge, solution = solve(challenge)): Answer => ({
  means: 'proof_of_work',
  challenge: challenge.text,
  solution,
})
const plain = (account: string) => ({ account, isSigned: false })

/** Only a token is waited for. */
function send(stepUps: StepUps, account: string, answer: Answer, nowMs = NOW): Outcome {
  const outcome = stepUps.answer(plain(account), answer, nowMs)
  assert.ok(!(outcome instanceof Promise))
  return outcome
}
const whyOf = (outcome: Outcome): string => ('why' in outcome ? outcome.why : 'review' in outcome ? 'review' : 'passed')

function prove(stepUps: StepUps, account: string, nowMs = NOW): string {
  return whyOf(send(stepUps, account, answerTo(stepUps.challenge(account, nowMs)), nowMs))
}

test('a proof passes, once; the listener is told, and the next one is twice the work', () => {
  const { stepUps, passes } = roomOf()
  const challenge = stepUps.challenge('acme', NOW)
  assert.equal(challenge.bits, BITS)
  const answer = answerTo(challenge)
  const expected = { account: 'acme', means: 'proof_of_work', atMs: NOW, likelihoodRatio: 3, requests: null }
  assert.deepEqual(send(stepUps, 'acme', answer), expected)
  assert.deepEqual(passes, [expected])
  assert.equal(whyOf(send(stepUps, 'acme', answer)), 'used')
  assert.equal(passes.length, 1)
  const next = stepUps.challenge('acme', NOW)
  assert.equal(next.bits, BITS + 1)
  assert.notEqual(next.nonce, challenge.nonce)
})

test('what is paid for in small coins divides evidence once: further proofs within a day say nothing', () => {
  const { stepUps, passes } = roomOf()
  for (let i = 0; i < 4; i++) assert.equal(prove(stepUps, 'acme', NOW + i * HOUR_MS), 'passed')
  assert.deepEqual(
    passes.map(({ likelihoodRatio }) => likelihoodRatio),
    [3, 1, 1, 1],
  )
  assert.equal(prove(stepUps, 'acme', NOW + 4 * DAY_MS), 'passed')
  assert.equal(passes.at(-1)!.likelihoodRatio, 3)
})

test('each proof within a day adds a bit, up to eight, and a day later it is forgotten', () => {
  const { stepUps } = roomOf()
  const bits: number[] = []
  for (let i = 0; i < 11; i++) {
    bits.push(stepUps.challenge('acme', NOW + i).bits)
    assert.equal(prove(stepUps, 'acme', NOW + i), 'passed')
  }
  assert.deepEqual(
    bits.map((each) => each - BITS),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8],
  )
  assert.equal(stepUps.challenge('other', NOW).bits, BITS, 'nobody else pays')
  assert.equal(stepUps.challenge('acme', NOW + DAY_MS + 5).bits, BITS + 5, 'six are a day old')
  assert.equal(stepUps.challenge('acme', NOW + DAY_MS + 100).bits, BITS)
})

test('cheap challenges cannot be laid in: one of before the last pass counts no more', () => {
  const { stepUps } = roomOf()
  const slotMs = 300_000
  const start = Math.ceil(NOW / slotMs) * slotMs
  const early = stepUps.challenge('acme', start)
  const late = stepUps.challenge('acme', start + slotMs)
  assert.deepEqual([early.bits, late.bits], [BITS, BITS])
  assert.equal(whyOf(send(stepUps, 'acme', answerTo(late), start + slotMs)), 'passed')
  assert.equal(whyOf(send(stepUps, 'acme', answerTo(early), start + slotMs)), 'outdated')
})

test('forged, borrowed, late and foreign proofs are refused, and count as failures', () => {
  const other = roomOf({ secret: new Uint8Array(32).fill(8) }).stepUps
  const cases: readonly [string, (stepUps: StepUps) => Answer, number][] = [
    ['invalid', (it) => answerTo(it.challenge('mallory', NOW)), NOW],
    ['invalid', () => answerTo(other.challenge('acme', NOW)), NOW],
    ['invalid', (it) => ({ ...answerTo(it.challenge('acme', NOW)), challenge: 'wc1.x' }) as Answer, NOW],
    ['wrong', (it) => answerTo(it.challenge('acme', NOW), wrongFor(it.challenge('acme', NOW))), NOW],
    ['expired', (it) => answerTo(it.challenge('acme', NOW)), NOW + HOUR_MS],
    ['expired', (it) => answerTo(it.challenge('acme', NOW + HOUR_MS)), NOW],
  ]
  for (const [why, make, atMs] of cases) {
    const { stepUps, passes } = roomOf()
    const answer = make(stepUps)
    for (let i = 0; i < 4; i++) assert.equal(whyOf(send(stepUps, 'acme', answer, atMs)), why)
    assert.deepEqual(send(stepUps, 'acme', answer, atMs), { why: 'wait', retryAfterMs: 1000 })
    assert.deepEqual(passes, [])
  }
})

test('failing a thousand times gains nothing, and costs time that doubles', () => {
  const { stepUps, passes } = roomOf()
  let nowMs = NOW
  const waits: number[] = []
  for (let tries = 0; tries < 1000; tries++) {
    const challenge = stepUps.challenge('mallory', nowMs)
    const outcome = send(stepUps, 'mallory', answerTo(challenge, wrongFor(challenge)), nowMs)
    assert.equal(whyOf(outcome), 'wrong')
    assert.equal(challenge.bits, BITS, 'no failure makes it easier or harder')
    const { retryAfterMs } = stepUps.statusOf('mallory', nowMs)
    waits.push(retryAfterMs)
    nowMs += retryAfterMs
  }
  assert.deepEqual(waits.slice(0, 8), [0, 0, 0, 1000, 2000, 4000, 8000, 16_000])
  assert.equal(Math.max(...waits), 300_000)
  assert.ok(nowMs - NOW > 3 * DAY_MS, 'three days for a thousand attempts')
  assert.deepEqual(passes, [])
  assert.equal(prove(stepUps, 'mallory', nowMs), 'passed', 'and the honest answer still counts')
  assert.equal(prove(stepUps, 'bystander', nowMs), 'passed')
})

test('attempts while one has to wait are not counted, so nobody locks an account out for longer by trying', () => {
  const { stepUps } = roomOf()
  const challenge = stepUps.challenge('acme', NOW)
  for (let i = 0; i < 4; i++) send(stepUps, 'acme', answerTo(challenge, wrongFor(challenge)))
  for (let i = 0; i < 500; i++) assert.equal(whyOf(send(stepUps, 'acme', answerTo(challenge))), 'wait')
  assert.equal(prove(stepUps, 'acme', NOW + 1000), 'passed')
  assert.equal(stepUps.statusOf('acme', NOW + 1000).retryAfterMs, 0)
})

test('mistakes of an hour ago are forgotten', () => {
  const { stepUps } = roomOf()
  for (let i = 0; i < 6; i++) {
    const nowMs = NOW + i * HOUR_MS
    const challenge = stepUps.challenge('acme', nowMs)
    assert.equal(whyOf(send(stepUps, 'acme', answerTo(challenge, wrongFor(challenge)), nowMs)), 'wrong')
    assert.equal(stepUps.statusOf('acme', nowMs).retryAfterMs, 0)
  }
})

test('nobody passes ahead of being asked, or by other means than those', () => {
  const { stepUps, free, passes } = roomOf({}, ['purpose'])
  assert.equal(prove(stepUps, 'acme'), 'not_offered')
  assert.equal(stepUps.statusOf('acme', NOW).challenge, null)
  free.add('acme')
  assert.equal(prove(stepUps, 'acme'), 'nothing_asked')
  assert.deepEqual(stepUps.statusOf('acme', NOW).means, [])
  assert.deepEqual(passes, [])
})

test('a restart forgets no pass, no difficulty and no used proof', () => {
  const records = memoryRecords()
  const before = roomOf({ records })
  const answer = answerTo(before.stepUps.challenge('acme', NOW))
  send(before.stepUps, 'acme', answer)
  const after = roomOf({ records })
  assert.equal(whyOf(send(after.stepUps, 'acme', answer)), 'used')
  assert.equal(after.stepUps.challenge('acme', NOW).bits, BITS + 1)
  assert.equal(prove(after.stepUps, 'acme'), 'passed')
  assert.equal(after.passes[0]!.likelihoodRatio, 1, 'the other process has seen a proof')
})

test('what the disk refuses is no pass, and may be shown again', () => {
  const records = memoryRecords()
  let isFull = true
  const put: typeof records.put = (kind, id, value) => {
    if (isFull) throw new Error('disk full')
    records.put(kind, id, value)
  }
  const { stepUps, passes } = roomOf({ records: { ...records, put } })
  const answer = answerTo(stepUps.challenge('acme', NOW))
  assert.throws(() => send(stepUps, 'acme', answer), /disk full/)
  assert.deepEqual(passes, [])
  isFull = false
  assert.equal(whyOf(send(stepUps, 'acme', answer)), 'passed')
})

test('a proof counts once for as long as its challenge lives, the longest that can be configured', () => {
  const { stepUps } = roomOf({ settings: { proofBits: 3, challengeMs: DAY_MS, attests: true } })
  const first = stepUps.challenge('acme', NOW)
  assert.equal(whyOf(send(stepUps, 'acme', answerTo(first), NOW)), 'passed')
  for (let nowMs = NOW; nowMs < first.expiresAtMs + HOUR_MS; nowMs += HOUR_MS) {
    const why = whyOf(send(stepUps, 'acme', answerTo(first), nowMs))
    assert.ok(['used', 'outdated', 'expired'].includes(why), why)
    // Other passes make what is older be looked through.
    if (nowMs % (6 * HOUR_MS) === 0) prove(stepUps, 'acme', nowMs)
  }
})

test('only so much is remembered of a day: past it nothing passes, and nothing is forgotten', () => {
  const { stepUps } = roomOf({ settings: { proofBits: 1, challengeMs: 600_000, attests: true } })
  const answers: Answer[] = []
  for (let i = 0; i < 32; i++) {
    answers.push(answerTo(stepUps.challenge('acme', NOW + i)))
    assert.equal(whyOf(send(stepUps, 'acme', answers.at(-1)!, NOW + i)), 'passed')
  }
  const over = send(stepUps, 'acme', answerTo(stepUps.challenge('acme', NOW + 40)), NOW + 40)
  assert.deepEqual(over, { why: 'too_many', retryAfterMs: DAY_MS - 40 })
  for (const answer of answers) assert.equal(whyOf(send(stepUps, 'acme', answer, NOW + 40)), 'too_many')
  assert.equal(prove(stepUps, 'acme', NOW + DAY_MS), 'passed')
})

test('under any order of right, wrong, replayed and late answers, as many pass as were worked for, each once', () => {
  const step = fc.record({
    account: fc.constantFrom('a', 'b', 'c'),
    how: fc.constantFrom('right', 'wrong', 'replay', 'borrowed', 'old'),
    waitMs: fc.constantFrom(0, 1, 1000, 400_000, HOUR_MS),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { stepUps, passes } = roomOf({ settings: { proofBits: 2, challengeMs: 600_000, attests: true } })
      const done: Answer[] = []
      let nowMs = NOW
      for (const { account, how, waitMs } of steps) {
        const before = passes.length
        const challenge = stepUps.challenge(account, nowMs)
        if (how === 'right') {
          const answer = answerTo(challenge)
          if (whyOf(send(stepUps, account, answer, nowMs)) === 'passed') done.push(answer)
        } else {
          const answer =
            how === 'wrong'
              ? answerTo(challenge, wrongFor(challenge))
              : how === 'borrowed'
                ? answerTo(stepUps.challenge(`${account}x`, nowMs))
                : how === 'old'
                  ? answerTo(stepUps.challenge(account, nowMs - 2 * HOUR_MS))
                  : (done.at(-1) ?? answerTo(challenge, wrongFor(challenge)))
          assert.notEqual(whyOf(send(stepUps, account, answer, nowMs)), 'passed', how)
          assert.equal(passes.length, before)
        }
        nowMs += waitMs
      }
      assert.equal(passes.length, done.length)
      for (const answer of done) {
        for (const account of ['a', 'b', 'c']) assert.notEqual(whyOf(send(stepUps, account, answer, nowMs)), 'passed')
      }
    }),
    { numRuns: 150 },
  )
})

test('settings that no configuration can say are a mistake of ours', () => {
  for (const settings of [
    { proofBits: 0, challengeMs: 600_000, attests: true },
    { proofBits: 18.5, challengeMs: 600_000, attests: true },
    { proofBits: 18, challengeMs: DAY_MS + 1, attests: true },
    { proofBits: 18, challengeMs: 10, attests: true },
  ]) {
    assert.throws(() => roomOf({ settings }), RangeError)
  }
  const { stepUps } = roomOf()
  stepUps.settings = { proofBits: 9, challengeMs: 60_000, attests: true }
  assert.equal(stepUps.challenge('acme', NOW).bits, 9, 'a reload changes them')
})
