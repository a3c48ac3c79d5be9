import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFront, type Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'
import { plainScenario } from '../support/vendor-server.ts'
import { metric, until } from '../support/waiting.ts'
import { messages, post, chat, withVendors, nobody, NEVER_OPEN, aThenB, fails } from './upstream-servers.ts'

/** Who answers: equal servers, the next in line, and nobody whose breaker is open. */

test('equal servers of one upstream take turns, and each gets the same request and key', async () => {
  await withVendors(2, async (one, two) => {
    const upstreams = `  a: { dialect: openai, base_url: ["${one.url}/v1", "${two.url}/v1"], api_key: key-of-a }`
    await withFront({ upstreams, models: '  "*": { upstream: a }' }, async (front) => {
      for (let i = 0; i < 6; i++) assert.deepEqual((await chat(front)).by, 'a')
      assert.deepEqual([one.requests.length, two.requests.length], [3, 3])
      for (const { headers } of [...one.requests, ...two.requests])
        assert.equal(headers.authorization, 'Bearer key-of-a')
    })
  })
})

test('a server of several that cannot be connected to costs no client its answer', async () => {
  await withVendors(1, async (alive) => {
    const upstreams = `  a: { dialect: openai, base_url: ["${await nobody()}/v1", "${alive.url}/v1"] }`
    await withFront({ upstreams, models: '  "*": { upstream: a }' }, async (front) => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => fetchChat(front)))
      assert.deepEqual(new Set(answers), new Set([200]))
      assert.equal(alive.requests.length, 12, 'each was sent once')
    })
  })
})

const fetchChat = async (front: Front): Promise<number> => {
  const answer = await fetch(`${front.serving.dataUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}` },
    body: JSON.stringify({ model: 'vendor-model', messages }),
  })
  await answer.text()
  return answer.status
}

test('no server can be reached: 502 in the dialect, nothing is charged, and no address is told', async () => {
  const away = await nobody()
  const upstreams = `  a: { dialect: [openai, anthropic], base_url: ["${away}/v1", "${await nobody()}/v1"], ${NEVER_OPEN} }`
  const quotas =
    '  - { name: tpm, per: [key], tokens: 1000, window: 1h }\n  - { name: rpm, per: [key], requests: 9, window: 1h }'
  await withFront({ upstreams, models: '  "*": { upstream: a }', quotas }, async (front) => {
    const answer = await chat(front)
    assert.deepEqual([answer.status, answer.outcome], [502, 'upstream_lost'])
    assert.match(answer.body, /"upstream_unreachable"/)
    assert.equal(answer.body.includes(new URL(away).port), false)
    const claude = await post(front, '/v1/messages', { model: 'vendor-model', max_tokens: 9, messages })
    assert.deepEqual([claude.status, (JSON.parse(claude.body) as { type: string }).type], [502, 'error'])
    for (const { charges, fault } of front.events) {
      assert.deepEqual(charges, [])
      assert.equal(fault, 'unreachable')
    }
    assert.deepEqual(
      front.serving.weir.quotasOf('k1')!.map(({ held, used }) => held + used),
      [0, 0],
    )
  })
})

for (const status of [503, 529, 429, 502]) {
  test(`an upstream that answers ${status} has not carried the request out: the next one answers, and the event names it`, async () => {
    await withVendors(2, async (a, b) => {
      await withFront(aThenB(a.url, b.url), async (front) => {
        a.scenario = fails(status)
        const whole = await chat(front)
        assert.deepEqual([whole.status, whole.by, whole.outcome], [200, 'b', 'ok'])
        const streamed = await chat(front, { stream: true })
        assert.deepEqual([streamed.status, streamed.by], [200, 'b'])
        assert.match(streamed.body, /data: \[DONE\]/)
        const claude = await post(front, '/v1/messages', { model: 'vendor-model', max_tokens: 99, messages })
        assert.deepEqual([claude.status, claude.by], [200, 'b'])
        assert.deepEqual([a.requests.length, b.requests.length], [3, 3])
        assert.equal(b.requests[0]!.headers.authorization, 'Bearer key-of-b', "a's key is not shown to b")
        assert.equal(b.requests[2]!.headers['x-api-key'], 'key-of-b')
        assert.equal(front.events[0]!.usage.outputTokens, plainScenario.words, 'charged once')
      })
    })
  })
}

test('an upstream that is not there is passed over for the next one', async () => {
  await withVendors(1, async (b) => {
    await withFront(aThenB(await nobody(), b.url), async (front) => {
      const answer = await chat(front)
      assert.deepEqual([answer.status, answer.by], [200, 'b'])
    })
  })
})

