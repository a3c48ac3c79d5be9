import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ActionSpec, AppliedAction } from '../core/action.ts'
import { systemClock } from '../core/clock.ts'
import { memoryRecords, type Records } from '../core/records.ts'
import { openSqlite } from '../store/sqlite.ts'
import { type Ended } from './register.ts'
import { desk, facts, given, type Desk, type Given } from './testing.ts'

const applied = ({ register }: Desk, over: Partial<Given> = {}): AppliedAction => {
  const done = register.apply(given(over))
  assert.ok(done.ok, done.ok ? '' : done.error)
  return done.value
}
const refused = ({ register }: Desk, over: Partial<Given>): string => {
  const done = register.apply(given(over))
  assert.ok(!done.ok, 'is refused')
  return done.error
}
const stepUp: ActionSpec = { action: 'step_up', grace: 3, means: ['proof_of_work'] }

test('where nothing fits a request it gets the same empty list each time', () => {
  const one = desk()
  const empty = one.register.find(facts(), 0)
  applied(one)
  assert.equal(one.register.find(facts({ tenant: 'other' }), 0), empty)
  assert.equal(one.register.find(facts(), 2_000_000), empty, 'over')
  assert.ok(Object.isFrozen(empty))
})

test('an address prefix or an ASN meets a step-up at most, also as the only part of a kill switch', () => {
  const one = desk()
  const subjects = [
    { kind: 'ip_prefix', value: '192.0.2.0/24' },
    { kind: 'ip_prefix', value: '2001:db8::/64' },
    { kind: 'asn', value: 'AS64500' },
  ] as const
  for (const subject of subjects) {
    for (const action of ['block', 'quarantine', 'cooldown'] as const) {
      assert.match(refused(one, { subject, spec: { action } }), /firmer than step_up/)
    }
    assert.match(refused(one, { subject, spec: { action: 'decoy', upstream: 'd' } }), /firmer/)
    assert.match(refused(one, { subject, spec: { action: 'squeeze', factor: 0.1, requestsPerDay: null } }), /firmer/)
    applied(one, { subject, spec: stepUp })
  }
  const subject = { kind: 'descriptor', value: 'x' } as const
  for (const scope of [
    [{ dimension: 'asn', globs: ['AS64500'] }],
    [{ dimension: 'ip', globs: ['192.0.2.*'] }],
    [
      { dimension: 'ip_prefix', globs: ['192.0.2.0/24'] },
      { dimension: 'model', globs: ['*'] },
    ],
  ] as const) {
    assert.match(refused(one, { subject, scope }), /firmer than step_up/)
    applied(one, { subject, scope, spec: stepUp })
  }
  const scope = [
    { dimension: 'asn', globs: ['AS64500'] },
    { dimension: 'model', globs: ['gpt-*'] },
  ] as const
  applied(one, { subject, scope })
})

test('what is no subject, or would never end, is refused', () => {
  const one = desk()
  for (const subject of [
    { kind: 'key', value: '' },
    { kind: 'key', value: '-' },
    { kind: 'ip_prefix', value: 'unknown' },
    { kind: 'ip_prefix', value: '192.0.2.0/25' },
    { kind: 'ip_prefix', value: '192.0.2.1' },
    { kind: 'asn', value: '64500' },
    { kind: 'asn', value: '-' },
    { kind: 'user', value: 'anna' },
    { kind: 'user', value: '/anna' },
    { kind: 'user', value: 'acme/' },
    { kind: 'user', value: 'acme/-' },
    { kind: 'descriptor', value: 'everything' },
    { kind: 'account', value: 'x'.repeat(1025) },
  ] as const) {
    refused(one, { subject, spec: stepUp })
  }
  refused(one, { untilMs: 1_000_000 })
  refused(one, { untilMs: Infinity })
  refused(one, { untilMs: NaN })
  refused(one, { by: { kind: 'operator', name: '' } })
  refused(one, { scope: [{ dimension: 'model', globs: [] }] })
  assert.deepEqual(one.register.list(), [])
})

