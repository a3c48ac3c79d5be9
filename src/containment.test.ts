import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryRecords } from './core/records.ts'
import { createVirtualClock, type VirtualClock } from './lab/virtual-clock.ts'
import { ActionRegister } from './actions/register.ts'
import { facts } from './actions/testing.ts'
import { type Containment, ContainmentDesk, type Order } from './containment.ts'

const upstreams = new Map([
  ['main', { dialects: ['openai'] }],
  ['spare', { dialects: ['openai', 'anthropic'] }],
  ['third', { dialects: ['openai', 'anthropic'] }],
] as const)

interface Set {
  readonly register: ActionRegister
  readonly desk: ContainmentDesk
  readonly clock: VirtualClock
  readonly said: string[]
  readonly upstreams: Map<string, { readonly dialects: readonly ('openai' | 'anthropic')[] }>
  contain(over: Partial<Order> & { lastsMs?: number }): Containment
  refused(over: Partial<Order>): string
}

function start(records = memoryRecords(), startMs = 1_000_000): Set {
  const clock = createVirtualClock(startMs)
  const said: string[] = []
  const say = (_level: string, what: string): void => void said.push(what)
  let made = 0
  const nextId = (): string => `${startMs}_${++made}`
  const known = new Map(upstreams)
  const register = new ActionRegister({ records, clock, nextId, say })
  const desk = new ContainmentDesk({ register, records, clock, nextId, upstreams: () => known, say })
  const order = (over: Partial<Order>, lastsMs = 3_600_000): Order => ({
    procedure: 'isolate-model',
    args: ['gpt-4o*'],
    by: 'anna',
    reason: 'case 7',
    atMs: clock.now(),
    untilMs: clock.now() + lastsMs,
    ...over,
  })
  return {
    register,
    desk,
    clock,
    said,
    upstreams: known,
    contain({ lastsMs, ...over }) {
      const done = desk.contain(order(over, lastsMs))
      assert.ok(done.ok, done.ok ? '' : done.error)
      return done.value
    },
    refused(over) {
      const done = desk.contain(order(over))
      assert.ok(!done.ok, 'is refused')
      return done.error
    },
  }
}

test('a model, an endpoint, a route or whatever fits is switched off, and comes back with one rollback', () => {
  for (const [procedure, args, hit, miss] of [
    ['isolate-model', ['gpt-4o*'], { model: 'gpt-4o-mini' }, { model: 'o1' }],
    ['isolate-route', ['chat*'], { endpoint: 'chat.completions' }, { endpoint: 'embeddings' }],
    ['isolate-route', ['*/v1/embeddings'], { route: 'POST /v1/embeddings' }, { route: 'POST /v1/chat/completions' }],
    ['switch-off', ['model=gpt-*|o1,country=XX'], { model: 'o1', country: 'XX' }, { model: 'o1', country: 'YY' }],
  ] as const) {
    const { register, desk, clock, contain } = start()
    const { group } = contain({ procedure, args })
    const [action] = register.find(facts(hit), clock.now())
    assert.deepEqual(
      [action?.spec.action, action?.subject.kind, action?.by.kind, action?.group],
      ['block', 'descriptor', 'containment', group],
    )
    assert.deepEqual(register.find(facts(miss), clock.now()), [])
    assert.equal(desk.rollback(group, 'bert', 'over', clock.now())?.ended, 1)
    assert.deepEqual([register.list(), desk.list(clock.now())], [[], []])
    assert.equal(desk.rollback(group, 'bert', 'over', clock.now()), null)
  }
})

test('keys, or a whole campaign, are put out of use together', () => {
  const { register, desk, clock, contain } = start()
  const { group } = contain({ procedure: 'quarantine-keys', args: ['k1', 'jwt:sso:ab', 'campaign:c7'] })
  assert.deepEqual(
    register.list().map(({ spec, subject }) => [spec.action, subject.kind, subject.value]),
    [
      ['quarantine', 'key', 'k1'],
      ['quarantine', 'key', 'jwt:sso:ab'],
      ['quarantine', 'campaign', 'c7'],
    ],
  )
  assert.equal(desk.rollback(group, 'bert', 'over', clock.now())?.ended, 3)
})

