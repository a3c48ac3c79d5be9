import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UpstreamRequest } from '../../src/core/upstream.ts'
import { createRandom } from '../../src/lab/random.ts'
import type { VirtualClock } from '../../src/lab/virtual-clock.ts'
import { configOf, harness, type Harness } from '../support/harness.ts'
import {
  json,
  scriptedUpstream,
  streamSteps,
  wholeSteps,
  type ScriptedUpstream,
  type Step,
} from '../support/scripted-upstream.ts'

/**
 * Invariants 1 and 2 under a seeded storm: clients that leave, upstreams that die, stall, refuse, lie about usage or
 * say none, all at once on one limit. A seed that fails can be played again.
 */
const LIMIT = 20_000

function storm(seed: number, clock: VirtualClock): ScriptedUpstream {
  const random = createRandom(`upstream ${seed}`)
  return scriptedUpstream(clock, (request: UpstreamRequest): readonly Step[] => {
    const stream = Buffer.from(request.body!).includes('"stream":true')
    const tokens = 1 + random.below(400)
    const answer = stream
      ? streamSteps(tokens, 20, 1 + random.below(30))
      : wholeSteps(tokens, 20, 10 + random.below(3000))
    switch (random.below(8)) {
      case 0:
        return [
          ...answer.slice(0, 1 + random.below(answer.length - 1)),
          { afterMs: 5, fault: { kind: 'dropped', detail: '', sent: true } },
        ]
      case 1:
        return answer.slice(0, 1 + random.below(answer.length - 1))
      case 2:
        return [
          { afterMs: 20, head: 500 + random.below(4), headers: json },
          { afterMs: 0, data: '{"error":{}}' },
          { afterMs: 0, end: true },
        ]
      case 3:
        return [{ afterMs: random.below(50), fault: { kind: 'unreachable', detail: '', sent: false } }]
      case 4:
        return stream ? streamSteps(tokens, 20, 5, false) : wholeSteps(tokens, 20, 100, null)
      case 5:
        return [...answer.slice(0, 1 + random.below(answer.length - 1)), { afterMs: 5, end: true }]
      default:
        return answer
    }
  })
}

interface Rows {
  readonly used: number
  readonly held: number
}

function rows(h: Harness): readonly Rows[] {
  return h.weir.quotasOf('k1')!
}

for (const kind of ['bucket', 'sliding', 'calendar']) {
  test(`1,000 requests at once on one ${kind} limit never exceed it, leave nothing held, and end in one event each`, async () => {
    const reached = new Set<string>()
    for (let seed = 1; seed <= 4; seed++) {
      const config = configOf(`
  - { name: tokens, per: [key], tokens: ${LIMIT}, window: 1m, kind: ${kind} }
  - { name: requests, per: [key], requests: 600, window: 1h, kind: sliding }
  - { name: inflight, per: [tenant], concurrent: 120 }`)
      let upstream: ScriptedUpstream | null = null
      const h = harness(config, (clock) => (upstream ??= storm(seed, clock)))
      const random = createRandom(`clients ${seed}`)
      const exchanges = Array.from({ length: 1000 }, (_, i) => {
        const exchange = { sent: null as ReturnType<Harness['chat']> | null }
        void h.clock.after(random.below(240_000), () => {
          const body = { stream: i % 2 === 0, max_tokens: i % 3 === 0 ? 300 : undefined }
          exchange.sent = h.chat(body)
          if (random.below(4) === 0) void h.clock.after(random.below(4000), () => exchange.sent!.leave())
        })
        return exchange
      })
      for (let i = 0; i < 800; i++) {
        await h.clock.advance(500)
        const [tokens, , inflight] = rows(h)
        const weight = kind === 'calendar' ? tokens!.used : tokens!.used + tokens!.held
        assert.ok(weight <= LIMIT + (kind === 'bucket' ? 1 : 0), `seed ${seed}: ${tokens!.used} + ${tokens!.held}`)
        assert.ok(inflight!.held <= 120)
      }
      await h.clock.run()
      assert.equal(h.events.length, 1000, `seed ${seed}: one event each`)
      assert.equal(new Set(h.events.map((event) => event.id)).size, 1000)
      for (const row of rows(h)) assert.equal(row.held, 0, `seed ${seed}: nothing stays held`)
      assert.equal(h.weir.stats.inFlight, 0)
      assert.equal(upstream!.open, 0, 'no upstream is left running')
      for (const event of h.events) reached.add(event.outcome)
      for (const event of h.events) {
        const { inputTokens, outputTokens } = event.usage
        const charge = event.charges.find(({ limit }) => limit === 'tokens')
        assert.equal(charge?.units ?? 0, inputTokens + outputTokens, `${event.id} ${event.outcome}`)
      }
      for (const { sent } of exchanges)
        assert.notEqual(sent!.ending === 'open' && !sent!.gone, true, 'every client got an end')
    }
    for (const outcome of ['ok', 'refused', 'cut', 'client_left', 'upstream_error', 'upstream_lost']) {
      assert.ok(reached.has(outcome), `the storm reaches ${outcome}`)
    }
  })
}
