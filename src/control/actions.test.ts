import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness, type Harness } from '../../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../../test/support/scripted-upstream.ts'
import type { RecordEntry } from '../core/record-log.ts'
import { memoryRecords, type Records } from '../core/records.ts'
import { controlApp } from './app.ts'
import { createMetrics } from './metrics.ts'

const TOKEN = 'control-token'
const PATH = '/api/v1/actions'

interface Set extends Harness {
  readonly entries: RecordEntry[]
  ask(path: string, method?: string, body?: unknown): Promise<{ status: number; value: Row; total: string | null }>
  scrape(): Promise<string>
}
type Row = Record<string, unknown> & { readonly error?: string; readonly id: string }

function start(records: Records = memoryRecords()): Set {
  const entries: RecordEntry[] = []
  const log = {
    append: (entry: RecordEntry) => void entries.push(entry),
    appendDurably: () => Promise.resolve(),
    settled: () => Promise.resolve(),
    isWriting: true,
  }
  const metrics = createMetrics()
  const made = harness(configOf(''), (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)), { records, log })
  metrics.watch(made.weir)
  const app = controlApp({ weir: made.weir, metrics, log: null, token: TOKEN, reload: () => null, configProblem: null })
  const request = async (path: string, init: RequestInit): Promise<Response> =>
    app.request(path, { ...init, headers: { authorization: `Bearer ${TOKEN}` } })
  return {
    ...made,
    entries,
    async ask(path, method = 'GET', body) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await request(path, { method, ...sent })
      return { status: answer.status, value: (await answer.json()) as Row, total: answer.headers.get('x-total-count') }
    },
    scrape: async () => (await request('/metrics', {})).text(),
  }
}

const plain = { action: 'block', subject: 'key:k1', reason: 'case 7', by: 'anna', for: '1d' }

test('an action is applied by hand, listed with everything behind it, and lifted with a name and a reason', async () => {
  const { ask, weir, clock, entries } = start()
  const { status, value } = await ask(PATH, 'POST', {
    ...plain,
    action: 'throttle',
    settings: { requests_per_minute: 6 },
    match: { model: ['gpt-4o*', 'o1'] },
  })
  assert.equal(status, 200)
  const row = {
    id: value.id,
    action: 'throttle',
    settings: { requests_per_minute: 6 },
    subject: 'key:k1',
    match: { model: ['gpt-4o*', 'o1'] },
    mode: 'enforce',
    held_back: false,
    by: { kind: 'operator', name: 'anna' },
    reason: 'case 7',
    level: null,
    evidence: null,
    findings: [],
    campaign: null,
    group: null,
    grace_left: null,
    at: '2026-01-05T12:00:00.000Z',
    until: '2026-01-06T12:00:00.000Z',
  }
  assert.deepEqual(value, row)
  assert.match(value.id, /^act_/)
  assert.deepEqual((await ask(PATH)).value, [row])
  assert.deepEqual((await ask(`${PATH}/${value.id}`)).value, row)
  const nowMs = clock.now()
  weir.actions.apply({
    spec: { action: 'step_up', grace: 20, means: ['proof_of_work'] },
    subject: { kind: 'account', value: 'acme' },
    scope: [],
    mode: 'enforce',
    heldBack: true,
    by: { kind: 'playbook', name: 'default/step_up' },
    reason: 'evidence of 812',
    level: 'step_up',
    evidence: 812,
    findings: ['one template in 40 prompts'],
    campaign: 'c7',
    group: null,
    atMs: nowMs,
    untilMs: nowMs + 3_600_000,
  })
  const all = await ask(PATH)
  const [newest] = all.value as unknown as readonly Row[]
  assert.deepEqual(
    [newest?.['level'], newest?.['evidence'], newest?.['findings'], newest?.['campaign'], newest?.['held_back']],
    ['step_up', 812, ['one template in 40 prompts'], 'c7', true],
  )
  assert.equal(newest?.['grace_left'], 20)
  for (const [query, count] of [
    ['subject=key:k1', 1],
    ['subject=key:k2', 0],
    ['kind=account', 1],
    ['action=throttle', 1],
    ['action=throttle&kind=account', 0],
  ] as const) {
    assert.equal(((await ask(`${PATH}?${query}`)).value as unknown as Row[]).length, count, query)
  }
  const limited = await ask(`${PATH}?limit=1`)
  assert.deepEqual([(limited.value as unknown as Row[]).length, limited.total], [1, '2'])
  for (const query of ['limit=0', 'kind=tenant', 'action=allow', 'subject=acme', 'kind=toString']) {
    assert.equal((await ask(`${PATH}?${query}`)).status, 400, query)
  }
  const lifted = await ask(`${PATH}/${value.id}`, 'DELETE', { by: 'bert', reason: 'a mistake' })
  assert.deepEqual([lifted.status, lifted.value], [200, { lifted: row }])
  assert.equal((await ask(`${PATH}/${value.id}`)).status, 404)
  assert.equal((await ask(`${PATH}/${value.id}`, 'DELETE', { by: 'bert', reason: 'again' })).status, 404)
  assert.deepEqual(
    entries.map(({ type, what }) => [type, 'by' in what ? what.by : null]),
    [
      ['action_applied', 'control'],
      ['action_applied', 'weir'],
      ['action_ended', 'control'],
    ],
  )
})

