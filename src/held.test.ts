import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { configOf, dataOf, harness, type Harness } from '../test/support/harness.ts'
import { inForce } from '../test/support/always-in-force.ts'
import { scriptedUpstream, streamSteps, wholeSteps, type ScriptedUpstream } from '../test/support/scripted-upstream.ts'
import type { ActionSpec } from './core/action.ts'
import { createRandom } from './lab/random.ts'
import type { World } from './compose.ts'

const QUOTAS = `
  - { name: tpm, per: [key], tokens: 100000, window: 1m, kind: sliding }
  - { name: rpm, per: [key], requests: 1000, window: 1m, kind: sliding }
  - { name: inflight, per: [key], concurrent: 3 }`

const slow: ActionSpec = { action: 'tarpit', firstByteMs: [5000, 9000], perChunkMs: [100, 300] }

interface Pit extends Harness {
  readonly upstream: ScriptedUpstream
}

function pit(spec: ActionSpec = slow, more = '', world: Partial<World> = {}, maxHeld = 1000): Pit {
  let upstream: ScriptedUpstream | null = null
  const config = configOf(QUOTAS, more)
  const bounded = { ...config, response: { ...config.response, tarpit: { maxHeld, maxHeldBytes: 1_000_000 } } }
  const h = harness(
    bounded,
    (clock) =>
      (upstream = scriptedUpstream(clock, (request) =>
        Buffer.from(request.body!).includes('"stream":true') ? streamSteps(20, 9, 1) : wholeSteps(5, 9, 10),
      )),
    { actions: inForce(spec), ...world },
  )
  return { ...h, upstream: upstream! }
}

const quotas = (h: Harness): Record<string, [used: number, held: number]> =>
  Object.fromEntries(h.weir.quotasOf('k1')!.map(({ name, used, held }) => [name, [used, held]]))

test('the upstream is not asked before the wait is over, and quota is held meanwhile', async () => {
  const h = pit()
  const exchange = h.chat({ max_tokens: 50 })
  await h.clock.advance(4999)
  assert.equal(h.upstream.requests.length, 0)
  assert.equal(quotas(h)['inflight']![1], 1)
  assert.ok(quotas(h)['tpm']![1] > 50)
  assert.deepEqual([h.weir.stats.tarpit.held, h.events.length], [1, 0])
  await h.clock.run()
  assert.deepEqual([exchange.status, h.events.length, h.events[0]!.outcome], [200, 1, 'ok'])
  const { firstByteMs } = h.events[0]!.answer!
  assert.ok(firstByteMs! >= 5000 && firstByteMs! <= 9010, `${firstByteMs} ms`)
  assert.deepEqual(quotas(h), { tpm: [14, 0], rpm: [1, 0], inflight: [0, 0] })
  assert.deepEqual([h.weir.stats.tarpit.held, h.weir.stats.tarpit.heldBytes], [0, 0])
})

test('a client that leaves while it waits is noticed at once, has used nothing, and is one event', async () => {
  const h = pit()
  const exchange = h.chat({ stream: true })
  await h.clock.advance(2000)
  exchange.leave()
  await h.clock.advance(0)
  assert.equal(h.upstream.requests.length, 0)
  const [event, ...others] = h.events
  assert.equal(others.length, 0)
  assert.deepEqual([event!.outcome, event!.usage.inputTokens, event!.cost.nanoUsd], ['client_left', 0, 0])
  assert.deepEqual(event!.charges, [])
  assert.deepEqual(quotas(h), { tpm: [0, 0], rpm: [0, 0], inflight: [0, 0] })
  assert.deepEqual([h.weir.stats.tarpit.held, h.weir.stats.tarpit.heldBytes, h.clock.pending], [0, 0, 0])
  assert.ok(event!.observation !== null, 'and what it asked is known')
})

test('waiting in parallel gains nothing: those who wait count as concurrent', async () => {
  const h = pit()
  const all = Array.from({ length: 5 }, () => h.chat({}))
  await h.clock.advance(10)
  assert.deepEqual(
    all.map(({ status }) => status),
    [0, 0, 0, 429, 429],
  )
  await h.clock.run()
})

test('each wait is drawn anew over the whole range, from the injected randomness', async () => {
  const waits: number[] = []
  for (let i = 0; i < 60; i++) {
    const random = createRandom(`tarpit ${i}`)
    const h = pit(slow, '', { random: (below) => random.below(below) })
    h.chat({})
    await h.clock.run()
    waits.push(h.events[0]!.answer!.firstByteMs! - 10)
  }
  assert.ok(Math.min(...waits) < 5400 && Math.max(...waits) > 8600, `${Math.min(...waits)} .. ${Math.max(...waits)}`)
  assert.ok(waits.every((ms) => ms >= 5000 && ms <= 9000))
  assert.ok(new Set(waits).size > 50)
})

test('a stream drips, its upstream long done, and is whole and billed as ever', async () => {
  const h = pit({ action: 'tarpit', firstByteMs: [0, 0], perChunkMs: [100, 300] })
  const exchange = h.chat({ stream: true })
  await h.clock.advance(500)
  assert.equal(h.upstream.open, 0)
  const early = dataOf(exchange).length
  assert.ok(early >= 1 && early <= 6, `${early} events in half a second`)
  await h.clock.run()
  const [event] = h.events
  const tookMs = event!.endMs - event!.atMs
  assert.ok(tookMs >= 20 * 100 && tookMs <= 22 * 300 + 30, `${tookMs} ms`)
  assert.deepEqual(
    [event!.outcome, event!.usage.outputTokens, event!.usageSource, dataOf(exchange).at(-1)],
    ['ok', 20, 'provider', '[DONE]'],
  )
})

