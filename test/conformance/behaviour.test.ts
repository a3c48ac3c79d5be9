import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDemoModel } from '../../src/lab/demo-model.ts'
import { configOf, dataOf, harness, SECRET } from '../support/harness.ts'
import { scriptedUpstream, streamSteps, wholeSteps, type ScriptedUpstream } from '../support/scripted-upstream.ts'

/** What a request meets, in memory and on a virtual clock. Letters and numbers are those of the acceptance list. */
function world(quotas: string, tokens = 20, more = ''): ReturnType<typeof harness> & { upstream(): ScriptedUpstream } {
  let upstream: ScriptedUpstream | null = null
  const h = harness(configOf(quotas, more), (clock) => {
    upstream = scriptedUpstream(clock, (request) =>
      Buffer.from(request.body ?? []).includes('"stream":true')
        ? streamSteps(tokens, 20, 5)
        : wholeSteps(tokens, 20, 50),
    )
    return upstream
  })
  return { ...h, upstream: () => upstream! }
}

test("a body that no rule changes reaches the upstream byte for byte, and none of the client's headers does", async () => {
  const h = world('')
  const body = '{ "model" : "demo-model",\n "messages":[{"role":"user","content":"a\\u00e9\\ud800"}], "x":1.0e2 }'
  h.send({ body, headers: { 'openai-organization': 'mine', host: 'evil.example', 'x-forwarded-host': 'evil.example' } })
  await h.clock.run()
  const [sent] = h.upstream().requests
  assert.equal(sent!.text, body)
  assert.deepEqual(Object.keys(sent!.headers).toSorted(), [
    'accept',
    'accept-encoding',
    'content-length',
    'content-type',
    'x-request-id',
  ])
})

test("a usage chunk is asked for when a stream's client did not, and only then is the body changed", async () => {
  const h = world('')
  h.chat({ stream: true })
  h.chat({ stream: true, stream_options: { include_usage: true } })
  await h.clock.run()
  const [changed, kept] = h.upstream().requests.map(({ text }) => JSON.parse(text) as { stream_options: object })
  assert.deepEqual(changed!.stream_options, { include_usage: true })
  assert.deepEqual(kept!.stream_options, { include_usage: true })
})

test('A6, A7: a shadow limit that would refuse leaves no mark on the answer and switches no other limit off', async () => {
  const h = world(`
  - { name: shy, per: [key], requests: 1, window: 1h, mode: shadow }
  - { name: hard, per: [key], requests: 3, window: 1h, kind: calendar }`)
  const answers = []
  for (let i = 0; i < 5; i++) {
    answers.push(h.chat({}))
    await h.clock.run()
  }
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 429, 429],
  )
  assert.equal(answers[1]!.headers['x-ratelimit-limit-requests'], '3', 'headers speak of the limit that enforces')
  assert.deepEqual(
    h.events.map((event) => event.shadow),
    [[], ['shy'], ['shy'], [], []],
  )
  assert.equal(h.events[3]!.refusal!.kind === 'over_quota' && h.events[3]!.refusal.limit, 'hard')
})

test('B1: a request without a user, and a key without a tenant, are limited like any other', async () => {
  const h = world(`
  - { name: user, per: [user], requests: 1, window: 1h, kind: calendar }
  - { name: tenant, per: [tenant], requests: 3, window: 1h, kind: calendar }`)
  const statuses = []
  for (const [body, key] of [
    [{}, SECRET],
    [{}, SECRET],
    [{ user: 'a' }, SECRET],
    [{ user: 'a' }, `${SECRET}2`],
    [{}, `${SECRET}2`],
    [{}, `${SECRET}2`],
  ] as const) {
    const exchange = h.chat(body, { headers: { authorization: `Bearer ${key}` } })
    await h.clock.run()
    statuses.push(exchange.status)
  }
  assert.deepEqual(statuses, [200, 429, 200, 200, 200, 429], 'the same user name under another key is another user')
})

test('B2: a forwarded address counts only from a trusted proxy', async () => {
  const h = world(`
  - { name: ip, per: [ip], requests: 1, window: 1h, kind: calendar }`)
  const from = async (peerAddress: string, forwarded: string): Promise<number> => {
    const exchange = h.chat({}, { peerAddress, headers: { 'x-forwarded-for': forwarded } })
    await h.clock.run()
    return exchange.status
  }
  assert.equal(await from('203.0.113.7', '198.51.100.1'), 200)
  assert.equal(await from('203.0.113.7', '198.51.100.2'), 429, 'a stranger cannot choose its address')
  assert.equal(await from('10.0.0.1', '198.51.100.1'), 200)
  assert.equal(await from('10.0.0.1', '6.6.6.6, 198.51.100.1'), 429, 'nor can it through the proxy')
})

