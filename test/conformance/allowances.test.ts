import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf, policyWorld, type PolicyWorld } from '../support/policy-world.ts'

/** What the configuration gives to some callers and not to others: conditions, exemptions, trust profiles, tenants. */
const HOUR_MS = 3_600_000

/** How many of ten requests are answered. */
async function admitted(h: PolicyWorld, key: 'a' | 'b' | 'c'): Promise<number> {
  let count = 0
  for (let i = 0; i < 10; i++) if ((await h.ask({}, { headers: keyOf(key) })).status === 200) count++
  return count
}

test('a limit with a condition in CEL counts the requests that meet it, and no other', async () => {
  const turn = { role: 'user', content: 'hi' }
  const cases: readonly (readonly [when: string, meets: object, not: object])[] = [
    ['stream', { stream: true }, { stream: false }],
    ['max_tokens > 100 && max_tokens <= 200', { max_tokens: 150 }, { max_tokens: 100 }],
    ['max_tokens == 0', {}, { max_tokens: 1 }],
    ['choices >= 2', { n: 2 }, { n: 1 }],
    ['messages > 1', { messages: [turn, turn] }, {}],
    ['input_tokens > 100', { messages: [{ role: 'user', content: 'x'.repeat(800) }] }, {}],
    ['tools > 0', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }, { tools: [] }],
    ['body_bytes > 300', { metadata: { note: 'x'.repeat(300) } }, {}],
    ['model.startsWith("paid-") && !stream', { model: 'paid-x' }, { model: 'free-x' }],
    ['model in ["paid-x", "paid-y"]', { model: 'paid-y' }, { model: 'paid-z' }],
    ['prompt_class == "translation"', { messages: [{ role: 'user', content: 'Translate to French: good day' }] }, {}],
  ]
  for (const [when, meets, not] of cases) {
    const h = policyWorld(`
quotas:
  - { name: some, per: [key], requests: 1, window: 1h, kind: calendar, match: { when: '${when}' } }`)
    for (let i = 0; i < 3; i++) assert.deepEqual((await h.ask(not)).event.charges, [], when)
    assert.deepEqual([(await h.ask(meets)).status, (await h.ask(meets)).status], [200, 429], when)
    assert.equal((await h.ask(not)).status, 200, when)
  }
})

test('a condition on the time of day and of week follows the clock in UTC', async () => {
  const h = policyWorld(`
quotas:
  - { name: office, per: [key], requests: 1, window: 1h, match: { when: 'hour >= 9 && hour < 17 && weekday <= 5' } }`)
  const statuses = async (): Promise<number[]> => [(await h.ask()).status, (await h.ask()).status]
  // The clock starts on Monday, 5 January 2026, at noon.
  assert.deepEqual(await statuses(), [200, 429])
  await h.clock.advance(5 * HOUR_MS)
  assert.deepEqual(await statuses(), [200, 200], 'Monday, 17 h')
  await h.clock.advance(4 * 24 * HOUR_MS - 5 * HOUR_MS)
  assert.deepEqual(await statuses(), [200, 429], 'Friday, noon')
  await h.clock.advance(24 * HOUR_MS)
  assert.deepEqual(await statuses(), [200, 200], 'Saturday, noon')
})

test('an exemption lets out whom it names from what it names, says why in the event, and ends at its expiry', async () => {
  const h = policyWorld(`
quotas:
  - { name: few, per: [key], requests: 1, window: 1d, kind: calendar }
  - { name: all, per: [global], requests: 6, window: 1d, kind: calendar }
exemptions:
  - { reason: "load test, ticket 42", expires: 2026-01-05T14:00:00Z, match: { tenant: acme, key: a }, from: [few] }`)
  for (let i = 0; i < 3; i++) {
    const { status, event } = await h.ask()
    assert.equal(status, 200)
    assert.deepEqual(event.exemptions, ['load test, ticket 42'])
    assert.deepEqual(
      event.charges.map(({ limit }) => limit),
      ['all'],
      'other limits go on counting',
    )
  }
  const others = [await h.ask({}, { headers: keyOf('b') }), await h.ask({}, { headers: keyOf('b') })]
  assert.deepEqual(
    others.map(({ status }) => status),
    [200, 429],
    'nobody else is let out',
  )
  assert.deepEqual(others[0]!.event.exemptions, [])
  await h.clock.advance(2 * HOUR_MS)
  const after = [await h.ask(), await h.ask()]
  assert.deepEqual(
    after.map(({ status }) => status),
    [200, 429],
    'and what was let out was not counted',
  )
  assert.deepEqual(after[0]!.event.exemptions, [])
})

