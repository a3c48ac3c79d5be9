import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionRegister } from './actions/register.ts'
import type { LadderConfig } from './config/config.ts'
import type { Mode, Playbook, ResponseConfig } from './config/response-config.ts'
import { noResponse } from './config/response.ts'
import type { ActionSpec, AppliedAction } from './core/action.ts'
import { finishDraft, startDraft } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import { memoryRecords, type Records } from './core/records.ts'
import { Acting } from './acting.ts'
import type { ActingConfig, Alert } from './acting-port.ts'
import type { Stand } from './judging.ts'
import { createVirtualClock, type VirtualClock } from './lab/virtual-clock.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const ladder: LadderConfig = { watch: 20, notice: 100, stepUp: 500, tarpit: 1000, squeeze: 10_000, block: 500 }

const on = (spec: ActionSpec, on: Playbook['levels'][number]['actions'][number]['on'] = 'account') =>
  ({ mode: 'enforce', on, spec }) as const

const playbook: Playbook = {
  name: 'default',
  mode: 'enforce',
  match: [],
  when: null,
  levels: [
    { level: 'notice', evidence: null, mode: 'enforce', actions: [], alert: ['ops'] },
    {
      level: 'step_up',
      evidence: null,
      mode: 'enforce',
      actions: [on({ action: 'step_up', grace: 5, means: ['proof_of_work'] })],
      alert: [],
    },
    {
      level: 'tarpit',
      evidence: null,
      mode: 'enforce',
      actions: [on({ action: 'tarpit', firstByteMs: [1, 2], perChunkMs: [1, 2] })],
      alert: [],
    },
    {
      level: 'squeeze',
      evidence: null,
      mode: 'enforce',
      actions: [on({ action: 'squeeze', factor: 0.1, requestsPerDay: 10 }, 'campaign')],
      alert: [],
    },
    { level: 'block', evidence: null, mode: 'enforce', actions: [on({ action: 'block' })], alert: ['ops'] },
  ],
  cooldownMs: DAY,
  hysteresis: 0.5,
  probation: { lastsMs: 7 * DAY, factor: 0.5 },
  longestMs: 30 * DAY,
}

interface Setup {
  readonly clock: VirtualClock
  readonly register: ActionRegister
  readonly acting: Acting
  readonly alerts: Alert[]
  readonly restarted: [string, number][]
  /** What the judge says of every account. */
  stand: Stand
  /** An exchange of an account, judged. */
  see(account?: string): Promise<void>
  reload(config: Partial<ActingConfig>): void
}

const stand = (evidence: number, more: Partial<Stand> = {}): Stand => ({
  level: 'notice',
  evidence,
  current: evidence,
  standing: { evidence, campaign: 'none', onlyAsks: false },
  families: 1,
  campaign: null,
  ...more,
})

function setup(given: Partial<Playbook> = {}, mode: Mode = 'enforce', heldBack = 0, records?: Records): Setup {
  const clock = createVirtualClock(Date.UTC(2026, 0, 5))
  const alerts: Alert[] = []
  const restarted: [string, number][] = []
  const response: ResponseConfig = {
    ...noResponse,
    playbooks: [{ ...playbook, ...given }],
    truth: { ...noResponse.truth, heldBack },
  }
  let made = 0
  const register = new ActionRegister({
    records: records ?? memoryRecords(),
    clock,
    nextId: () => `a${String(made++)}`,
    say: (_level, what) => assert.fail(what),
  })
  const options = {
    register,
    random: () => 0.5,
    isDemoted: (rule: string) => rule === 'default/never',
    alert: (_names: readonly string[], alert: Alert) => void alerts.push(alert),
    say: (what: string) => assert.fail(what),
  }
  const acting = new Acting({ mode, ladder, response }, options)
  const it: Setup = {
    clock,
    register,
    acting,
    alerts,
    restarted,
    stand: stand(1),
    async see(account = 'acme') {
      await clock.advance(1)
      acting.act(event(account, clock.now()), judge)
    },
    reload: (config) => acting.reload({ mode, ladder, response, ...config }, judge, clock.now()),
  }
  const judge = {
    standOf: () => it.stand,
    findingsOn: () => [],
    restart: (account: string, before: number) => void restarted.push([account, before]),
  }
  register.ended(({ action, why, atMs }) => acting.ended(action, why, judge, atMs))
  return it
}

function event(account: string, atMs: number): RequestEvent {
  const draft = startDraft('e', atMs, 'hash', 'POST /', null)
  draft.who = {
    keyId: `${account}-1`,
    tenant: account,
    account,
    profile: 'app',
    credential: 'key',
    user: null,
    trust: null,
  }
  draft.playbook = 'default'
  return finishDraft(draft, atMs)
}

