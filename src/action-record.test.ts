import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fact, Facts, RecordEntry, RecordLog } from './core/record-log.ts'
import { desk, given } from './actions/testing.ts'
import { recordActions, recordContainment } from './action-record.ts'
import { ContainmentDesk } from './containment.ts'

function recorded() {
  const entries: RecordEntry[] = []
  const log: RecordLog = {
    append: (entry) => void entries.push(entry),
    appendDurably: () => Promise.resolve(),
    settled: () => Promise.resolve(),
    isWriting: true,
  }
  const one = desk()
  recordActions(one.register, log, 'command')
  return { ...one, entries, log }
}

/** What somebody who has no salts can read. */
function open(value: Fact): unknown {
  if (Array.isArray(value)) return (value as readonly Fact[]).map(open)
  if (typeof value !== 'object' || value === null) return value
  const facts = value as Facts
  if (typeof facts['sealed'] === 'string') return `<${facts['sealed']}>`
  return Object.fromEntries(Object.entries(facts).map(([name, inner]) => [name, open(inner)]))
}

test('an action of a rule is on record with its evidence; whom it is about and what was found is sealed', () => {
  const { register, entries } = recorded()
  const done = register.apply(
    given({
      spec: { action: 'squeeze', factor: 0.5, requestsPerDay: 100 },
      subject: { kind: 'user', value: 'acme/ada@example.com' },
      scope: [
        { dimension: 'model', globs: ['gpt-4o*'] },
        { dimension: 'ip', globs: ['192.0.2.7', '192.0.2.8'] },
      ],
      heldBack: true,
      reason: 'acme asks like a dispatcher',
      level: 'squeeze',
      evidence: 12_000,
      findings: ['acme', 'ada'],
      campaign: 'c7',
    }),
  )
  assert.ok(done.ok)
  assert.deepEqual(open(entries[0] as unknown as Facts), {
    type: 'action_applied',
    what: {
      id: done.value.id,
      action: 'squeeze',
      level: 'squeeze',
      subject: '<user>',
      evidence: 12_000,
      campaign: 'c7',
      until: 2_000_000,
      by: 'weir',
      because: {
        account: '<account>',
        by: 'playbook',
        findings: '<text>',
        mode: 'held back',
        name: 'default/block',
        reason: '<text>',
        scope: [
          { dimension: 'model', globs: ['gpt-4o*'] },
          { dimension: 'ip', globs: ['<ip>', '<ip>'] },
        ],
        settings: { factor: 0.5, requestsPerDay: 100 },
      },
    },
  })
  const [applied] = entries
  assert.ok(applied?.type === 'action_applied')
  assert.equal(applied.what.subject.value, 'ada@example.com', 'as events seal it, so that erasing a user covers both')
})

test('who ended an action and why is on record: a person by name, a rule, a customer, or time', () => {
  const { register, entries } = recorded()
  const ends = [
    ['lifted', 'anna', 'a mistake', 'command'],
    ['rolled back', 'anna', 'over', 'command'],
    ['passed', 'acme', null, 'customer'],
    ['expired', 'weir', null, 'weir'],
    ['demoted', 'truth', null, 'weir'],
  ] as const
  for (const [why, by, reason] of ends) {
    const done = register.apply(given())
    assert.ok(done.ok)
    register.end(done.value.id, why, by, 1_000_000, reason)
  }
  const ended = entries.flatMap((entry) => (entry.type === 'action_ended' ? [entry.what] : []))
  assert.deepEqual(
    ended.map(({ why, by }) => [why, by]),
    ends.map(([why, , , by]) => [why, by]),
  )
  assert.deepEqual(open(ended[0]!.because), { name: '<text>', reason: '<text>' })
  assert.deepEqual(open(ended[2]!.because), { name: '<text>' })
  assert.deepEqual(open(ended[3]!.because), {})
})

test('a procedure is one administrative act beside its actions, and so is its rollback', () => {
  const { register, records, entries, log } = recorded()
  const containment = new ContainmentDesk({
    register,
    records,
    clock: { now: () => 1_000_000, after: () => () => {} },
    nextId: () => 'cont_1',
    upstreams: () => new Map(),
    say: () => {},
  })
  recordContainment(containment, log, 'control')
  const signed = { by: 'anna', reason: 'case 7', atMs: 1_000_000, untilMs: 2_000_000 }
  assert.ok(containment.contain({ procedure: 'quarantine-keys', args: ['k1', 'k2'], ...signed }).ok)
  containment.rollback('cont_1', 'bert', 'over', 1_000_001)
  assert.deepEqual(
    entries.map((entry) => (entry.type === 'admin' ? entry.what.act : entry.type)),
    ['action_applied', 'action_applied', 'contained', 'action_ended', 'action_ended', 'containment_rolled_back'],
  )
  const text = JSON.stringify(entries.map((entry) => open(entry as unknown as Facts)))
  for (const name of ['k1', 'anna', 'bert', 'case 7', 'over']) assert.equal(text.includes(name), false, name)
  const [, , contained] = entries
  assert.ok(contained?.type === 'admin')
  assert.deepEqual([contained.what.detail['group'], contained.what.detail['actions']], ['cont_1', 2])
})
