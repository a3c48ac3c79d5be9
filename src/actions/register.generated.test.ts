import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type ActionSpec, type AppliedAction, firmness, type Scope } from '../core/action.ts'
import type { Facts } from '../core/dimensions.ts'
import { globMatches } from '../core/glob.ts'
import { desk, facts, type Desk, type Given, given } from './testing.ts'

/** The register against a list that is searched from end to end. */
const MAX = 6

interface Known {
  readonly action: AppliedAction
  grace: number
}

const specs: readonly ActionSpec[] = [
  { action: 'throttle', requestsPerMinute: 6 },
  { action: 'step_up', grace: 2, means: ['proof_of_work'] },
  { action: 'step_up', grace: 5, means: ['purpose'] },
  { action: 'squeeze', factor: 0.5, requestsPerDay: null },
  { action: 'block' },
]

const isOwn = ({ by }: Given): boolean => by.kind === 'operator' || by.kind === 'containment'
const sameScope = (a: Scope, b: Scope): boolean => {
  const written = (scope: Scope): string =>
    scope
      .map(({ dimension, globs }) => `${dimension}:${globs.toSorted().join('|')}`)
      .toSorted()
      .join(';')
  return written(a) === written(b)
}
const sameSubject = (a: Given, b: Given): boolean =>
  a.subject.kind === b.subject.kind && (a.subject.kind === 'descriptor' || a.subject.value === b.subject.value)
const isSame = (a: Given, b: Given): boolean =>
  a.spec.action === b.spec.action &&
  sameSubject(a, b) &&
  a.by.kind === b.by.kind &&
  a.by.name === b.by.name &&
  sameScope(a.scope, b.scope)

const weight = ({ mode, heldBack, spec }: Given): number =>
  (mode === 'shadow' ? 0 : heldBack ? 100 : 200) + firmness.indexOf(spec.action)

class Model {
  known: Known[] = []

  sweep(nowMs: number): void {
    this.known = this.known.filter(({ action }) => action.untilMs > nowMs)
  }

  /** Whether there is room for it. */
  apply(wanted: Given): { readonly grace: number } | null {
    this.sweep(wanted.atMs)
    let grace = wanted.spec.action === 'step_up' ? wanted.spec.grace : 0
    const old = this.known.find(({ action }) => isSame(action, wanted))
    if (old !== undefined) {
      const given = old.action.spec.action === 'step_up' ? old.action.spec.grace : 0
      grace = Math.max(0, grace - (given - old.grace))
      this.known = this.known.filter((one) => one !== old)
    } else if (this.known.length >= MAX) {
      const [mildest] = this.known
        .filter(({ action }) => !isOwn(action) && (isOwn(wanted) || weight(action) < weight(wanted)))
        .sort((a, b) => weight(a.action) - weight(b.action))
      if (mildest === undefined) return null
      this.known = this.known.filter((one) => one !== mildest)
    }
    return { grace }
  }

  find(facts: Facts, nowMs: number): string[] {
    return this.known
      .filter(({ action }) => {
        const { subject, scope, untilMs } = action
        const fact = {
          key: facts.key,
          user: `${facts.tenant}/${facts.user}`,
          account: facts.tenant,
          ip_prefix: facts.ip_prefix,
          asn: facts.asn,
          fingerprint: facts.fingerprint,
          campaign: facts.campaign,
          descriptor: subject.value,
        }[subject.kind]
        return (
          untilMs > nowMs &&
          fact === subject.value &&
          scope.every(({ dimension, globs }) => globs.some((glob) => globMatches(glob, facts[dimension])))
        )
      })
      .map(({ action }) => action.id)
  }
}