test('grace is counted down, saved within a second, and given anew neither by a restart nor by being asked again', () => {
  let one = desk()
  const { id } = applied(one, { spec: stepUp })
  assert.equal(one.register.takeGrace(id), true)
  one.advance(1500)
  assert.equal(one.register.takeGrace(id), true)
  // Killed: what was taken in the last second is forgotten, and no more.
  one = one.restart()
  assert.equal(one.register.graceLeft(id), 2)
  const again = applied(one, { spec: { ...stepUp, grace: 4 }, atMs: one.nowMs })
  assert.equal(one.register.graceLeft(again.id), 3)
  for (let i = 0; i < 3; i++) assert.equal(one.register.takeGrace(again.id), true)
  for (let i = 0; i < 10; i++) assert.equal(one.register.takeGrace(again.id), false)
  assert.equal(one.register.takeGrace(id), false, 'replaced')
  one.register.close()
  one = one.restart()
  const third = applied(one, { spec: stepUp, atMs: one.nowMs })
  assert.equal(one.register.takeGrace(third.id), false)
  assert.equal(one.register.takeGrace(applied(one).id), false, 'a block gives none')
  assert.equal(one.register.takeGrace('nobody'), false)
})

test('it expires by itself and says so, and its clock sets no timer where nothing is in force', () => {
  const one = desk()
  const ended: Ended[] = []
  one.register.ended((end) => ended.push(end))
  assert.equal(one.timers, 0)
  const far = applied(one, { spec: { action: 'cooldown' }, untilMs: 1_000_000 + 40 * 86_400_000 })
  const near = applied(one, { untilMs: 1_000_000 + 60_000 })
  one.advance(59_000)
  assert.equal(ended.length, 0)
  one.advance(2000)
  assert.deepEqual(
    ended.map(({ action, why, by }) => [action.id, why, by]),
    [[near.id, 'expired', 'weir']],
  )
  one.advance(39 * 86_400_000)
  assert.equal(one.register.list().length, 1)
  one.advance(2 * 86_400_000)
  assert.deepEqual([ended.length, ended[1]?.action.id, one.timers], [2, far.id, 0])
})

test('a scope is the same in whatever order it is written, and another scope is another action', () => {
  const one = desk()
  const model = { dimension: 'model', globs: ['a', 'b'] } as const
  const country = { dimension: 'country', globs: ['XX'] } as const
  applied(one, { scope: [model, country] })
  applied(one, { scope: [country, { dimension: 'model', globs: ['b', 'a'] }] })
  assert.equal(one.register.list().length, 1)
  applied(one, { scope: [country] })
  applied(one, { scope: [country, { dimension: 'model', globs: ['a'] }] })
  applied(one, { scope: [] })
  assert.equal(one.register.list().length, 4)
})

test('listeners hear of each action and each end, and one that throws keeps nobody from anything', () => {
  const one = desk()
  const heard: string[] = []
  one.register.changed(() => {
    throw new Error('bad listener')
  })
  one.register.changed(({ spec }) => heard.push(`+${spec.action}`))
  one.register.ended(({ action, why, by, reason }) => heard.push(`-${action.spec.action} ${why} ${by} ${reason}`))
  const first = applied(one)
  const second = applied(one)
  one.register.end(second.id, 'lifted', 'anna', one.nowMs, 'a mistake')
  assert.equal(one.register.end(second.id, 'lifted', 'anna', one.nowMs), null)
  assert.equal(one.register.end(first.id, 'lifted', 'anna', one.nowMs), null)
  assert.deepEqual(heard, ['+block', '-block replaced weir null', '+block', '-block lifted anna a mistake'])
  assert.deepEqual(one.said, ['action_listener_failed', 'action_listener_failed'])
})

test('under a flood the mild gives way to the firm, never the other way, and what was done by hand stays', () => {
  const one = desk({ maxActions: 50 })
  const by = { kind: 'operator', name: 'anna' } as const
  const mine = applied(one, { spec: { action: 'throttle', requestsPerMinute: 1 }, by })
  const hard = applied(one, { subject: { kind: 'account', value: 'thief' } })
  for (let i = 0; i < 1000; i++) {
    const subject = { kind: 'account', value: `thrown-away-${i}` } as const
    one.register.apply(given({ subject, spec: { action: 'throttle', requestsPerMinute: 1 } }))
  }
  assert.equal(one.register.list().length, 50)
  assert.equal(one.register.stats.keptOut, 1000 - 48)
  for (let i = 0; i < 1000; i++) {
    const subject = { kind: 'account', value: `thrown-away-${i}` } as const
    one.register.apply(given({ subject, spec: { action: 'block' } }))
  }
  const { displaced, keptOut } = one.register.stats
  assert.equal(displaced, 48)
  // Of accounts that had a throttle, it and the block are two actions.
  assert.equal(keptOut, 952 + 1000 - 48)
  assert.ok(one.register.get(mine.id) !== null && one.register.get(hard.id) !== null)
  const more = applied(one, { by, subject: { kind: 'key', value: 'k9' }, spec: { action: 'cooldown' } })
  assert.deepEqual([one.register.list().length, one.register.get(more.id)?.id], [50, more.id])
  for (let i = 0; i < 100; i++) one.register.apply(given({ by, subject: { kind: 'key', value: `k${i}` } }))
  assert.match(refused(one, { by, subject: { kind: 'key', value: 'last' } }), /50 actions in force already/)
})

