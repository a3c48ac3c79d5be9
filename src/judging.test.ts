import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deserialize, serialize } from 'node:v8'
import { recorded, START_MS, talk, type Talk } from '../test/support/talk.ts'
import type { Decision } from './core/decision.ts'
import { defaultCalibration, Replaying, replayOptions } from './detect.ts'
import type { Observed } from './core/observed.ts'
import { Judge } from './judging.ts'
import { observed, prompt } from './signals/testing.ts'

const calibration = defaultCalibration()
const options = { ...replayOptions(calibration), keySlots: 1 << 16 }
const judged = (all: readonly Talk[], judge: Replaying): readonly Decision[] =>
  all.map(({ exchange }) => judge.judge(exchange))
const fresh = (over: Partial<typeof options> = {}): Replaying => new Replaying(new Judge({ ...options, ...over }))
const plan = { people: 40, fleet: 24, each: 60, share: 0.5 }

test('a work list dealt out to many accounts is found, and people who chat meet nothing', () => {
  const all = talk(plan)
  const judge = fresh()
  const decisions = judged(all, judge)
  const met = new Set(all.flatMap(({ exchange }, i) => (decisions[i]!.action === 'allow' ? [] : [exchange.key])))
  assert.deepEqual(
    [...met].filter((key) => key.startsWith('p')),
    [],
  )
  assert.ok(met.size > plan.fleet / 2, `${met.size} of ${plan.fleet}`)
  const [campaign, ...others] = judge.campaigns()
  assert.deepEqual(others, [])
  assert.ok(campaign!.members.length > plan.fleet / 2)
  assert.ok(campaign!.members.every((name) => name.startsWith('key:f')))
  assert.ok(campaign!.keys.length > 0)
  assert.ok(campaign!.detectedMs > campaign!.firstMs)
})

test('accounts that are built like a fleet from chat alone meet nothing', () => {
  const all = talk({ ...plan, share: 0 })
  const decisions = judged(all, fresh())
  assert.ok(decisions.every(({ action }) => action === 'allow'))
})

test('what an account has shown is in force at its next request, and not before', () => {
  const all = talk(plan)
  const judge = fresh()
  const levels = new Map<string, string>()
  for (const { exchange } of all) {
    const before = judge.accounts().find(({ account }) => account === `key:${exchange.key}`)?.level ?? 'normal'
    const { level } = judge.judge(exchange)
    assert.equal(level, before)
    levels.set(exchange.key, level)
    if ([...levels.values()].includes('step_up')) return
  }
})

test('the same exchanges give the same decisions, to the byte', () => {
  const all = talk(plan)
  assert.equal(JSON.stringify(judged(all, fresh())), JSON.stringify(judged(all, fresh())))
})

test('a judge that goes on from its snapshot decides as one that never stopped', () => {
  const all = talk(plan)
  const whole = judged(all, fresh())
  for (const at of [1, 700, 1500]) {
    const first = fresh()
    judged(all.slice(0, at), first)
    const restored = Judge.restore(options, first.snapshot())
    assert.ok(restored.ok)
    const second = new Replaying(restored.value)
    assert.equal(second.lastMs, all[at - 1]!.exchange.timeMs)
    assert.equal(JSON.stringify(judged(all.slice(at), second)), JSON.stringify(whole.slice(at)), `from ${at}`)
  }
})

test('after a new calibration what was known is measured by it: evidence follows, levels that were reached stay', () => {
  const all = talk(plan)
  const first = fresh()
  judged(all, first)
  const before = first.accounts().filter(({ level }) => level !== 'watch')
  assert.ok(before.length > 0)
  const withScores = (score: number): ReturnType<typeof Judge.restore> => {
    const segments = new Map([['pooled', { scores: Array.from({ length: 2000 }, () => score) }]])
    return Judge.restore({ ...options, calibration: { ...calibration, segments } }, first.snapshot())
  }
  for (const [score, follows] of [
    [16, (now: number, then: number) => now < 20 && now < then],
    [0, (now: number, then: number) => now > then],
  ] as const) {
    const restored = withScores(score)
    assert.ok(restored.ok)
    const after = new Map(restored.value.accounts().map((one) => [one.account, one]))
    for (const { account, level, evidence } of before) {
      assert.equal(after.get(account)!.level, level)
      assert.ok(follows(after.get(account)!.evidence, evidence), account)
    }
  }
})