test('two procedures that meet in one subject are rolled back apart', () => {
  const { register, desk, clock, contain } = start()
  const first = contain({ procedure: 'quarantine-keys', args: ['k1', 'k2'] })
  contain({ procedure: 'quarantine-keys', args: ['k1'] })
  desk.rollback(first.group, 'bert', 'over', clock.now())
  assert.deepEqual(
    register.list().map(({ subject }) => subject.value),
    ['k1'],
  )
})

test('a procedure is done as a whole or not at all', () => {
  const { register, desk, clock, refused } = start()
  assert.match(refused({ procedure: 'quarantine-keys', args: ['k1', 'k2', '-'] }), /nobody/)
  assert.deepEqual([register.list(), desk.list(clock.now())], [[], []])
  for (const [procedure, args] of [
    ['isolate-model', []],
    ['isolate-model', ['']],
    ['isolate-model', ['a', 'b']],
    ['isolate-route', []],
    ['switch-off', []],
    ['switch-off', ['modle=x']],
    ['switch-off', ['asn=AS64500']],
    ['quarantine-keys', []],
    ['quarantine-keys', Array.from({ length: 101 }, (_, i) => `k${i}`)],
    ['reroute', ['main']],
    ['reroute', ['main', 'spare', 'third']],
    ['reroute', ['main', 'nowhere']],
    ['reroute', ['nowhere', 'main']],
    ['reroute', ['main', 'main']],
    ['reroute', ['spare', 'main']],
  ] as const) {
    assert.ok(refused({ procedure, args }).length > 0, procedure)
  }
})

test('an upstream stands in for another one, for its time, through others, and never in a circle', async () => {
  const { desk, clock, contain, refused, upstreams } = start()
  assert.equal(desk.rerouted('main'), null)
  const first = contain({ procedure: 'reroute', args: ['main', 'spare'], lastsMs: 60_000 })
  assert.deepEqual([desk.rerouted('main'), desk.rerouted('spare')], ['spare', null])
  assert.match(refused({ procedure: 'reroute', args: ['main', 'third'] }), /rerouted to spare already/)
  contain({ procedure: 'reroute', args: ['spare', 'third'], lastsMs: 90_000 })
  assert.equal(desk.rerouted('main'), 'third')
  assert.match(refused({ procedure: 'reroute', args: ['third', 'spare'] }), /leads back/)
  upstreams.delete('third')
  assert.equal(desk.rerouted('main'), 'spare', 'a reload has taken it away')
  await clock.advance(60_001)
  assert.equal(desk.rerouted('main'), null)
  assert.equal(desk.rollback(first.group, 'anna', 'late', clock.now()), null)
  contain({ procedure: 'reroute', args: ['main', 'spare'] })
  await clock.advance(90_000)
  assert.equal(desk.rerouted('main'), 'spare')
})

test('what is contained outlives a restart, and what cannot be read is said', () => {
  const records = memoryRecords()
  const first = start(records)
  const { group } = first.contain({ procedure: 'quarantine-keys', args: ['k1', 'k2'] })
  first.contain({ procedure: 'reroute', args: ['main', 'spare'] })
  first.contain({ args: ['o1'], lastsMs: 1000 })
  assert.equal(first.desk.flush(), null)
  records.put('containment', 'x', '{"group":"x"}')
  const next = start(records, 1_060_000)
  assert.deepEqual(next.said, ['containments_unreadable'])
  assert.deepEqual(
    next.desk.list(next.clock.now()).map(({ procedure, args }) => `${procedure} ${args.join(' ')}`),
    ['reroute main spare', 'quarantine-keys k1 k2'],
  )
  assert.equal(next.desk.rerouted('main'), 'spare')
  assert.equal(next.desk.rollback(group, 'bert', 'over', next.clock.now())?.ended, 2)
  next.contain({})
  next.desk.flush()
  const kept = records.all('containment').map(({ value }) => (JSON.parse(value) as Partial<Containment>).procedure)
  assert.deepEqual(new Set(kept), new Set(['isolate-model', 'reroute', undefined]), 'what is over is forgotten')
})