const scope: fc.Arbitrary<Scope> = fc.constantFrom(
  [],
  [{ dimension: 'model', globs: ['gpt-*'] }],
  [{ dimension: 'model', globs: ['gpt-*', 'o1'] }],
  [{ dimension: 'model', globs: ['o1', 'gpt-*'] }],
  [
    { dimension: 'country', globs: ['XX'] },
    { dimension: 'model', globs: ['*'] },
  ],
)
const wanted: fc.Arbitrary<Partial<Given>> = fc
  .record({
    spec: fc.constantFrom(...specs),
    subject: fc.constantFrom(
      { kind: 'key', value: 'k1' } as const,
      { kind: 'account', value: 'acme' } as const,
      { kind: 'user', value: 'acme/anna' } as const,
      { kind: 'ip_prefix', value: '192.0.2.0/24' } as const,
      { kind: 'asn', value: 'AS64500' } as const,
      { kind: 'fingerprint', value: 'f1' } as const,
      { kind: 'campaign', value: 'c1' } as const,
      { kind: 'descriptor', value: 'some' } as const,
    ),
    scope,
    mode: fc.constantFrom('enforce', 'enforce', 'shadow' as const),
    heldBack: fc.constantFrom(false, false, true),
    by: fc.constantFrom(
      { kind: 'playbook', name: 'a' } as const,
      { kind: 'playbook', name: 'b' } as const,
      { kind: 'operator', name: 'a' } as const,
      { kind: 'containment', name: 'a' } as const,
    ),
    group: fc.constantFrom(null, null, 'g1', 'g2'),
  })
  .filter(({ subject, spec }) => {
    const isNetwork = subject.kind === 'ip_prefix' || subject.kind === 'asn'
    return !isNetwork || firmness.indexOf(spec.action) <= firmness.indexOf('step_up')
  })
  .filter(({ subject, scope }) => subject.kind !== 'descriptor' || scope.length > 0)

/** Shorter than a second, so that something is over before the register's own timer has ended it; or longer. */
const lasting = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 4000 }))

const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('apply' as const), wanted, lasting) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('end' as const), fc.nat(10)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('group' as const), fc.constantFrom('g1', 'g2')) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('grace' as const), fc.nat(10)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait' as const), lasting) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('restart' as const)) },
)

const seen: readonly Facts[] = [
  facts(),
  facts({ user: 'anna', model: 'gpt-4o', country: 'XX' }),
  facts({ key: 'k2', tenant: 'other', ip_prefix: '192.0.2.0/24', model: 'o1', campaign: 'c1' }),
  facts({ key: 'k3', tenant: 'third', asn: 'AS64500', fingerprint: 'f1', model: 'gpt-4o' }),
]

test('the register finds what a list would find, after whatever was applied, ended, expired, displaced and restarted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now: Desk = desk({ maxActions: MAX })
      const model = new Model()
      for (const [what, ...with_] of steps) {
        if (what === 'apply') {
          const [over, lastsMs] = with_ as [Partial<Given>, number]
          const full = given({ ...over, atMs: now.nowMs, untilMs: now.nowMs + lastsMs })
          const room = model.apply(full)
          const applied = now.register.apply(full)
          assert.equal(applied.ok, room !== null)
          if (applied.ok && room !== null) model.known.push({ action: applied.value, grace: room.grace })
        } else if (what === 'end') {
          const one = model.known[with_[0] as number]
          if (one !== undefined) {
            assert.equal(now.register.end(one.action.id, 'lifted', 'anna', now.nowMs)?.id, one.action.id)
            model.known = model.known.filter((other) => other !== one)
          }
        } else if (what === 'group') {
          const ended = now.register.endGroup(with_[0] as string, 'rolled back', 'anna', now.nowMs)
          const gone = model.known.filter(({ action }) => action.group === with_[0])
          // What has expired may be ended by either.
          const ids = new Set(gone.map(({ action }) => action.id))
          for (const { id, untilMs } of ended) assert.ok(ids.has(id) || untilMs <= now.nowMs)
          model.known = model.known.filter(({ action }) => action.group !== with_[0])
        } else if (what === 'grace') {
          const one = model.known[with_[0] as number]
          if (one !== undefined) assert.equal(now.register.takeGrace(one.action.id), one.grace-- > 0)
          if (one !== undefined && one.grace < 0) one.grace = 0
        } else if (what === 'wait') {
          now.advance(with_[0] as number)
          model.sweep(now.nowMs)
        } else {
          now.register.close()
          now = now.restart()
        }
        for (const one of seen) {
          const found = now.register.find(one, now.nowMs).map(({ id }) => id)
          assert.deepEqual(found.toSorted(), model.find(one, now.nowMs).toSorted())
        }
        const known = model.known.map(({ action }) => action.id)
        assert.deepEqual(
          now.register
            .list()
            // Its own timer ends what is over a second late.
            .filter(({ untilMs }) => untilMs > now.nowMs)
            .map(({ id }) => id)
            .toSorted(),
          known.toSorted(),
        )
        assert.equal(
          now.register.stats.inForce.reduce((sum, { count }) => sum + count, 0),
          now.register.list().length,
        )
      }
    }),
    { numRuns: 1000 },
  )
})