test('a snapshot that is none, is damaged, or belongs to another secret is refused in words', () => {
  const bytes = fresh().snapshot()
  const refusal = (given: Uint8Array, over: Partial<typeof options> = {}): string => {
    const restored = Judge.restore({ ...options, ...over }, given)
    return restored.ok ? 'taken' : restored.error
  }
  assert.match(refusal(new Uint8Array([1, 2, 3])), /no snapshot/)
  assert.match(refusal(bytes.subarray(0, bytes.length - 9)), /no snapshot|damaged/)
  assert.match(refusal(bytes, { seed: 7 }), /another secret/)
  assert.match(refusal(bytes, { keySlots: 1 << 15 }), /another number of keys/)
  const state = deserialize(bytes) as { readonly roster: { readonly rows: { readonly layout: string } } }
  const { rows } = state.roster
  for (const other of [
    { ...state, v: 2 },
    { ...state, roster: { ...state.roster, rows: { ...rows, layout: `${rows.layout} more` } } },
  ])
    assert.match(refusal(serialize(other)), /another version of Weir/)
  assert.equal(refusal(bytes), 'taken')
})

test('beyond the cap newcomers share a record, and nobody who was known is forgotten', () => {
  const judge = fresh({ maxAccounts: 20 })
  const all = talk(plan)
  judged(all, judge)
  const before = judge.accounts().length
  for (let i = 0; i < 500; i++)
    judge.judge(
      recorded({
        key: `flood${i}`,
        timeMs: START_MS + 1e9 + i,
        ip: `10.0.${i % 256}.1`,
        turns: [{ role: 'user', text: `hello ${i}` }],
      }),
    )
  assert.ok(judge.accounts().length >= before)
})

test('a victim whose template throw-away accounts send stays untouched', () => {
  const judge = fresh()
  const text = (n: number): string =>
    `Extract due date, amount and sender from the letter and answer in XML.\n\nLetter: parcel ${n} of the ${n * 3}th came late to house ${n * 5}.`
  let t = START_MS
  const send = (key: string, n: number): Decision =>
    judge.judge(recorded({ key, timeMs: (t += 30_000), turns: [{ role: 'user', text: text(n) }] }))
  for (let n = 0; n < 200; n++) send('victim', n)
  for (let n = 0; n < 500; n++) send(`framer${n % 50}`, 1000 + n)
  for (let n = 0; n < 200; n++) assert.equal(send('victim', 5000 + n).action, 'allow')
})

test('absurd and hostile exchanges neither throw nor move anybody', () => {
  const judge = fresh()
  const odd: readonly string[] = [
    '',
    ' ',
    '\0',
    '\ud800',
    '\n'.repeat(5000),
    'a'.repeat(1_000_000),
    '漢'.repeat(5000),
    '?!'.repeat(999),
    '1'.repeat(9999),
  ]
  for (const [i, text] of [...odd, ...odd].entries()) {
    const decision = judge.judge(
      recorded({
        key: `odd${i}`,
        timeMs: START_MS - i * 1e9,
        inputTokens: 1e15,
        outputTokens: 0,
        turns: [{ role: 'user', text }],
      }),
    )
    assert.equal(decision.action, 'allow')
  }
  assert.equal(judge.judge(recorded({ key: 'silent' })).action, 'allow')
})

test('a batch that has said so is not asked for its volume, and one that has not is', () => {
  const actions = (profile: 'batch' | null): ReadonlySet<string> => {
    const judge = fresh()
    const seen = new Set<string>()
    for (let n = 0; n < 1300; n++) {
      const text = `Summarize the following report in one sentence for the weekly digest.\n\nReport ${n}: pump ${n * 7} of plant ${n * 3} ran for ${n * 5} hours.`
      const exchange = recorded({ key: 'job', profile, timeMs: START_MS + n * 20_000, turns: [{ role: 'user', text }] })
      seen.add(judge.judge(exchange).action)
    }
    return seen
  }
  assert.deepEqual(actions('batch'), new Set(['allow']))
  assert.deepEqual(actions(null), new Set(['allow', 'step_up']))
})

test('declared accounts of a segment that nobody has calibrated are asked at most', () => {
  const judge = fresh()
  const met = new Set(talk(plan).map(({ exchange }) => judge.judge({ ...exchange, profile: 'app' }).action))
  assert.deepEqual(met, new Set(['allow', 'step_up']))
})

