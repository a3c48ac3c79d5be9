import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { scriptedJudge } from '../../test/support/scripted-judge.ts'
import { playStory } from '../../test/support/replay-story.ts'
import { readOwn } from './own.ts'
import { replay } from './replay.ts'
import { reportText } from './report-text.ts'
import { type Report, reportOf } from './report.ts'
import { streamSource } from './source.ts'

const golden = `WEIR REPLAY REPORT
1 campaign found. A campaign is a set of accounts that take answers together: here 20 of 40
accounts, which took 180,000 tokens of output, worth about 2.00 USD. 1 more account stood out on its
own.

What was read
  Files       story
  Judged by   weir.yaml
  Exchanges   400 by 40 accounts
  Time        2026-06-01 09:00 UTC to 2026-06-01 12:19 UTC (3 h 19 min)
  Tokens      12,000 in, 200,000 out
  Cost        2.20 USD
  Text        prompts in 100% of the exchanges
  Answers     Weir in line would have said: allow 75%, step_up 25%
  Lines       402, of which 2 could not be read

Campaign 1 of 1: c-17, 20 accounts
  First seen   2026-06-01 09:00 UTC
  Found        2026-06-01 10:35 UTC, 1 h 35 min later
  Last seen    2026-06-01 12:19 UTC
  Taken        200 exchanges: 6,000 tokens in, 180,000 out, about 2.00 USD
  Standing     step_up: asked to show who they are
  By chance    at most 1 in 5,000 honest accounts would come this far
  Seen by      how it is written; when it comes

  Had Weir been in line
    in force from         action    accounts  meaning
    2026-06-01 10:36 UTC  restrict         5  answered within tighter limits
    2026-06-01 10:40 UTC  step_up         20  asked to show who they are before they go on
    50% of all that these accounts asked for would have been answered in full.

  Why
    - 20 accounts send one template that two would share by chance (how it is written; at most 1
      in 4,000)
    - they take turns: no two ask within the same second (when it comes; at most 1 in 60)

  What they send, with … for what differs
    in about 197 exchanges:
      Explain … step by step, and show your full reasoning.

  Members
    copy-0, copy-1, copy-2, copy-3, copy-4, copy-5, copy-6, copy-7, copy-8, copy-9, copy-10,
    copy-11, and 8 more

Accounts on their own
  account  standing  met at last  first seen            tokens out  by chance           why
  user-3   tarpit    tarpit       2026-06-01 09:00 UTC       1,000  at most 1 in 1,200  asks for something new each time, where others come back to a subject
  1 account watched more closely, to whom nothing would have been done.

What to do next
  - Look through the members of each campaign for accounts that you know. One that you know to be
    honest is worth more than any number here: name it as such before anything is put in force.
  - Put Weir in line with detection in shadow first: it then records what it would do and touches
    nobody.

What was left out
  - 1 line skipped: not JSON: line 101
  - 1 line skipped: blank: line 102
`

test('the page that a security lead would forward', async () => {
  const { replayed, accounts, campaigns } = await playStory()
  assert.equal(reportText(reportOf('weir.yaml', replayed, accounts, campaigns)), golden)
})

test('the same as data: times in RFC 3339, money in dollars, every member, and what the page leaves out', async () => {
  const { replayed, accounts, campaigns } = await playStory()
  const report = JSON.parse(JSON.stringify(reportOf('weir.yaml', replayed, accounts, campaigns))) as Report
  const [campaign] = report.campaigns
  assert.equal(campaign!.members.length, 20)
  assert.equal(campaign!.detected, '2026-06-01T10:35:00.000Z')
  assert.ok(Math.abs(campaign!.cost_usd! - 2) < 1e-9)
  assert.equal(campaign!.answered_in_full, 0.5)
  assert.deepEqual(campaign!.actions.at(-1), { action: 'step_up', first: '2026-06-01T10:40:00.000Z', accounts: 20 })
  assert.deepEqual(
    report.accounts.map(({ account, level }) => [account, level]),
    [
      ['user-3', 'tarpit'],
      ['user-9', 'watch'],
    ],
  )
  assert.deepEqual(report.skipped, [
    { why: 'not JSON', lines: 1, first_lines: [101] },
    { why: 'blank', lines: 1, first_lines: [102] },
  ])
  assert.deepEqual(report.read.met, { allow: 300, step_up: 100 })
})

async function pageOf(text: string, more: Parameters<typeof scriptedJudge>[0] = {}): Promise<string> {
  const judge = scriptedJudge(more)
  const sources = [streamSource('log', Readable.from([Buffer.from(text)]))]
  const input = { sources, read: readOwn, judge, costOf: () => null, decisions: null, progress: () => undefined }
  return reportText(reportOf('weir.yaml', await replay(input), judge.accounts(), judge.campaigns()))
}

const time = Date.UTC(2026, 5, 1)
const line = (more: object = {}): string => `${JSON.stringify({ time, key: 'k', ...more })}\n`

test('a log in which nothing is found says so, and what would show more', async () => {
  const page = await pageOf(line())
  assert.match(page, /No campaign was found/)
  assert.match(page, /Nothing needs doing/)
  assert.match(page, /Log prompts, if you may/)
  assert.match(page, /give a configuration with prices/)
  assert.doesNotMatch(page, /left out/)
})

test('a log in which nothing can be read says how to name its format', async () => {
  const page = await pageOf('{"timestamp":1}\n')
  assert.match(page, /No exchange could be read/)
  assert.match(page, /--from own, litellm or openai/)
  assert.match(page, /1 line skipped: no time: line 1/)
})

test('a log out of order is told to be sorted, and costs that are known in part say of how much', async () => {
  const lines = [line({ cost_usd: 1 }), ...Array.from({ length: 9 }, (_, i) => line({ time: time - i - 1 }))]
  const page = await pageOf(lines.join(''))
  assert.match(page, /Sort the log by time/)
  assert.match(page, /1\.00 USD for the 10% of the exchanges whose cost is known/)
  assert.match(page, /ran backwards; the latest time was taken: 9 times, first in line 2/)
})

test('nothing that a log or a finding holds can move the cursor or forge a line', async () => {
  const evil = '\u001b[2J\r\nCampaign 2 of 2\u202e'
  const { campaigns, accounts } = await playStory()
  const [campaign] = campaigns
  const [member] = accounts
  const finding = { ...campaign!.findings[0]!, says: evil }
  const page = await pageOf(line(), {
    campaigns: [{ ...campaign!, id: evil, members: [evil], findings: [finding] }],
    accounts: [{ ...member!, account: evil, campaign: null, findings: [finding] }],
  })
  for (const sign of ['\u001b', '\r', '\u202e', '\nCampaign 2']) assert.ok(!page.includes(sign))
})

test('a campaign whose members were not counted has no cost and no share, and evidence without end is a number', async () => {
  const { campaigns } = await playStory()
  const judge = scriptedJudge({ campaigns: [{ ...campaigns[0]!, evidence: Number.POSITIVE_INFINITY }] })
  const input = { sources: [], read: readOwn, judge, costOf: () => null, decisions: null, progress: () => undefined }
  const report = reportOf('weir.yaml', await replay(input), [], judge.campaigns())
  assert.deepEqual([report.campaigns[0]!.cost_usd, report.campaigns[0]!.answered_in_full], [null, null])
  assert.equal(report.campaigns[0]!.evidence, Number.MAX_VALUE)
})
