import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { firmness, type ActionSpec, type AppliedAction, type InForceName, type Scope } from '../core/action.ts'
import { appliedOf, on } from '../../test/support/in-force.ts'
import { effectOf, noEffect } from './effect.ts'
import { lowTrust } from './restrict.ts'

const NOW = 1_000_000
const specs: { readonly [Name in InForceName]: Extract<ActionSpec, { action: Name }> } = {
  throttle: { action: 'throttle', requestsPerMinute: 6 },
  tarpit: { action: 'tarpit', firstByteMs: [100, 200], perChunkMs: [5, 10] },
  restrict: { action: 'restrict', maxTokens: 256, model: 'small' },
  squeeze: { action: 'squeeze', factor: 0.1, requestsPerDay: 50 },
  step_up: { action: 'step_up', grace: 3, means: ['proof_of_work'] },
  decoy: { action: 'decoy', upstream: 'decoys' },
  cooldown: { action: 'cooldown' },
  quarantine: { action: 'quarantine' },
  block: { action: 'block' },
}
const acme = on('account', 'acme')
const until = { untilMs: NOW + 5000 }
const one = (name: InForceName, over: Partial<AppliedAction> = {}): AppliedAction =>
  appliedOf(`id-${name}`, specs[name], over.subject ?? acme, { ...until, ...over })

test('where nothing is found there is one effect, the same each time', () => {
  assert.equal(effectOf([], NOW), noEffect)
})

test('each action makes of a request what it says', () => {
  const effects = {
    throttle: { throttles: [{ subject: acme, requestsPerMinute: 6, tell: null }] },
    tarpit: { tarpit: { firstByteMs: [100, 200], perChunkMs: [5, 10] } },
    restrict: { restrict: { maxTokens: 256, model: 'small' } },
    squeeze: { squeezes: [{ subject: acme, factor: 0.1, requestsPerDay: 50 }] },
    step_up: { stepUp: ['id-step_up'], restrict: lowTrust, action: 'allow', actions: [] },
    decoy: { decoy: 'decoys' },
    cooldown: { refusal: { kind: 'cooling_down', retryAfterMs: 5000 } },
    quarantine: { refusal: { kind: 'quarantined' } },
    block: { refusal: { kind: 'blocked' } },
  }
  for (const name of firmness) {
    const met = { action: name, actions: [`id-${name}`] }
    assert.deepEqual(effectOf([one(name)], NOW), { ...noEffect, ...met, ...effects[name] }, name)
  }
})

test('a kill switch says that something is off, and a block of the caller goes before it', () => {
  const off = one('block', { id: 'off', subject: on('descriptor', 'all') })
  assert.deepEqual(effectOf([off], NOW).refusal, { kind: 'switched_off' })
  assert.deepEqual(effectOf([one('block'), off], NOW).refusal, { kind: 'blocked' })
})

test('what is in shadow or held back is noted, and changes nothing', () => {
  for (const over of [{ mode: 'shadow' }, { heldBack: true }] as const) {
    const all = firmness.map((name) => one(name, over))
    const shadowActions = all.map(({ id }) => id).toSorted()
    assert.deepEqual(effectOf(all, NOW), { ...noEffect, shadowActions })
  }
})

test('of several actions the slowest, strictest and tightest are met, and every id is named', () => {
  const effect = effectOf(
    [
      one('throttle', { id: 'a', spec: { ...specs.throttle, requestsPerMinute: 2 } }),
      one('throttle', { id: 'b', spec: { ...specs.throttle, tell: 'The same request came 40 times.' } }),
      one('throttle', { id: 'c', subject: on('campaign', 'c1') }),
      one('tarpit', { id: 'd' }),
      one('tarpit', { id: 'e', spec: { action: 'tarpit', firstByteMs: [50, 900], perChunkMs: [6, 7] } }),
      one('restrict', { id: 'f', spec: { action: 'restrict', maxTokens: null, model: null } }),
      one('restrict', { id: 'g', spec: { action: 'restrict', maxTokens: 64, model: null } }),
      one('restrict', { id: 'h' }),
      one('squeeze', { id: 'i', spec: { action: 'squeeze', factor: 0.5, requestsPerDay: null } }),
      one('squeeze', { id: 'j' }),
      one('cooldown', { id: 'k' }),
      one('cooldown', { id: 'l', untilMs: NOW + 9000 }),
    ],
    NOW,
  )
  assert.deepEqual(effect, {
    refusal: { kind: 'cooling_down', retryAfterMs: 9000 },
    throttles: [
      { subject: acme, requestsPerMinute: 2, tell: 'The same request came 40 times.' },
      { subject: on('campaign', 'c1'), requestsPerMinute: 6, tell: null },
    ],
    tarpit: { firstByteMs: [100, 900], perChunkMs: [6, 10] },
    restrict: { maxTokens: 64, model: 'small' },
    squeezes: [{ subject: acme, factor: 0.1, requestsPerDay: 50 }],
    decoy: null,
    stepUp: [],
    action: 'cooldown',
    actions: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'],
    shadowActions: [],
  })
})