test('B4: failed attempts are limited by network, and a right key from the same network never notices', async () => {
  const h = world('', 20, '')
  const attempt = (secret: string, peerAddress = '203.0.113.7'): ReturnType<typeof h.chat> =>
    h.chat({}, { peerAddress, headers: { authorization: `Bearer ${secret}` } })
  const statuses = Array.from({ length: 80 }, (_, i) =>
    attempt(`wr_guess_${i}_0123456789abcdef0123456789`, `203.0.113.${i}`),
  )
  const right = attempt(SECRET)
  const elsewhere = attempt('wr_guess_0123456789abcdef0123456789', '198.51.100.9')
  await h.clock.run()
  assert.equal(statuses.filter(({ status }) => status === 401).length, 60)
  assert.equal(statuses.filter(({ status }) => status === 429).length, 20)
  assert.equal(right.status, 200)
  assert.equal(elsewhere.status, 401)
})

test('C3, C4: the sum of charges is the sum of usage, exactly where the provider counts and within 2 % where it does not', async () => {
  let upstream = 0
  const quotas = `
  - { name: all, per: [global], tokens: 100000000, window: 1d, kind: calendar }`
  const h = harness(configOf(quotas), (clock) =>
    scriptedUpstream(clock, (_request, n) => {
      const tokens = 20 + ((n * 37) % 200)
      upstream += 20 + tokens
      return streamSteps(tokens, 20, 1, n <= 20)
    }),
  )
  for (let i = 0; i < 20; i++) h.chat({ stream: true })
  await h.clock.run()
  const used = (): number => h.weir.quotasOf('k1')![0]!.used
  assert.equal(used(), upstream)
  const exact = upstream
  for (let i = 0; i < 200; i++) h.chat({ stream: true })
  await h.clock.run()
  const off = Math.abs(used() - exact - (upstream - exact)) / (upstream - exact)
  assert.ok(off <= 0.02, `${(off * 100).toFixed(2)} % off without the provider's count`)
  assert.ok(h.events.slice(20).every((event) => event.usageSource === 'estimate'))
})

test('C10: a stream across midnight settles on the day it was reserved on', async () => {
  const h = world(
    `
  - { name: day, per: [key], tokens: 100000, window: 1d, kind: calendar }`,
    1000,
  )
  await h.clock.advance(12 * 3_600_000 - 1000)
  h.chat({ stream: true, max_tokens: 1000 })
  await h.clock.run()
  assert.equal(h.events[0]!.charges[0]!.units, 1020)
  const [row] = h.weir.quotasOf('k1')!
  // What was held before midnight belongs to the old day; what was topped up after it to the new one.
  assert.ok(row!.used < 1020 && row!.held === 0, `${row!.used} on the new day`)
})

test('D1: a thousand requests at the same instant overspend by nothing', async () => {
  const h = world(
    `
  - { name: budget, per: [key], tokens: 10000, window: 1h, kind: sliding }`,
    300,
  )
  for (let i = 0; i < 1000; i++) h.chat({ stream: i % 2 === 0 })
  await h.clock.run()
  const used = h.events.reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0)
  assert.ok(used <= 10_000, `${used} tokens used`)
  assert.ok(used > 5000, `${used} tokens used: the budget is not wasted on holds`)
  assert.equal(h.events.length, 1000)
})

test('D3: agents with a large max_tokens are not refused while their real use is near nothing', async () => {
  const h = world(`
  - { name: tpm, per: [key], tokens: 60000, window: 1m }`)
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 4; j++) h.chat({ max_tokens: 32_000 })
    await h.clock.advance(1000)
  }
  assert.ok(h.events.every((event) => event.outcome === 'ok'))
})

test('D4: a concurrency permit is held until the stream has ended, and given back when its client leaves', async () => {
  const h = world(
    `
  - { name: two, per: [key], concurrent: 2 }`,
    1000,
  )
  const first = h.chat({ stream: true })
  h.chat({ stream: true })
  await h.clock.advance(100)
  const third = h.chat({ stream: true })
  await h.clock.advance(10)
  assert.equal(third.status, 429)
  assert.ok(Number(third.headers['retry-after-ms']) > 0)
  first.leave()
  const fourth = h.chat({ stream: true })
  await h.clock.run()
  assert.equal(fourth.status, 200)
})

test('a reload changes limits and keys at once, keeps what was counted, and leaves running requests alone', async () => {
  const limit = (requests: number): string => `
  - { name: rpm, per: [key], requests: ${requests}, window: 1h, kind: calendar }`
  const h = world(limit(2), 100)
  const running = h.chat({ stream: true })
  h.chat({})
  await h.clock.advance(20)
  assert.equal(h.chat({}).status, 0)
  await h.clock.advance(1)
  h.weir.reload(configOf(limit(3)))
  const more = h.chat({})
  await h.clock.advance(60)
  assert.equal(more.status, 200, 'one more fits the higher limit')
  const over = h.chat({})
  await h.clock.run()
  assert.equal(over.status, 429, 'what was counted before still counts')
  assert.equal(running.ending, 'end')
  assert.equal(dataOf(running).at(-1), '[DONE]')
  const hashes = new Set(h.events.map((event) => event.config))
  assert.equal(hashes.size, 2, 'each event names the configuration that decided')
})