test('every action has its settings, with those of a playbook where nothing is said', async () => {
  const { ask } = start()
  for (const [action, settings, shown] of [
    ['throttle', { requests_per_minute: 0.5 }, { requests_per_minute: 0.5 }],
    ['tarpit', {}, { first_byte: ['2000ms', '8000ms'], per_chunk: ['50ms', '400ms'] }],
    ['tarpit', { first_byte: ['1s', '2s'] }, { first_byte: ['1000ms', '2000ms'], per_chunk: ['50ms', '400ms'] }],
    ['restrict', { max_tokens: 64 }, { max_tokens: 64, model: null }],
    ['squeeze', { factor: 0.1 }, { factor: 0.1, requests_per_day: null }],
    ['step_up', { means: 'purpose' }, { grace: 20, means: ['purpose'] }],
    ['decoy', { upstream: 'main' }, { upstream: 'main' }],
    ['cooldown', {}, {}],
    ['quarantine', {}, {}],
    ['block', {}, {}],
  ] as const) {
    const { status, value } = await ask(PATH, 'POST', { ...plain, action, settings })
    assert.deepEqual([status, value['settings']], [200, shown], `${action} ${value.error}`)
    // What is shown can be sent again.
    const again = await ask(PATH, 'POST', { ...plain, action, settings: value['settings'] })
    assert.deepEqual(again.value['settings'], shown, action)
  }
})

test('what makes no sense is refused with its reason, and nothing is in force', async () => {
  const { ask } = start()
  for (const [over, status] of [
    [{ reason: undefined }, 400],
    [{ reason: '  ' }, 400],
    [{ by: undefined }, 400],
    [{ by: 'x'.repeat(101) }, 400],
    [{ for: undefined }, 400],
    [{ until: '2027-01-01T00:00:00Z' }, 400],
    [{ for: undefined, until: '2026-01-05T12:00:00Z' }, 400],
    [{ for: undefined, until: 'tomorrow' }, 400],
    [{ for: '0s' }, 400],
    [{ for: '400d' }, 400],
    [{ for: 'for ever' }, 400],
    [{ action: 'allow' }, 400],
    [{ action: 'alert' }, 400],
    [{ action: 'throttle' }, 400],
    [{ action: 'squeeze', settings: {} }, 400],
    [{ action: 'tarpit', settings: { first_byte: ['8s', '2s'] } }, 400],
    [{ action: 'tarpit', settings: { first_byte: ['1s', '1h'] } }, 400],
    [{ action: 'block', settings: { hard: true } }, 400],
    [{ subject: undefined }, 400],
    [{ subject: 'acme' }, 400],
    [{ subject: 'tenant:acme' }, 400],
    [{ subject: 'descriptor:x' }, 400],
    [{ subject: 'match:' }, 400],
    [{ subject: 'match:modle=x' }, 400],
    [{ subject: 'match:model=' }, 400],
    [{ subject: 'match:model=a,model=b' }, 400],
    [{ subject: 'match:global=*' }, 400],
    [{ subject: 'match:model=a', match: 'country=XX' }, 400],
    [{ match: { modle: 'x' } }, 400],
    [{ subject: 'ip_prefix:192.0.2.0/25', action: 'step_up' }, 400],
    [{ subject: 'asn:x', action: 'step_up' }, 400],
    [{ subject: 'ip_prefix:192.0.2.7' }, 422],
    [{ subject: 'asn:64500' }, 422],
    [{ subject: 'match:asn=AS64500' }, 422],
    [{ subject: 'key:-' }, 422],
    [{ subject: 'user:anna' }, 422],
    [{ action: 'decoy', settings: { upstream: 'nowhere' } }, 422],
    [{ held_back: true }, 400],
  ] as const) {
    const answer = await ask(PATH, 'POST', { ...plain, ...over })
    assert.equal(answer.status, status, `${JSON.stringify(over)} ${JSON.stringify(answer.value)}`)
    assert.ok(answer.value.error!.length > 0)
  }
  for (const body of [undefined, null, [], 'block']) assert.equal((await ask(PATH, 'POST', body)).status, 400)
  assert.deepEqual((await ask(PATH)).value, [])
})