const names = (actions: readonly AppliedAction[]): string[] => actions.map(({ spec }) => spec.action).toSorted()

test('evidence climbs the ladder, each level adds to those below, and operators are told where they want to be', async () => {
  const it = setup()
  it.stand = stand(150)
  await it.see()
  assert.deepEqual([names(it.register.list()), it.alerts.length], [[], 1])
  it.stand = stand(600)
  await it.see()
  assert.deepEqual(names(it.register.list()), ['step_up'])
  it.stand = stand(1500)
  await it.see()
  await it.see()
  assert.deepEqual(names(it.register.list()), ['step_up', 'tarpit'])
  const [asked] = it.register.list()
  assert.deepEqual([asked!.evidence, asked!.by.name, asked!.level], [600, 'default/step_up', 'step_up'])
})

test('what shows nothing new runs out from the top, a step-up stays until it is passed, and then there is probation', async () => {
  const it = setup({ longestMs: 10 * DAY })
  it.stand = stand(20_000)
  await it.see()
  it.stand = stand(20_000, { current: 1 })
  assert.deepEqual(names(it.register.list()), ['squeeze', 'step_up', 'tarpit'])
  await it.clock.advance(1.1 * DAY)
  assert.deepEqual(names(it.register.list()), ['step_up', 'tarpit'])
  await it.clock.advance(DAY)
  assert.deepEqual(names(it.register.list()), ['step_up'])
  assert.deepEqual(it.restarted[0], ['acme', 1], 'what comes after is judged anew')
  it.stand = stand(1)
  await it.clock.advance(8 * DAY)
  assert.deepEqual(names(it.register.list()), ['squeeze'])
  assert.equal(it.register.list()[0]!.by.name, 'default/probation')
  await it.clock.advance(7.1 * DAY)
  assert.deepEqual(it.register.list(), [])
})

test('new evidence prolongs what is in force, at most every quarter of a cooldown', async () => {
  const it = setup()
  it.stand = stand(1500)
  await it.see()
  const until = (): number => it.register.list().find(({ spec }) => spec.action === 'tarpit')!.untilMs
  const first = until()
  await it.clock.advance(HOUR)
  await it.see()
  assert.equal(until(), first)
  await it.clock.advance(6 * HOUR)
  await it.see()
  assert.ok(until() > first + 6 * HOUR)
  it.stand = stand(1500, { current: 400 })
  const second = until()
  await it.clock.advance(12 * HOUR)
  await it.see()
  assert.equal(until(), second, 'below half of the threshold it runs out')
})

test('who comes back to a level after it has run out stays there twice as long', async () => {
  const it = setup({ longestMs: 400 * DAY })
  it.stand = stand(1500)
  await it.see()
  const lasts = (): number => {
    const { atMs, untilMs } = it.register.list().find(({ spec }) => spec.action === 'tarpit')!
    return untilMs - atMs
  }
  assert.equal(lasts(), DAY)
  it.acting.passed('acme', 'proof_of_work', 1e9, { ...passing, standOf: () => it.stand }, it.clock.now())
  assert.deepEqual(it.register.list(), [])
  await it.see()
  assert.equal(lasts(), 2 * DAY)
})

const passing = { findingsOn: () => [], restart: () => {} }

test('an answer restores whoever is asked, and gains nothing against more evidence than it outweighs', async () => {
  const it = setup()
  const before: number[] = []
  const judge = { ...passing, standOf: () => it.stand, restart: (_: string, left: number) => void before.push(left) }
  it.stand = stand(1500)
  await it.see()
  assert.equal(it.acting.passed('acme', 'proof_of_work', 3, judge, it.clock.now()), true)
  assert.deepEqual(it.register.list(), [])
  await it.see()
  assert.equal(it.acting.passed('acme', 'proof_of_work', 1, judge, it.clock.now()), true)
  assert.deepEqual(before, [25, 100], 'of an answer that says nothing new more evidence stays')
  it.stand = stand(20_000)
  await it.see()
  assert.equal(it.acting.passed('acme', 'proof_of_work', 3, judge, it.clock.now()), false)
  assert.deepEqual(names(it.register.list()), ['squeeze', 'step_up', 'tarpit'])
  assert.equal(it.acting.passed('acme', 'attestation', 1000, judge, it.clock.now()), true)
  assert.deepEqual(it.register.list(), [])
  assert.equal(it.acting.passed('globex', 'attestation', 1000, judge, it.clock.now()), false)
})