test('screening, terms and reputation can be left out for somebody, and for nobody beside', async () => {
  const hidden = { messages: [{ role: 'user', content: `hi${'\u{e0041}\u{e0042}\u{e0043}\u{e0044}'.repeat(4)}` }] }
  const exempt = (from: string): string =>
    `exemptions: [{ reason: "agreed with them", expires: 2030-01-01, match: { key: a }, from: [${from}] }]`
  const screened = policyWorld(`screening: { invisible_unicode: refuse }\n${exempt('screening')}`)
  assert.deepEqual((await screened.ask(hidden)).event.flags, [])
  const refused = await screened.ask(hidden, { headers: keyOf('b') })
  assert.deepEqual([refused.status, refused.event.refusal?.kind], [400, 'screened'])
  assert.doesNotMatch(refused.exchange.received.toString(), /invisible|unicode/, 'no word on which screen it was')

  const terms = policyWorld(
    `terms: { version: "7", url: https://example.com/t, on_unaccepted: deny }\n${exempt('terms')}`,
  )
  assert.equal((await terms.ask()).status, 200)
  assert.equal((await terms.ask({}, { headers: keyOf('c') })).event.refusal?.kind, 'terms_unaccepted')
  await terms.call({ target: '/weir/terms', body: '{"version": "7"}', headers: keyOf('c') })
  assert.equal((await terms.ask({}, { headers: keyOf('c') })).status, 200, 'once accepted')

  const reputed = policyWorld(`
network: { reputation: [{ cidr: 192.0.2.0/24, score: 5, reason: "seen in incident 7" }] }
trust_profiles: { bad: { endpoints: [embeddings], when_reputation_at_most: 10 } }
${exempt('reputation')}`)
  const from = (key: 'a' | 'b', peerAddress: string): ReturnType<PolicyWorld['ask']> =>
    reputed.ask({}, { headers: keyOf(key), peerAddress })
  assert.equal((await from('a', '192.0.2.7')).status, 200)
  const bad = await from('b', '192.0.2.7')
  assert.deepEqual([bad.status, bad.event.reputation], [403, 5])
  assert.equal((await from('b', '198.51.100.7')).status, 200)
})

test("a trust profile scales what is one caller's own, sets single amounts, and leaves what is everybody's", async () => {
  const h = policyWorld(
    `
quotas:
  - { name: own, per: [key], requests: 8, window: 1h, kind: calendar }
  - { name: named, per: [user], requests: 6, window: 1h, kind: calendar, match: { model: "free-*" } }
  - { name: shared, per: [global], requests: 100, window: 1h, kind: calendar }
trust_profiles:
  new: { scale: 0.5, quotas: { named: 2 } }`,
    { a: ', trust: new' },
  )
  assert.equal(await admitted(h, 'a'), 4, 'half of what others get')
  assert.equal(await admitted(h, 'b'), 8)
  await h.clock.advance(HOUR_MS)
  const free = async (key: 'a' | 'b'): Promise<number[]> => {
    const answers = []
    for (let i = 0; i < 3; i++) answers.push(await h.ask({ model: 'free-x', user: key }, { headers: keyOf(key) }))
    return answers.map(({ status }) => status)
  }
  assert.deepEqual(await free('a'), [200, 200, 429])
  assert.deepEqual(await free('b'), [200, 200, 200])
  assert.equal(h.weir.quotasOf('a')!.find(({ name }) => name === 'own')!.limit, 4)
})

test('a trust profile bounds models, endpoints, fields and sizes, each told apart in the event', async () => {
  const h = policyWorld(
    `
trust_profiles:
  new:
    models: ["paid-*"]
    endpoints: [chat_completions, messages, generate_content]
    deny_fields: [logprobs, top_logprobs, logit_bias, generationConfig.responseLogprobs]
    request: { max_tokens: 100, max_messages: 2, max_choices: 1, max_prompt: 1KiB, max_tools: 1, temperature: [0, 1], max_stops: 1, max_stop_chars: 4 }`,
    { a: ', trust: new' },
  )
  const user = (content: string): object => ({ role: 'user', content })
  const tool = { type: 'function', function: { name: 'f', parameters: {} } }
  const refused: readonly (readonly [body: object, status: number, kind: string, name: string])[] = [
    [{ model: 'free-x' }, 404, 'unknown_model', 'free-x'],
    [{ logprobs: true }, 403, 'not_allowed', 'logprobs'],
    [{ logprobs: false }, 403, 'not_allowed', 'logprobs'],
    [{ logit_bias: null }, 403, 'not_allowed', 'logit_bias'],
    [{ max_tokens: 101 }, 400, 'bad_request', 'max_tokens'],
    [{ max_completion_tokens: 101 }, 400, 'bad_request', 'max_completion_tokens'],
    [{ messages: [user('a'), user('b'), user('c')] }, 400, 'bad_request', 'messages'],
    [{ n: 2 }, 400, 'bad_request', 'n'],
    [{ messages: [user('x'.repeat(1100))] }, 400, 'bad_request', 'messages'],
    [{ tools: [tool, tool] }, 400, 'bad_request', 'tools'],
    [{ temperature: 1.5 }, 400, 'bad_request', 'temperature'],
    [{ stop: ['a', 'b'] }, 400, 'bad_request', 'stop'],
    [{ stop: 'abcde' }, 400, 'bad_request', 'stop'],
  ]
  for (const [body, status, kind, name] of refused) {
    const { event, status: sent } = await h.ask(body)
    assert.deepEqual([sent, event.refusal?.kind], [status, kind], JSON.stringify(body))
    assert.ok(JSON.stringify(event.refusal).includes(name), JSON.stringify(event.refusal))
    const free = await h.ask(body, { headers: keyOf('b') })
    assert.equal(free.status, 200, `${JSON.stringify(body)} is fine for others`)
  }
  for (const name of ['topLogprobs', 'TopLogprobs', 'top_logProbs']) {
    assert.equal((await h.ask({ [name]: 5 })).status, 403, `${name}: another spelling that a server may take`)
  }
  const gemini = (generationConfig: object): ReturnType<PolicyWorld['call']> =>
    h.call({
      target: '/v1beta/models/paid-x:generateContent',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'hello' }] }], generationConfig }),
    })
  for (const name of ['responseLogprobs', 'response_logprobs']) {
    assert.equal((await gemini({ [name]: true })).status, 403, name)
  }
  assert.equal((await gemini({})).status, 200)
  const embeddings = await h.call({ target: '/v1/embeddings', body: '{"model":"paid-x","input":"a"}' })
  assert.deepEqual(embeddings.event.refusal, { kind: 'not_allowed', what: 'endpoint', name: 'embeddings' })
  assert.equal((await h.call({ method: 'GET', target: '/weir/quotas' })).status, 200, 'its own limits it may read')
  assert.equal(h.vendor.paths.filter((path) => path === '/embeddings').length, 0)
})

