import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LimitConfig } from '../../src/config/config.ts'
import { dimensions, type Dimension, type Resource } from '../../src/core/dimensions.ts'
import type { RequestEvent } from '../../src/core/event.ts'
import { deskEndpoints } from '../../src/desk.ts'
import { endpoints } from '../../src/dialects/index.ts'
import type { MemoryExchange } from '../../src/gateway/memory-exchange.ts'
import {
  ask,
  config,
  globsFor,
  lanes,
  limits,
  mostHeld,
  openWorld,
  otherThan,
  TRANSLATE,
  unitsOf,
  usual,
  type Lane,
  type Who,
  type World,
} from '../support/limit-lanes.ts'
import { shapesOf, type Shape } from '../support/sample-requests.ts'

/**
 * Finds the limit that an endpoint can slip past: every endpoint of the registry, streamed and not, against every
 * resource, kind of window and dimension, once counted by the dimension and once matched by it. A cell is a limit for
 * callers of its own (a lane), so that all kinds of limits are played at once and none may touch another's callers.
 */
const HOUR_MS = 3_600_000

/** Puts limits in force at the start of a window that nothing has been counted in. */
async function begin(h: World, quotas: readonly LimitConfig[]): Promise<void> {
  await h.clock.advance(2 * HOUR_MS - (h.clock.now() % HOUR_MS) + 1000)
  assert.ok(h.weir.reload({ ...config, quotas }).ok)
  h.events.length = 0
  h.said.length = 0
}

const ROUNDS = 7

/** Plays the usual request of every lane until its limit refuses, then what follows from that. */
async function play(
  h: World,
  shape: Shape,
  dimension: Dimension,
  how: 'per' | 'match',
  probe: RequestEvent,
): Promise<void> {
  await begin(
    h,
    limits.map(({ lane, limit }) => {
      const name = `${lane.id}-${how}-${dimension.replace('_', '-')}`
      if (how === 'per') return { ...limit, name, per: [dimension] }
      const matcher = { dimension, globs: globsFor(dimension, lane, shape, probe) }
      return { ...limit, name, per: ['global'], match: [...limit.match, matcher] }
    }),
  )
  const nameOf = (lane: Lane): string => `${lane.id}-${how}-${dimension.replace('_', '-')}`
  const who: Who = { key: 'a', headers: usual, model: 'vendor-model', text: TRANSLATE, shape }
  const sent = new Map<string, MemoryExchange[]>(lanes.map(({ id }) => [id, []]))
  const open = new Set<Lane>(lanes)
  for (let round = 0; round < ROUNDS && open.size > 0; round++) {
    const before = [...open].map((lane) => {
      // What counts at once is sent at once.
      const count = lane.resource === 'concurrent' ? 3 : 1
      const exchanges = Array.from({ length: count }, () => ask(h, lane, who))
      sent.get(lane.id)!.push(...exchanges)
      return { lane, last: exchanges.at(-1)! }
    })
    await h.clock.advance(20)
    for (const { lane, last } of before) if (last.status === 429) open.delete(lane)
  }
  const other = otherThan(who, dimension)
  const others = other === null ? null : lanes.map((lane) => ask(h, lane, other))
  await h.clock.advance(20)
  const spent = new Map(h.events.map((event) => [event.id, event]))
  await h.clock.advance(2 * HOUR_MS)
  const later = lanes.map((lane) => ask(h, lane, who))
  await h.clock.advance(20)

  for (const [i, lane] of lanes.entries()) {
    const { resource } = lane
    const name = nameOf(lane)
    const limit = limits[i]!.limit
    const units = unitsOf(shape, resource)
    const events = sent.get(lane.id)!.map(({ id }) => spent.get(id)!)
    const last = events.at(-1)!
    const said = `${name}: ${events.map(({ status }) => status).join(' ')}`
    const admitted = units === 0 && resource !== 'concurrent' ? events : events.slice(0, -1)
    for (const event of admitted) {
      assert.notEqual(event.outcome, 'refused', said)
      const expected = units === 0 ? [] : [{ limit: name, resource, units, debt: 0 }]
      assert.deepEqual(event.charges, expected, said)
    }
    const used = admitted.length * units
    if (resource === 'concurrent') assert.equal(events.length, 3, said)
    else if (units === 0) assert.equal(events.length, ROUNDS, `${said}: nothing is generated, so nothing is counted`)
    else {
      assert.ok(used <= limit.amount, `${said}: ${used} of ${limit.amount} used`)
      assert.ok(limit.amount - used < mostHeld[resource], `${said}: only ${used} of ${limit.amount} could be used`)
    }
    if (units > 0 || resource === 'concurrent') {
      assert.equal(last.status, 429, said)
      const { refusal } = last
      assert.ok(refusal?.kind === 'over_quota' && refusal.limit === name && refusal.resource === resource, said)
      assert.deepEqual(last.charges, [], said)
    }
    if (others !== null) {
      const event = spent.get(others[i]!.id)!
      assert.notEqual(event.status, 429, `${name}: another ${dimension} has a counter of its own, or none`)
      const theirs = unitsOf(other!.shape, resource)
      const counted = how === 'per' && theirs > 0 ? [{ limit: name, resource, units: theirs, debt: 0 }] : []
      assert.deepEqual(event.charges, counted, `${name}: another ${dimension}`)
    }
    assert.notEqual(later[i]!.status, 429, `${name}: the window has passed`)
  }
}