test('a limit applies where all of its matches do, and nowhere else', async () => {
  const h = world(
    `
  - { name: narrow, per: [key], requests: 0x, window: 1h, match: { model: "gpt-*", endpoint: [chat_completions] } }`.replace(
      '0x',
      '1',
    ),
  )
  const statuses = []
  for (const model of ['gpt-a', 'gpt-b', 'llama', 'llama']) {
    const exchange = h.chat({ model })
    await h.clock.run()
    statuses.push(exchange.status)
  }
  assert.deepEqual(statuses, [200, 429, 200, 200])
})

test('an answer that cannot be cut gets its bound lowered to what is left', async () => {
  const h = world(
    `
  - { name: budget, per: [key], output_tokens: 1000, window: 1h, kind: sliding }`,
    20,
  )
  h.chat({ max_tokens: 50_000 })
  h.chat({ max_completion_tokens: 100 })
  h.chat({})
  await h.clock.run()
  const [lowered, kept, added] = h.upstream().requests.map(({ text }) => JSON.parse(text) as Record<string, number>)
  assert.ok(lowered!['max_tokens']! <= 1000)
  assert.equal(kept!['max_completion_tokens'], 100)
  assert.ok(added!['max_completion_tokens']! <= 1000)
})

test('B7: no event and nothing that is said carries a secret or a prompt', async () => {
  const h = world('')
  h.chat({ messages: [{ role: 'user', content: 'the launch code is 00000000' }] })
  h.chat({}, { headers: { authorization: 'Bearer wr_secret_that_is_wrong_1234567890' } })
  h.send({ body: '{"model": "the launch code", broken' })
  await h.clock.run()
  const text = JSON.stringify([h.events, h.said])
  for (const secret of [SECRET, 'wr_secret_that_is_wrong', 'launch code']) assert.ok(!text.includes(secret), secret)
})

test('a choice of models lists what can be reached, and nothing else', async () => {
  const base = configOf('')
  const models = [{ ...base.models[0]!, pattern: 'weir-demo-s*' }]
  const h = harness({ ...base, models }, (clock) => createDemoModel({ clock, seed: 'list' }))
  const list = h.send({ method: 'GET', target: '/v1/models' })
  const one = h.send({ method: 'GET', target: '/v1/models/weir-demo-small' })
  const other = h.send({ method: 'GET', target: '/v1/models/weir-demo-large' })
  await h.clock.run()
  const { data } = JSON.parse(list.received.toString()) as { data: { id: string }[] }
  assert.deepEqual(
    data.map(({ id }) => id),
    ['weir-demo-small'],
  )
  assert.deepEqual([list.status, one.status, other.status], [200, 200, 404])
})

test('a stage of ours that breaks does what on_error says, and the operator hears of it either way', async () => {
  for (const [admit, status] of [
    ['deny', 500],
    ['allow', 200],
  ] as const) {
    const config = configOf(
      `
  - { name: rpm, per: [key], requests: 10, window: 1m }`,
      `on_error: { admit: ${admit} }`,
    )
    // A store that answers nonsense stands for any bug behind admission.
    const broken = { store: { ask: () => undefined as never }, processes: 1 }
    const h = harness(config, (clock) => scriptedUpstream(clock, () => wholeSteps(5, 10, 1)), { leases: broken })
    const exchange = h.chat({})
    await h.clock.advance(100)
    assert.equal(exchange.status, status)
    assert.equal(h.events.length, 1)
    assert.equal(h.events[0]!.outcome, status === 500 ? 'failed' : 'ok')
    assert.ok(h.said.some(({ what }) => what === 'request_failed'))
    if (status === 500) {
      const { error } = JSON.parse(exchange.received.toString()) as { error: { code: string; request_id: string } }
      assert.deepEqual([error.code, error.request_id], ['internal_error', h.events[0]!.id])
    } else assert.equal(h.events[0]!.fault, 'admit_failed')
  }
})

test('an answer that cannot be metered is refused, or passed and counted by its bytes, as on_error says', async () => {
  const quotas = `
  - { name: tpm, per: [key], tokens: 10000, window: 1m, kind: sliding }`
  const rubbish = 'not the JSON of an answer, but four hundred bytes of it. '.repeat(8)
  for (const [meter, status] of [
    ['deny', 502],
    ['allow', 200],
  ] as const) {
    const h = harness(configOf(quotas, `on_error: { meter: ${meter} }`), (clock) =>
      scriptedUpstream(clock, () => [
        { afterMs: 1, head: 200, headers: { 'content-type': 'application/json' } },
        { afterMs: 1, data: rubbish },
        { afterMs: 1, end: true },
      ]),
    )
    const exchange = h.chat({})
    await h.clock.run()
    assert.equal(exchange.status, status)
    const [event] = h.events
    assert.equal(event!.usageSource, 'estimate', 'what may have been generated is not free')
    if (status === 200) {
      assert.equal(exchange.received.toString(), rubbish)
      assert.ok(event!.usage.outputTokens > 50, `${event!.usage.outputTokens} tokens`)
    }
  }
})