test('members of a campaign share one action, and only those who are asked themselves are members', async () => {
  const it = setup()
  it.stand = stand(150, { campaign: 'c1' })
  await it.see('bystander')
  assert.equal(it.register.campaignOf('bystander'), null)
  it.stand = stand(20_000, { campaign: 'c1', standing: { evidence: 20_000, campaign: 'one family', onlyAsks: false } })
  await it.see('one')
  await it.see('two')
  const squeezes = it.register.list().filter(({ spec }) => spec.action === 'squeeze')
  assert.deepEqual(
    squeezes.map(({ subject }) => subject),
    [{ kind: 'campaign', value: 'c1' }],
  )
  assert.deepEqual([it.register.campaignOf('one'), it.register.campaignOf('two')], ['c1', 'c1'])
  assert.equal(it.register.campaignOf('bystander'), null)
})

test('in learning everything is noted and nothing is in force, and a reload makes it so', async () => {
  const it = setup({}, 'shadow')
  it.stand = stand(1500)
  await it.see()
  assert.deepEqual(
    it.register.list().map(({ mode }) => mode),
    ['shadow', 'shadow'],
  )
  it.reload({ mode: 'enforce' })
  assert.deepEqual(
    it.register.list().map(({ mode }) => mode),
    ['enforce', 'enforce'],
  )
  it.reload({ mode: 'off' })
  assert.deepEqual(it.register.list(), [])
})

test('a mode of shadow or off holds at every level, and the milder one wins', async () => {
  const [notice, stepUp, tarpit] = playbook.levels
  const it = setup({ levels: [notice!, { ...stepUp!, mode: 'shadow' }, { ...tarpit!, mode: 'off' }] })
  it.stand = stand(1500)
  await it.see()
  assert.deepEqual(
    it.register.list().map(({ spec, mode }) => [spec.action, mode]),
    [['step_up', 'shadow']],
  )
})

test('what was only noted leads to nothing that is met: probation is noted, too', async () => {
  const it = setup({ levels: [{ ...playbook.levels[1]!, mode: 'shadow' }], longestMs: 2 * DAY })
  it.stand = stand(600)
  await it.see()
  it.stand = stand(1)
  await it.clock.advance(2.1 * DAY)
  assert.deepEqual(
    it.register.list().map(({ by, mode }) => [by.name, mode]),
    [['default/probation', 'shadow']],
  )
})

test('a share of soft actions is held back, and a block never', async () => {
  const it = setup({}, 'enforce', 0.6)
  it.stand = stand(20_000, {
    families: 2,
    campaign: 'c1',
    standing: { evidence: 20_000, campaign: 'two families', onlyAsks: false },
  })
  await it.see()
  const held = it.register.list().filter(({ heldBack }) => heldBack)
  assert.deepEqual(names(held), ['step_up', 'tarpit'])
  assert.deepEqual(names(it.register.list()), ['block', 'squeeze', 'step_up', 'tarpit'])
})

test('what is held back is in force after some requests, and no account is spared twice', async () => {
  const it = setup({}, 'enforce', 0.6)
  it.stand = stand(600)
  for (let i = 0; i < 25; i++) {
    await it.see()
    assert.deepEqual([it.register.list().length, it.register.list()[0]!.heldBack], [1, true])
  }
  await it.see()
  assert.deepEqual([it.register.list().length, it.register.list()[0]!.heldBack], [1, false])
  it.stand = stand(1500)
  await it.see()
  assert.ok(it.register.list().every(({ heldBack }) => !heldBack))
})

test('an account alone is blocked only by two kinds of evidence and a step-up left unanswered for a day', async () => {
  const it = setup()
  it.stand = stand(20_000, { families: 2 })
  await it.see()
  assert.ok(!names(it.register.list()).includes('block'))
  await it.clock.advance(1.1 * DAY)
  await it.see()
  assert.ok(names(it.register.list()).includes('block'))
})

test('what was in force before a restart is taken up, and is neither doubled nor forgotten', async () => {
  const records = memoryRecords()
  const before = setup({}, 'enforce', 0, records)
  before.stand = stand(1500)
  await before.see()
  before.register.close()
  const after = setup({}, 'enforce', 0, records)
  assert.deepEqual(names(after.register.list()), ['step_up', 'tarpit'])
  after.stand = stand(1500)
  await after.see()
  assert.deepEqual(names(after.register.list()), ['step_up', 'tarpit'])
  assert.equal(after.acting.passed('acme', 'attestation', 1000, { ...passing, standOf: () => after.stand }, 0), true)
  assert.deepEqual(after.register.list(), [])
})

test('what an operator lifts stays lifted until there is new evidence', async () => {
  const it = setup()
  it.stand = stand(600)
  await it.see()
  it.register.end(it.register.list()[0]!.id, 'lifted', 'anna', it.clock.now())
  assert.deepEqual(it.restarted, [['acme', 1]])
  it.stand = stand(1)
  await it.see()
  assert.deepEqual(it.register.list(), [])
})