/** A request that no limit holds for: what a program is known by, and a vendor's numbers are learned from. */
async function probe(h: World, shape: Shape): Promise<RequestEvent> {
  await begin(h, [])
  const who: Who = { key: 'a', headers: usual, model: 'vendor-model', text: TRANSLATE, shape }
  // A few, so that a hold takes about what is used.
  for (let i = 0; i < 16; i++) {
    ask(h, lanes[0]!, who)
    ask(h, lanes[0]!, { ...who, model: 'other-model' })
    await h.clock.advance(20)
  }
  const [event] = h.events
  assert.equal(event!.outcome, 'ok', JSON.stringify(event))
  return event!
}

const shapes = [...endpoints, ...deskEndpoints].flatMap(shapesOf)

for (const shape of shapes) {
  test(`C6: every kind of limit counts ${shape.name} by every dimension, and each value apart`, async () => {
    const h = openWorld()
    const first = await probe(h, shape)
    for (const dimension of dimensions) await play(h, shape, dimension, 'per', first)
  })

  test(`C6: every kind of limit that matches ${shape.name} by a dimension holds, and leaves what it does not match`, async () => {
    const h = openWorld()
    const first = await probe(h, shape)
    for (const dimension of dimensions) {
      if (dimension !== 'global') await play(h, shape, dimension, 'match', first)
    }
  })
}

for (const shape of shapes.filter(({ stream }) => stream)) {
  test(`C6: every kind of limit on what is generated cuts ${shape.name} where it is used up`, async () => {
    const h = openWorld()
    const growing = limits.filter(({ limit }) => ['output_tokens', 'tokens', 'cost_usd'].includes(limit.resource))
    const amount = (resource: Resource): number => (resource === 'cost_usd' ? 1_000_000 : 500)
    await begin(
      h,
      growing.map(({ limit }) => ({ ...limit, amount: amount(limit.resource), burst: amount(limit.resource) })),
    )
    h.vendor.words = 5000
    const who: Who = { key: 'a', headers: usual, model: 'vendor-model', text: TRANSLATE, shape }
    for (const { lane } of growing) ask(h, lane, who)
    await h.clock.advance(100)
    assert.equal(h.events.length, growing.length)
    for (const event of h.events) {
      const { limit, resource, units, debt } = event.charges[0]!
      assert.deepEqual([event.outcome, event.cutBy, event.charges.length], ['cut', limit, 1])
      // Where each event tells what has been generated up to it, the one that is withheld was generated as well.
      const withheld = shape.endpoint.dialect.name === 'gemini' ? (resource === 'cost_usd' ? 2000 : 1) : 0
      assert.ok(debt <= withheld, `${limit}: a debt of ${debt}`)
      assert.ok(units - debt <= amount(resource as Resource), `${limit}: ${units} units`)
      assert.ok(units > amount(resource as Resource) * 0.9, `${limit}: ${units} units`)
      const { inputTokens, outputTokens } = event.usage
      const used = { output_tokens: outputTokens, tokens: inputTokens + outputTokens, cost_usd: event.cost.nanoUsd }
      assert.equal(units, used[resource as keyof typeof used], `${limit}: charged is what was used`)
    }
  })
}
