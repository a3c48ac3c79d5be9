import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ActionSpec, ActionSubject, AppliedAction } from './core/action.ts'
import type { RequestEvent } from './core/event.ts'
import { createRandom } from './lab/random.ts'
import { as, chatOf, enforcedWorld, type EnforcedWorld } from '../test/support/enforced-world.ts'
import { on } from '../test/support/in-force.ts'

const QUOTAS = `
quotas:
  - { name: key-rpm, per: [key], requests: 5, window: 1m }
  - { name: tokens, per: [tenant], tokens: 3000, window: 1h, kind: sliding }`

const spec: fc.Arbitrary<ActionSpec> = fc.constantFrom<ActionSpec>(
  { action: 'throttle', requestsPerMinute: 2 },
  { action: 'tarpit', firstByteMs: [10, 20], perChunkMs: [1, 2] },
  { action: 'restrict', maxTokens: 5, model: 'small-1' },
  { action: 'squeeze', factor: 0.4, requestsPerDay: 3 },
  { action: 'squeeze', factor: 0.6, requestsPerDay: null },
  { action: 'step_up', grace: 1, means: ['purpose'] },
  { action: 'decoy', upstream: 'decoys' },
  { action: 'cooldown' },
  { action: 'quarantine' },
  { action: 'block' },
)
/** All of them are about the caller `k1`. */
const own = fc.constantFrom(
  on('account', 'acme'),
  on('key', 'k1'),
  on('user', 'acme/u1'),
  on('campaign', 'c1'),
  on('ip_prefix', '127.0.0.0/24'),
  on('descriptor', 'd'),
)
/** None of them is, though some look like it. */
const foreign = fc.constantFrom(
  on('account', 'k1'),
  on('account', 'key:k1'),
  on('account', 'ACME'),
  on('account', 'u1'),
  on('key', 'acme'),
  on('key', 'k2'),
  on('user', 'key:k2/u1'),
  on('user', 'acme/'),
  on('user', 'u1'),
  on('campaign', 'c2'),
  on('campaign', '-'),
  on('ip_prefix', '127.0.1.0/24'),
  on('asn', 'AS1'),
  on('fingerprint', 'u1'),
)

interface Written {
  readonly spec: ActionSpec
  readonly subject: ActionSubject
  readonly over: Partial<AppliedAction>
}
const written = (
  subject: fc.Arbitrary<ActionSubject>,
  over: fc.Arbitrary<Partial<AppliedAction>>,
): fc.Arbitrary<readonly Written[]> => fc.array(fc.record({ spec, subject, over }), { maxLength: 4 })

const body = fc.record(
  {
    n: fc.integer({ min: 1, max: 3 }),
    stream: fc.boolean(),
    logprobs: fc.boolean(),
    user: fc.constantFrom('u1', 'u2', '-', 'acme/u1'),
    max_tokens: fc.integer({ min: 1, max: 50 }),
    model: fc.constantFrom('big-1', 'small-1', 'nobody'),
  },
  { requiredKeys: [] },
)
const requests = fc.array(body, { minLength: 1, maxLength: 5 })

interface Run {
  readonly answers: readonly (readonly [status: number, headers: object, body: string])[]
  readonly events: readonly RequestEvent[]
  readonly sent: EnforcedWorld['sent']
}

/** The same ids and times in each run, so that answers can be compared whole. */
async function run(bodies: readonly object[], ...lists: readonly (readonly Written[])[]): Promise<Run> {
  const h = enforcedWorld(QUOTAS)
  h.actions.campaigns.set('acme', 'c1')
  for (const { spec, subject, over } of lists.flat()) h.actions.apply(spec, subject, over)
  const answers: Run['answers'][number][] = []
  for (const one of bodies) {
    const { exchange } = await h.ask(one)
    answers.push([exchange.status, exchange.headers, exchange.received.toString()])
    await h.clock.advance(3000)
  }
  assert.equal(h.events.length, bodies.length, 'exactly one event each')
  return { answers, events: h.events, sent: h.sent }
}

const until = { untilMs: Date.UTC(2026, 0, 6) }