test('a subject is known by what requests say of it, however it is written', async () => {
  const { ask } = start()
  for (const [subject, shown] of [
    ['ip_prefix:192.0.2.77', 'ip_prefix:192.0.2.0/24'],
    ['ip_prefix:192.0.2.0/24', 'ip_prefix:192.0.2.0/24'],
    ['ip_prefix:2001:DB8::7', 'ip_prefix:2001:db8::/64'],
    ['ip_prefix:2001:db8::/64', 'ip_prefix:2001:db8::/64'],
    ['asn:AS064500', 'asn:AS64500'],
    ['asn:64500', 'asn:AS64500'],
    ['user:acme/anna/b', 'user:acme/anna/b'],
    ['match:model=gpt-4o*|o1,country=XX', 'match:model=gpt-4o*|o1,country=XX'],
  ] as const) {
    const body = { ...plain, action: 'step_up', subject }
    assert.equal((await ask(PATH, 'POST', body)).value['subject'], shown)
    assert.equal(((await ask(`${PATH}?subject=${subject}`)).value as unknown as Row[]).length, 1, subject)
  }
  const alone = await ask(PATH, 'POST', { ...plain, subject: undefined, match: { country: 'XX' } })
  assert.equal(alone.value['subject'], 'match:country=XX')
})

test('a lift can be asked for by a client that sends no body with a DELETE', async () => {
  const { ask } = start()
  const { value } = await ask(PATH, 'POST', plain)
  assert.equal((await ask(`${PATH}/${value.id}`, 'DELETE')).status, 400)
  assert.equal((await ask(`${PATH}/${value.id}?by=anna&reason=over`, 'DELETE')).status, 200)
})

test('who is told that it is done knows whether a restart would forget it', async () => {
  const kept = memoryRecords()
  let isBroken = true
  const { ask, weir } = start({
    ...kept,
    write(changes) {
      if (isBroken) throw new Error('disk full')
      kept.write(changes)
    },
  })
  const { status, value } = await ask(PATH, 'POST', plain)
  assert.deepEqual([status, weir.actions.list().length], [503, 1])
  assert.match(value.error!, /^Done, but not on the disk, and a restart would forget it: disk full/)
  isBroken = false
  assert.equal((await ask(PATH, 'POST', plain)).status, 200)
  assert.equal(kept.all('action').length, 1, 'before it is acknowledged')
})

test('a restart finds it in force, and it expires by itself on the clock', async () => {
  const records = memoryRecords()
  const first = start(records)
  await first.ask(PATH, 'POST', plain)
  await first.weir.close()
  const second = start(records)
  const [row] = (await second.ask(PATH)).value as unknown as Row[]
  assert.equal(row?.['reason'], 'case 7')
  await second.clock.advance(86_400_000 - 1)
  assert.equal(second.weir.actions.list().length, 1)
  await second.clock.advance(1001)
  assert.deepEqual([second.weir.actions.list().length, second.entries.map(({ type }) => type)], [0, ['action_ended']])
  await second.weir.close()
  assert.deepEqual(records.all('action'), [])
})

test('metrics count what is in force, what came and what ended, in labels of fixed lists', async () => {
  const { ask, scrape } = start()
  const { value } = await ask(PATH, 'POST', plain)
  await ask(PATH, 'POST', { ...plain, subject: 'account:acme', mode: 'shadow' })
  await ask('/api/v1/contain', 'POST', { procedure: 'isolate-model', args: ['o1'], by: 'a', reason: 'b', for: '1h' })
  await ask(`${PATH}/${value.id}`, 'DELETE', { by: 'anna', reason: 'over' })
  const text = await scrape()
  for (const line of [
    'weir_actions_in_force{action="block",mode="enforce"} 1',
    'weir_actions_in_force{action="block",mode="shadow"} 1',
    'weir_actions_in_force{action="throttle",mode="held_back"} 0',
    'weir_actions_applied_total{action="block",by="operator"} 2',
    'weir_actions_applied_total{action="block",by="containment"} 1',
    'weir_actions_ended_total{why="lifted"} 1',
    'weir_actions_displaced_total 0',
  ]) {
    assert.ok(text.includes(`${line}\n`), line)
  }
  assert.equal(text.includes('acme'), false)
})