test('one subject carries a hundred actions at most, and there are a hundred kill switches at most', () => {
  const one = desk()
  const scope = (i: number) => [{ dimension: 'model', globs: [`m${i}`] }] as const
  for (let i = 0; i < 100; i++) applied(one, { subject: { kind: 'descriptor', value: `m${i}` }, scope: scope(i) })
  for (let i = 0; i < 100; i++) applied(one, { scope: scope(i) })
  assert.match(refused(one, { subject: { kind: 'descriptor', value: 'm' }, scope: scope(100) }), /100 kill switches/)
  assert.match(refused(one, { scope: scope(100) }), /100 actions on this subject/)
  assert.equal(one.register.find(facts({ model: 'm7' }), one.nowMs).length, 2)
})

test('records that cannot be read are left alone and said, and the others are in force', () => {
  const records = memoryRecords()
  const one = desk({}, records)
  const { id } = applied(one)
  one.register.flush()
  const [row] = records.all('action')
  records.put('action', 'torn', row!.value.slice(0, 40))
  records.put('action', 'newer', row!.value.replace('"v":1', '"v":2'))
  records.put('action', 'other', row!.value.replace('"block"', '"banish"'))
  const next = one.restart()
  assert.deepEqual(
    [next.register.list().map((action) => action.id), next.register.stats.unreadable, next.said],
    [[id], 3, ['actions_unreadable']],
  )
  assert.equal(records.all('action').length, 4)
})

test('while the disk refuses, actions are in force all the same, and are written when it takes them again', () => {
  const kept = memoryRecords()
  let isBroken = true
  const records: Records = {
    ...kept,
    write(changes) {
      if (isBroken) throw new Error('disk full')
      kept.write(changes)
    },
  }
  const one = desk({}, records)
  const { id } = applied(one)
  assert.match(one.register.flush() ?? '', /disk full/)
  one.advance(2000)
  assert.ok(one.said.includes('actions_not_saved'))
  assert.equal(one.register.find(facts(), one.nowMs)[0]?.id, id)
  isBroken = false
  one.advance(10_000)
  assert.equal(kept.all('action').length, 1)
})

test('members of campaigns are known after a restart, and past the bound those go whose campaign meets nothing', () => {
  let one = desk({ maxMembers: 20 })
  applied(one, { subject: { kind: 'campaign', value: 'c1' }, untilMs: 9_000_000 })
  for (let i = 0; i < 20; i++) one.register.setCampaign(`a${i}`, i < 10 ? 'c1' : 'c2')
  one.register.setCampaign('a19', null)
  one.register.close()
  one = one.restart()
  assert.deepEqual([one.register.campaignOf('a3'), one.register.campaignOf('a19')], ['c1', null])
  for (let i = 0; i < 100; i++) one.register.setCampaign(`b${i}`, 'c1')
  for (let i = 0; i < 10; i++) assert.equal(one.register.campaignOf(`a${i}`), 'c1', 'nobody is pushed out')
  for (let i = 11; i < 19; i++) assert.equal(one.register.campaignOf(`a${i}`), null)
  assert.ok(one.register.stats.membersLeftOut > 0)
  one.register.close()
  assert.equal(one.records.all('campaign_member').length, 20)
  const { campaign } = facts({ campaign: one.register.campaignOf('a3')! })
  assert.equal(one.register.find(facts({ tenant: 'a3', campaign }), one.nowMs).length, 1)
})

test('ten thousand actions go to SQLite in steps that hold nobody up, and come back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-'))
  try {
    const opened = openSqlite(join(folder, 'weir.db'), systemClock)
    assert.ok(opened.ok)
    const store = opened.value
    const steps: number[] = []
    const records: Records = {
      ...store.records,
      write(changes) {
        steps.push(changes.length)
        store.records.write(changes)
      },
    }
    let one = desk({}, records)
    for (let i = 0; i < 10_000; i++) applied(one, { subject: { kind: 'account', value: `a${i}` } })
    assert.deepEqual(steps, [])
    one.advance(1000)
    assert.deepEqual([steps.length, Math.max(...steps)], [40, 250])
    one = one.restart()
    assert.equal(one.register.list().length, 10_000)
    assert.equal(one.register.find(facts({ tenant: 'a9999' }), one.nowMs).length, 1)
    store.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