test('who leaves in mid-drip has left, though the upstream was done, and pays for what was made', async () => {
  const h = pit({ action: 'tarpit', firstByteMs: [0, 0], perChunkMs: [100, 300] })
  const exchange = h.chat({ stream: true })
  await h.clock.advance(1000)
  exchange.leave()
  await h.clock.advance(0)
  const [event] = h.events
  assert.deepEqual([event!.outcome, event!.usage.outputTokens], ['client_left', 20])
  assert.deepEqual(quotas(h)['tpm'], [29, 0])
  assert.deepEqual([h.weir.stats.tarpit.held, h.weir.stats.tarpit.heldBytes], [0, 0])
})

test('where the tarpit is full the client is told to wait on its own side, at most a minute, and owes nothing', async () => {
  const h = pit(slow, '', {}, 1)
  const first = h.chat({})
  const second = h.chat({})
  await h.clock.advance(10)
  assert.deepEqual([first.status, second.status], [0, 429])
  const waitMs = Number(second.headers['retry-after-ms'])
  assert.ok(waitMs >= 30_000 && waitMs <= 60_000, `${waitMs} ms`)
  assert.equal(second.headers['x-should-retry'], undefined)
  assert.doesNotMatch(second.received.toString(), /tarpit|held/i)
  const [event] = h.events
  assert.deepEqual([event!.outcome, event!.refusal?.kind], ['refused', 'throttled'])
  assert.deepEqual(event!.charges, [])
  await h.clock.run()
  assert.deepEqual([first.status, h.weir.stats.tarpit.turnedAway], [200, 1])
})

test('a body that finds no room in the tarpit is turned away alike', async () => {
  const h = pit()
  const big = h.chat({ messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }], max_tokens: 1 })
  await h.clock.advance(10)
  assert.equal(big.status, 429)
  assert.equal(h.weir.stats.tarpit.heldBytes, 0)
})

test('those who wait take no room from others; there must be some for them when they go on', async () => {
  const h = pit(slow, 'overload: { max_in_flight: 2 }')
  const waiting = []
  for (let i = 0; i < 3; i++) {
    waiting.push(h.chat({}))
    await h.clock.advance(1)
  }
  assert.deepEqual(new Set(waiting.map(({ status }) => status)), new Set([0]), 'none was turned away')
  await h.clock.run()
  assert.ok(waiting.every(({ status }) => status === 200 || status === 503))
  const after = h.chat({})
  await h.clock.run()
  assert.equal(after.status, 200, 'and the gate counts right afterwards')
})

test('an exchange is over before its longest duration, however long its actions would have it wait', async () => {
  const forever: ActionSpec = { action: 'tarpit', firstByteMs: [3_600_000, 3_600_000], perChunkMs: [60_000, 60_000] }
  const bounded = pit(forever, 'request: { max_duration: 20s }')
  const exchange = bounded.chat({ stream: true })
  await bounded.clock.run()
  const [event] = bounded.events
  assert.deepEqual([event!.outcome, dataOf(exchange).at(-1)], ['ok', '[DONE]'])
  assert.ok(event!.endMs - event!.atMs < 11_000)
  const usual = pit(forever)
  usual.chat({})
  await usual.clock.run()
  // The official libraries give up after ten minutes.
  assert.equal(usual.events[0]!.answer!.firstByteMs, 300_010)
})

test('what generates nothing is answered at once', async () => {
  const h = pit()
  h.send({ method: 'GET', target: '/weir/quotas' })
  await h.clock.advance(1)
  assert.equal(h.events[0]!.outcome, 'ok')
})

test('nothing is left of exchanges in any number, whenever their clients leave', async () => {
  const client = fc.record({ atMs: fc.nat(3000), leavesMs: fc.nat(25_000), stream: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(client, { maxLength: 12 }), async (clients) => {
      const h = pit(slow, 'overload: { max_in_flight: 3 }', {}, 4)
      for (const { atMs, leavesMs, stream } of clients) {
        h.clock.after(atMs, () => {
          const exchange = h.chat({ stream })
          h.clock.after(leavesMs, () => exchange.leave())
        })
      }
      await h.clock.run()
      assert.equal(h.events.length, clients.length)
      assert.ok(h.events.every(({ outcome }) => ['ok', 'client_left', 'refused'].includes(outcome)))
      for (const [name, [, held]] of Object.entries(quotas(h))) assert.equal(held, 0, name)
      const { tarpit, inFlight } = h.weir.stats
      assert.deepEqual([tarpit.held, tarpit.heldBytes, inFlight, h.upstream.open], [0, 0, 0, 0])
    }),
    { numRuns: 40 },
  )
})

test('an answer that only drips takes no room from others either, and the gate counts right when it is done', async () => {
  const h = pit({ action: 'tarpit', firstByteMs: [0, 0], perChunkMs: [1000, 1000] }, 'overload: { max_in_flight: 1 }')
  const exchanges = []
  for (let i = 0; i < 3; i++) {
    exchanges.push(h.chat({ stream: true }))
    await h.clock.advance(100)
  }
  assert.deepEqual([h.weir.stats.inFlight, h.weir.stats.tarpit.held], [3, 3])
  exchanges[1]!.leave()
  await h.clock.run()
  assert.deepEqual(
    h.events.map(({ outcome }) => outcome),
    ['client_left', 'ok', 'ok'],
  )
  assert.deepEqual(
    h.weir.stats.shed.filter((count) => count > 0),
    [],
  )
  const [one, two] = [h.chat({}), h.chat({})]
  await h.clock.run()
  assert.deepEqual([one.status, two.status], [200, 503], 'there is room for one')
})