const touching = (name: string, weight: number, owner: string | null = null): Partial<Observed> => ({
  account: 'one',
  model: 'm',
  touches: [{ kind: owner === null ? 'model' : 'alias', name, weight, owner }],
})

test('what an account touches of decoys multiplies the evidence, once for each, and speaks for nobody', () => {
  const judge = new Judge(options)
  const evidence = (): number => judge.standOf('one')!.evidence
  judge.judge(observed(touching('a', 30)))
  assert.equal(evidence(), 30)
  for (let i = 0; i < 5; i++) judge.judge(observed(touching('a', 30)))
  assert.equal(evidence(), 30, 'the same again says nothing new')
  judge.judge(observed(touching('b', 20)))
  assert.equal(evidence(), 600)
  assert.equal(judge.standOf('one')!.level, 'step_up')
  judge.judge(observed(touching('c', 0.001)))
  assert.equal(evidence(), 600)
  judge.judge(observed(touching('a', 1)))
  assert.equal(evidence(), 20, 'what has become public weighs less')
})

test('an alias of somebody else weighs against who used it, and never against its owner', () => {
  const judge = new Judge(options)
  judge.judge(observed({ account: 'victim', model: 'm' }))
  for (let i = 0; i < 50; i++) judge.judge(observed({ ...touching('a', 50, 'victim'), account: `thief${i}` }))
  assert.equal(judge.standOf('thief7')!.evidence, 50)
  assert.deepEqual([judge.standOf('victim')!.evidence, judge.standOf('victim')!.campaign], [1, null])
  assert.deepEqual(judge.campaigns(), [])
})

test('begun with anew, an account is judged by what comes, multiplied with what stays', () => {
  const judge = fresh()
  const all = talk(plan)
  judged(all, judge)
  const inner = new Judge(options)
  const replaying = new Replaying(inner)
  judged(all, replaying)
  const worst = replaying.accounts()[0]!.account
  assert.ok(inner.standOf(worst)!.evidence >= options.ladder.stepUp)
  inner.restart(worst, 25)
  assert.ok(inner.standOf(worst)!.standing.onlyAsks, 'by what was answered for it is asked again at most')
  assert.deepEqual([inner.standOf(worst)!.evidence, inner.standOf(worst)!.level], [25, 'normal'])
  const more = all.filter(({ exchange }) => `key:${exchange.key}` === worst)
  judged(more, replaying)
  assert.ok(inner.standOf(worst)!.evidence > 500, 'who goes on as before is found again')
  assert.equal(inner.standOf(worst)!.families, 1, 'what stays of evidence that was answered for is no other kind of it')
  const restored = Judge.restore(options, inner.snapshot())
  assert.ok(restored.ok)
  assert.deepEqual(restored.value.standOf(worst), inner.standOf(worst))
})

test('a newcomer with the frame of an account that was just asked is asked, within eight prompts, and nothing firmer', () => {
  const judge = new Judge(options)
  const frame = (account: string, i: number, minute: number): void => {
    const keys = Uint32Array.from({ length: 10 }, (_, which) => (which < 4 ? which + 1 : 1000 + 7919 * minute + which))
    const observation = { ...prompt({ text: 100_000 + minute, form: minute }), keys }
    const one = { account, model: 'm', timeMs: START_MS + minute * 60_000, observation }
    judge.judge(
      observed(i === 19 ? { ...one, touches: [{ kind: 'model', name: 'x', weight: 600, owner: null }] } : one),
    )
  }
  // Others, so that the frame of one is rare.
  for (let i = 0; i < 600; i++) judge.judge(observed({ account: `other${i}`, model: 'm', timeMs: START_MS }))
  frame('before', 0, 1)
  for (let i = 0; i < 25; i++) frame('first', i, 2 + i)
  assert.equal(judge.standOf('first')!.level, 'step_up')
  for (let i = 0; i < 8; i++) frame('heir', i, 30 + i)
  const heir = judge.standOf('heir')!
  assert.equal(heir.level, 'step_up')
  assert.equal(heir.standing.onlyAsks, true)
  assert.match(judge.findingsOn('heir')[0]!.says, /goes on where first was stopped/)
  for (let i = 1; i < 8; i++) frame('before', i, 40 + i)
  assert.equal(judge.standOf('before')!.level, 'normal', 'whoever was there before is no heir')
})
