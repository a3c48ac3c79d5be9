import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionRegister } from './actions/register.ts'
import { Asks, type AsksOptions } from './asks.ts'
import type { ActionSpec, ActionSubject } from './core/action.ts'
import { noFacts, type Facts } from './core/dimensions.ts'
import { memoryRecords } from './core/records.ts'
import { createVirtualClock, type VirtualClock } from './lab/virtual-clock.ts'

const NETWORK: ActionSubject = { kind: 'ip_prefix', value: '192.0.2.0/24' }
const asking: ActionSpec = { action: 'step_up', grace: 2, means: ['proof_of_work'] }
const DAY = 86_400_000

interface Setup {
  readonly clock: VirtualClock
  readonly register: ActionRegister
  readonly asks: Asks
  apply(spec: ActionSpec, subject: ActionSubject, mode?: 'enforce' | 'shadow'): string
}

function setup(options: Partial<AsksOptions> = {}): Setup {
  const clock = createVirtualClock(1_000_000)
  let made = 0
  const register = new ActionRegister({
    records: memoryRecords(),
    clock,
    nextId: () => `a${String(made++)}`,
    say: (_level, what) => assert.fail(what),
  })
  const none = { takeRequest: () => false, hasGrant: () => false, now: () => clock.now() }
  const asks = new Asks({ register, ...none, ...options })
  return {
    clock,
    register,
    asks,
    apply(spec, subject, mode = 'enforce') {
      const done = register.apply({
        spec,
        subject,
        scope: [],
        mode,
        heldBack: false,
        by: { kind: 'operator', name: 'anna' },
        reason: 'a test',
        level: null,
        evidence: null,
        findings: [],
        campaign: null,
        group: null,
        atMs: clock.now(),
        untilMs: clock.now() + 30 * DAY,
      })
      assert.ok(done.ok)
      return done.value.id
    },
  }
}

const from = (account: string): Facts => ({ ...noFacts, tenant: account, ip_prefix: NETWORK.value, model: 'm' })

test('what is asked of a network is asked of each account behind it, and whoever has answered is let through for a day', async () => {
  const { asks, apply, clock } = setup()
  const id = apply(asking, NETWORK)
  assert.equal(asks.askedOf('acme', clock.now()), null, 'nobody knows yet that it is behind that network')
  assert.equal(asks.find(from('acme'), clock.now()).length, 1)
  assert.deepEqual(asks.askedOf('acme', clock.now())?.means, ['proof_of_work'])
  asks.answered('acme', clock.now())
  assert.deepEqual(asks.find(from('acme'), clock.now()), [])
  assert.equal(asks.askedOf('acme', clock.now()), null)
  assert.equal(asks.find(from('globex'), clock.now())[0]!.id, id)
  await clock.advance(1.1 * DAY)
  assert.equal(asks.find(from('acme'), clock.now()).length, 1)
})

test("grace of a shared action is each account's own, and nobody uses up what is another's", () => {
  const { asks, apply } = setup()
  const id = apply(asking, NETWORK)
  for (let i = 0; i < 10; i++) assert.equal(asks.takeGrace(id, 'greedy'), i < 2)
  assert.equal(asks.takeGrace(id, 'acme'), true)
  const own = apply(asking, { kind: 'account', value: 'acme' })
  for (let i = 0; i < 10; i++) assert.equal(asks.takeGrace(own, 'acme'), i < 2)
  assert.equal(asks.takeGrace('nothing', 'acme'), false)
})

test('a declared purpose opens requests after grace is used up', () => {
  let left = 3
  const { asks, apply } = setup({ takeRequest: (account) => account === 'acme' && left-- > 0 })
  const id = apply(asking, { kind: 'account', value: 'acme' })
  assert.equal(Array.from({ length: 10 }, () => asks.takeGrace(id, 'acme')).filter(Boolean).length, 5)
})

test('a grant lets its holder use its models whatever else is in force, but what is switched off is off', () => {
  const { asks, apply, clock } = setup({ hasGrant: (account, model) => account === 'acme' && model === 'm' })
  apply({ action: 'block' }, { kind: 'account', value: 'acme' })
  assert.deepEqual(asks.find(from('acme'), clock.now()), [])
  assert.equal(asks.find({ ...from('acme'), model: 'other' }, clock.now()).length, 1)
})

test('what is in shadow asks nobody', () => {
  const { asks, apply, clock } = setup()
  apply(asking, { kind: 'account', value: 'acme' }, 'shadow')
  assert.equal(asks.askedOf('acme', clock.now()), null)
})