test('where all are busy the client gets the last answer, with its hint when to come back', async () => {
  await withVendors(2, async (a, b) => {
    await withFront(aThenB(a.url, b.url), async (front) => {
      a.scenario = fails(503)
      b.scenario = fails(429)
      const answer = await chat(front)
      assert.deepEqual([answer.status, answer.by, answer.outcome], [429, 'b', 'upstream_error'])
      assert.match(answer.body, /the vendor says 429/)
    })
  })
})

for (const [ends, status] of [
  [500, 500],
  [400, 400],
  ['drop', 502],
  ['stall', 504],
] as const) {
  test(`once sent, a request is not sent to another upstream: ${ends} from the first one`, async () => {
    await withVendors(2, async (a, b) => {
      const times = ends === 'stall' ? 'first_byte_timeout: 200ms' : 'first_byte_timeout: 60s'
      await withFront(aThenB(a.url, b.url, `${NEVER_OPEN}, ${times}`), async (front) => {
        a.scenario = fails(ends)
        const whole = await chat(front)
        assert.deepEqual([whole.status, whole.by], [status, 'a'])
        assert.deepEqual([a.requests.length, b.requests.length], [1, 0])
      })
    })
  })
}

test('a stream that its upstream drops half way ends in an error, and nobody else is asked', async () => {
  await withVendors(2, async (a, b) => {
    await withFront(aThenB(a.url, b.url), async (front) => {
      a.scenario = { ...fails('drop'), after: 4 }
      const answer = await chat(front, { stream: true })
      assert.deepEqual([answer.status, answer.by, answer.outcome], [200, 'a', 'upstream_lost'])
      assert.match(answer.body, /"upstream_lost"/)
      assert.equal(b.requests.length, 0)
    })
  })
})

test('a breaker opens: a failing upstream is left alone, the next one answers, metrics tell, and a reload keeps it', async () => {
  await withVendors(2, async (a, b) => {
    const options = aThenB(a.url, b.url, 'breaker: { failures: 3, window: 1h, open: 1h }')
    await withFront(options, async (front) => {
      a.scenario = fails(500)
      for (let i = 0; i < 3; i++) assert.deepEqual(Object.values(await chat(front)).slice(0, 2), [500, 'a'])
      assert.equal(await metric(front, 'weir_broken_upstreams'), 1)
      for (let i = 0; i < 5; i++) assert.deepEqual(Object.values(await chat(front)).slice(0, 2), [200, 'b'])
      assert.equal(a.requests.length, 3)
      assert.equal(front.reload('request: { max_messages: 100 }'), null)
      assert.deepEqual(Object.values(await chat(front)).slice(0, 2), [200, 'b'])
    })
  })
})

test('a breaker closes: after its time one trial goes through, and a good answer brings the upstream back', async () => {
  await withVendors(2, async (a, b) => {
    const options = aThenB(a.url, b.url, 'breaker: { failures: 2, window: 1h, open: 300ms }')
    await withFront(options, async (front) => {
      a.scenario = fails(500)
      for (let i = 0; i < 2; i++) await chat(front)
      assert.equal(await metric(front, 'weir_broken_upstreams'), 1)
      a.scenario = plainScenario
      await until(async () => (await chat(front)).by === 'a', 'the upstream is never tried again')
      assert.equal(await metric(front, 'weir_broken_upstreams'), 0)
      for (let i = 0; i < 3; i++) assert.equal((await chat(front)).by, 'a')
    })
  })
})

test("a client's own mistakes open no breaker", async () => {
  await withVendors(2, async (a, b) => {
    await withFront(aThenB(a.url, b.url, 'breaker: { failures: 2, window: 1h, open: 1h }'), async (front) => {
      for (const ends of [400, 404, 422, 400, 413] as const) {
        a.scenario = fails(ends)
        assert.equal((await chat(front)).by, 'a')
      }
      a.scenario = plainScenario
      assert.equal((await chat(front)).by, 'a')
    })
  })
})

test('an upstream with an open breaker and nobody behind it: 502 at once, and it is not asked', async () => {
  const upstreams =
    '  v1: { dialect: openai, base_url: "${VENDOR}/v1", breaker: { failures: 2, window: 1h, open: 1h } }'
  await withFront({ upstreams, models: '  "*": { upstream: v1 }' }, async (front) => {
    front.vendor.scenario = fails(503)
    for (let i = 0; i < 2; i++) assert.equal((await chat(front)).status, 503)
    front.vendor.scenario = plainScenario
    const answer = await chat(front)
    assert.deepEqual([answer.status, answer.outcome], [502, 'upstream_lost'])
    assert.equal(front.vendor.requests.length, 2)
  })
})