test('what is in shadow mode changes no byte of any answer, nor what goes up, nor what is enforced', async () => {
  const shadow = fc.constantFrom<Partial<AppliedAction>>({ ...until, mode: 'shadow' }, { ...until, heldBack: true })
  let noted = 0
  await fc.assert(
    fc.asyncProperty(
      requests,
      written(own, fc.constant({ ...until, id: 'enforced' })),
      written(own, shadow),
      async (bodies, enforced, inShadow) => {
        const plain = await run(bodies, enforced.slice(0, 1))
        const both = await run(bodies, enforced.slice(0, 1), inShadow)
        assert.deepEqual(both.answers, plain.answers)
        assert.deepEqual(both.sent, plain.sent)
        for (const [i, event] of both.events.entries()) {
          const { action, actions, charges } = plain.events[i]!
          assert.deepEqual([event.action, event.actions, event.charges], [action, actions, charges])
          noted += event.shadowActions.length
        }
      },
    ),
    { numRuns: 20 },
  )
  assert.ok(noted > 20, 'they were met')
})

test('framing: what stands against somebody else never meets this caller, whatever it calls itself', async () => {
  await fc.assert(
    fc.asyncProperty(requests, written(foreign, fc.constant(until)), async (bodies, others) => {
      const plain = await run(bodies)
      const framed = await run(bodies, others)
      assert.deepEqual(framed.answers, plain.answers)
      assert.deepEqual(framed.sent, plain.sent)
      for (const { action, actions, shadowActions } of framed.events) {
        assert.deepEqual([action, actions, shadowActions], ['allow', [], []])
      }
    }),
    { numRuns: 20 },
  )
})

test('what is enforced on the caller is enforced: the same lists do change answers', async () => {
  let changed = 0
  await fc.assert(
    fc.asyncProperty(requests, written(own, fc.constant(until)), async (bodies, enforced) => {
      const { events } = await run(bodies, enforced)
      changed += events.filter(({ action }) => action !== 'allow').length
    }),
    { numRuns: 20 },
  )
  assert.ok(changed > 20)
})

test('a squeezed campaign under a storm never has more than its budget, nothing is left held, and each request is one event', async () => {
  for (let seed = 1; seed <= 3; seed++) {
    const h = enforcedWorld(`
quotas:
  - { name: tpm, per: [key], tokens: 4000, window: 1m, kind: calendar }
  - { name: rpm, per: [tenant], requests: 400, window: 1h, kind: sliding }
  - { name: inflight, per: [key], concurrent: 20 }`)
    h.actions.campaigns.set('acme', 'c1').set('key:k2', 'c1')
    const random = createRandom(`storm ${seed}`)
    const { id } = h.actions.apply({ action: 'squeeze', factor: 0.25, requestsPerDay: 60 }, on('campaign', 'c1'))
    h.actions.apply({ action: 'throttle', requestsPerMinute: 20 }, on('campaign', 'c1'))
    for (let i = 0; i < 300; i++) {
      void h.clock.after(random.below(4 * 60_000), () => {
        const key = (['k1', 'k2', 'k3'] as const)[random.below(3)]!
        const exchange = h.send({ ...as(key), body: chatOf({ stream: random.below(2) === 0, n: 1 + random.below(2) }) })
        if (random.below(5) === 0) void h.clock.after(random.below(15), () => exchange.leave())
      })
    }
    await h.clock.advance(5 * 60_000)
    assert.equal(h.events.length, 300)
    const perMinute = new Map<number, number>()
    let answered = 0
    for (const { atMs, charges, actions } of h.events) {
      assert.ok(actions.includes(id))
      answered += charges.some(({ limit }) => limit === 'squeeze/campaign') ? 1 : 0
      const of = charges.find(({ limit }) => limit === 'squeeze/campaign/tpm')
      const minute = Math.floor(atMs / 60_000)
      if (of !== undefined) perMinute.set(minute, (perMinute.get(minute) ?? 0) + of.units - of.debt)
    }
    for (const [minute, units] of perMinute) assert.ok(units <= 1000, `seed ${seed}, minute ${minute}: ${units} tokens`)
    assert.ok(answered > 20 && answered <= 60, `${answered} requests`)
    // Whatever was held was given back: the whole of the next window is there.
    h.actions.lift(id)
    const next = h.actions.apply({ action: 'squeeze', factor: 0.25, requestsPerDay: null }, on('campaign', 'c1'))
    await h.clock.advance(60_000)
    let more = 0
    while ((await h.ask({}, as('k2'))).status === 200 && more < 40) more++
    assert.ok(more >= 3, `seed ${seed}: ${more} after`)
    h.actions.lift(next.id)
  }
})