const scopes: Readonly<Record<string, Scope>> = {
  'where from': [{ dimension: 'ip_prefix', globs: ['10.0.0.0/24'] }],
  'where from, and any key': [
    { dimension: 'asn', globs: ['AS1'] },
    { dimension: 'key', globs: ['x', '*'] },
  ],
  'a country': [{ dimension: 'country', globs: ['XX'] }],
}

test('a network alone meets a step-up at most, whatever was written and however', () => {
  const networks = [
    { subject: on('ip_prefix', '10.0.0.0/24') },
    { subject: on('asn', 'AS1') },
    ...Object.values(scopes).map((scope) => ({ subject: on('descriptor', 'd'), scope })),
  ]
  for (const name of firmness) {
    for (const over of networks) {
      const effect = effectOf([one(name, over)], NOW)
      const milder = firmness.indexOf(name) < firmness.indexOf('step_up')
      const { refusal, decoy, squeezes } = effect
      assert.deepEqual([refusal, decoy, squeezes], [null, null, []], name)
      assert.deepEqual(effect.stepUp, milder ? [] : [`id-${name}`], name)
    }
  }
})

test('a kill switch that says more than where from, or nothing at all, is one', () => {
  const subject = on('descriptor', 'd')
  const more: Scope = [...scopes['where from']!, { dimension: 'model', globs: ['gpt-*'] }]
  for (const scope of [[], more, [{ dimension: 'key', globs: ['*'] }] as const]) {
    assert.deepEqual(effectOf([one('block', { subject, scope })], NOW).refusal, { kind: 'switched_off' })
  }
})

const subject = fc.constantFrom(acme, on('campaign', 'c1'), on('key', 'k1'), on('asn', 'AS1'), on('descriptor', 'd'))
const range = fc.tuple(fc.nat(50), fc.nat(50)).map(([a, b]) => [a, a + b] as const)
const spec: fc.Arbitrary<ActionSpec> = fc.oneof(
  fc.record({ action: fc.constant('throttle' as const), requestsPerMinute: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ action: fc.constant('tarpit' as const), firstByteMs: range, perChunkMs: range }),
  fc.record({
    action: fc.constant('restrict' as const),
    maxTokens: fc.option(fc.integer({ min: 1, max: 9 })),
    model: fc.option(fc.constantFrom('m1', 'm2')),
  }),
  fc.record({
    action: fc.constant('squeeze' as const),
    factor: fc.constantFrom(0.1, 0.5),
    requestsPerDay: fc.option(fc.integer({ min: 1, max: 9 })),
  }),
  fc.constantFrom<ActionSpec>(...Object.values(specs)),
)
const applied = fc
  .uniqueArray(
    fc.record({
      id: fc.nat(99).map((n) => `a${n}`),
      spec,
      subject,
      atMs: fc.nat(3),
      mode: fc.constantFrom('enforce' as const, 'shadow' as const),
      heldBack: fc.boolean(),
    }),
    { selector: ({ id }) => id, maxLength: 8 },
  )
  .map((all) => all.map(({ id, spec, subject, ...over }) => appliedOf(id, spec, subject, { ...until, ...over })))

test('it does not matter in which order actions are found', () => {
  fc.assert(
    fc.property(
      applied.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => assert.deepEqual(effectOf(all, NOW), effectOf(shuffled, NOW)),
    ),
  )
})

test('an action more never makes an effect milder', () => {
  const rank = (name: string): number => firmness.indexOf(name as InForceName)
  const least = (value: number | null | undefined): number => value ?? Infinity
  fc.assert(
    fc.property(applied, applied, (some, more) => {
      const known = new Set(some.map(({ id }) => id))
      const before = effectOf(some, NOW)
      const after = effectOf([...some, ...more.filter(({ id }) => !known.has(id))], NOW)
      assert.ok(rank(after.action) >= rank(before.action))
      assert.ok(before.refusal === null || after.refusal !== null)
      assert.ok(least(after.restrict?.maxTokens) <= least(before.restrict?.maxTokens))
      for (const { subject, requestsPerMinute } of before.throttles) {
        const now = after.throttles.find((one) => one.subject.value === subject.value)!
        assert.ok(now.requestsPerMinute <= requestsPerMinute)
      }
      for (const { subject, factor, requestsPerDay } of before.squeezes) {
        const now = after.squeezes.find((one) => one.subject.value === subject.value)!
        assert.ok(now.factor <= factor && least(now.requestsPerDay) <= least(requestsPerDay))
      }
    }),
  )
})