test('a bad reputation leads to the strictest profile that it is bad enough for, and only those without one of their own', async () => {
  const h = policyWorld(
    `
network:
  reputation:
    - { cidr: 192.0.2.0/24, score: 5, reason: "a" }
    - { cidr: 198.51.100.0/24, score: 25, reason: "b" }
quotas:
  - { name: own, per: [key], requests: 8, window: 1h, kind: calendar }
trust_profiles:
  worst: { scale: 0.25, when_reputation_at_most: 10 }
  poor: { scale: 0.5, when_reputation_at_most: 30 }
  fine: {}`,
    { b: ', trust: fine' },
  )
  const limit = async (key: 'b' | 'c', peerAddress: string): Promise<number> => {
    for (let count = 0; ; count++) {
      if ((await h.ask({}, { headers: keyOf(key), peerAddress })).status !== 200) {
        await h.clock.advance(HOUR_MS)
        return count
      }
    }
  }
  assert.equal(await limit('c', '203.0.113.1'), 8)
  assert.equal(await limit('c', '198.51.100.1'), 4)
  assert.equal(await limit('c', '192.0.2.1'), 2)
  assert.equal(await limit('b', '192.0.2.1'), 8, 'who is vouched for keeps its profile')
})

test('a tenant has its own amounts, which all of its keys share, and lends its trust to keys that have none', async () => {
  const h = policyWorld(`
quotas:
  - { name: team, per: [tenant], requests: 4, window: 1h, kind: calendar }
  - { name: money, per: [tenant], cost_usd: 1, window: 1h, kind: calendar }
trust_profiles: { verified: { priority: 8 } }
tenants:
  acme: { trust: verified, quotas: { team: 7, money: 0.5 } }`)
  assert.equal((await admitted(h, 'a')) + (await admitted(h, 'b')), 7)
  assert.equal(await admitted(h, 'c'), 4, 'nobody else has them')
  const rows = (id: string): readonly number[] => h.weir.quotasOf(id)!.map(({ limit }) => limit)
  assert.deepEqual(rows('a'), [7, 0.5])
  assert.deepEqual(rows('c'), [4, 1])
})

test('whoever is exempt from overload gets in before others, and comes within its limits like anybody', async () => {
  const h = policyWorld(
    `
overload: { max_in_flight: 10 }
quotas:
  - { name: few, per: [key], requests: 20, window: 1h }
trust_profiles: { low: { priority: 0 } }
exemptions:
  - { reason: "pager", expires: 2030-01-01, match: { key: a }, from: [overload] }`,
    { b: ', trust: low' },
  )
  const body = '{"model":"paid-x","messages":[{"role":"user","content":"hello"}]}'
  const low = Array.from({ length: 20 }, () => h.send({ body, headers: keyOf('b') }))
  const exempt = h.send({ body, headers: keyOf('a') })
  await h.clock.run()
  const statuses = low.map(({ status }) => status)
  assert.ok(statuses.includes(503) && statuses.includes(200), statuses.join(' '))
  assert.equal(exempt.status, 200)
  assert.deepEqual(
    h.events.find(({ id }) => id === exempt.id)!.charges.map(({ limit }) => limit),
    ['few'],
  )
})
