import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppliedAction } from './core/action.ts'
import { memoryRecords, type Records } from './core/records.ts'
import { atLeast, Truth, type RuleRecord, type Verdict } from './truth.ts'

const config = { heldBack: 0.01, maxWrong: 0.1, leastReviewed: 20 }

const applied = (id: string, rule: string): AppliedAction => ({
  id,
  spec: { action: 'block' },
  subject: { kind: 'account', value: id },
  scope: [],
  mode: 'enforce',
  heldBack: false,
  by: { kind: 'playbook', name: rule },
  reason: '',
  level: 'block',
  evidence: 1,
  findings: [],
  campaign: null,
  group: null,
  atMs: 0,
  untilMs: 1,
})

function reviewed(verdicts: readonly Verdict[], records: Records = memoryRecords()): [Truth, RuleRecord[]] {
  const demoted: RuleRecord[] = []
  const truth = new Truth(config, records, (rule) => void demoted.push(rule))
  for (const [i, verdict] of verdicts.entries()) {
    truth.applied(applied(`a${i}`, 'default/block'))
    assert.ok(truth.review(`a${i}`, verdict, 'anna', i).ok)
  }
  return [truth, demoted]
}

const verdicts = (wrong: number, of: number): readonly Verdict[] =>
  Array.from({ length: of }, (_, i) => (i < wrong ? 'wrong' : 'right'))

test('a rule that is as good as it has to be goes on, and one that is worse beyond chance is demoted once', () => {
  const [good, notDemoted] = reviewed(verdicts(3, 30))
  assert.equal(good.isDemoted('default/block'), false)
  assert.deepEqual(notDemoted, [])
  const [bad, demoted] = reviewed(verdicts(9, 30).toReversed())
  assert.equal(bad.isDemoted('default/block'), true)
  assert.equal(bad.isDemoted('other/block'), false)
  assert.deepEqual(
    demoted.map(({ rule }) => rule),
    ['default/block'],
  )
})

test('a few reviews demote nobody, however they came out', () => {
  const [truth] = reviewed(verdicts(19, 19))
  assert.equal(truth.isDemoted('default/block'), false)
})

test('reviews outlive a restart, and a damaged one is passed over', () => {
  const records = memoryRecords()
  reviewed(verdicts(25, 25), records)
  records.put('review', 'x', '{"verdict":')
  const heard: RuleRecord[] = []
  const again = new Truth(config, records, (rule) => void heard.push(rule))
  assert.equal(again.isDemoted('default/block'), true)
  assert.deepEqual(heard, [], 'it was told before')
  assert.equal(again.rules()[0]!.wrong, 25)
})

test('saying it again replaces what was said, and nobody reviews what never was', () => {
  const [truth] = reviewed(verdicts(1, 1))
  assert.ok(truth.review('a0', 'right', 'bert', 5).ok)
  assert.deepEqual([truth.rules()[0]!.right, truth.rules()[0]!.wrong], [1, 0])
  assert.equal(truth.review('nothing', 'right', 'bert', 5).ok, false)
})

test('binomial tails and their bounds agree with tables', () => {
  assert.ok(Math.abs(atLeast(3, 10, 0.1) - 0.0702) < 1e-4)
  const [truth] = reviewed(verdicts(2, 20))
  const { wrongAtLeast, wrongAtMost } = truth.rules()[0]!
  // Clopper and Pearson for 2 of 20: 1.2 % to 31.7 %.
  assert.ok(Math.abs(wrongAtLeast - 0.0123) < 1e-3, String(wrongAtLeast))
  assert.ok(Math.abs(wrongAtMost - 0.317) < 1e-3, String(wrongAtMost))
})
