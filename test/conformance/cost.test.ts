import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf, policyWorld } from '../support/policy-world.ts'

/** Money: what a model costs may be known, nothing, or unknown, and what was used may be reported, none, or unsaid. */
const DAY_MS = 86_400_000

const budget = (usd: number): string => `
quotas:
  - { name: money, per: [tenant], cost_usd: ${usd}, window: 31d, kind: calendar }`

/** 20 tokens in and 12 out, at 1 and 2 dollars for a million. */
const ONE = 20 * 1000 + 12 * 2000

test('C8: a budget in dollars fires, and so does a limit of 30 tokens', async () => {
  // Two answers, and not what a third one needs for a prompt and 16 tokens.
  const h = policyWorld(budget(0.0001))
  const answers = [await h.ask(), await h.ask(), await h.ask()]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 429],
  )
  for (const { event } of answers.slice(0, 2)) {
    assert.deepEqual(event.cost, { nanoUsd: ONE, source: 'price', book: 'config' })
    assert.deepEqual(event.charges, [{ limit: 'money', resource: 'cost_usd', units: ONE, debt: 0 }])
  }
  const { refusal } = answers[2]!.event
  assert.ok(refusal?.kind === 'over_quota' && refusal.resource === 'cost_usd')
  assert.match(answers[2]!.exchange.received.toString(), /limit \$0\.000100, used \$0\.000088/)

  const thirty = policyWorld(`
quotas:
  - { name: thirty, per: [key], tokens: 30, window: 1h, kind: calendar }`)
  assert.equal((await thirty.ask()).status, 200)
  const second = await thirty.ask()
  assert.equal(second.status, 429)
  assert.equal((await thirty.ask({}, { headers: keyOf('b') })).status, 200, 'another key has its own')
  const long = await thirty.ask({ messages: [{ role: 'user', content: 'word '.repeat(100) }] }, { headers: keyOf('c') })
  assert.equal(long.status, 429)
  assert.equal(long.exchange.headers['x-should-retry'], 'false', 'what can never fit is not to be tried again')
  assert.deepEqual(h.vendor.paths.length, 2, 'a refused request reaches no vendor')
})

test('C5: a model whose price nobody knows costs the fallback, and that is told apart from a known price', async () => {
  const h = policyWorld(`${budget(0.0011)}
pricing: { estimate: { input: 5, output: 25 } }`)
  const first = await h.ask({ model: 'unheard-of' })
  assert.deepEqual(first.event.cost, { nanoUsd: 20 * 5000 + 12 * 25_000, source: 'estimate', book: null })
  assert.deepEqual([first.event.charges[0]!.units, first.event.charges[0]!.debt], [400_000, 0])
  assert.equal((await h.ask({ model: 'unheard-of' })).status, 200)
  assert.equal((await h.ask({ model: 'unheard-of' })).status, 429)
  assert.equal((await h.ask({ model: 'paid-model' })).status, 200, 'what is left is enough for a cheaper model')
})

test('C5: where unpriced models are blocked, they are refused in every dialect, and only they are', async () => {
  const h = policyWorld('pricing: { on_unpriced: block }')
  const messages = [{ role: 'user', content: 'hello' }]
  const blocked = [
    await h.ask({ model: 'unheard-of' }),
    await h.call({
      target: '/v1/messages',
      body: JSON.stringify({ model: 'unheard-of', max_tokens: 5, messages }),
    }),
    await h.call({
      target: '/v1beta/models/unheard-of:generateContent',
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }),
    }),
    await h.call({ target: '/v1/embeddings', body: JSON.stringify({ model: 'unheard-of', input: 'hello' }) }),
  ]
  for (const { status, event, exchange } of blocked) {
    assert.equal(status, 403, event.endpoint!)
    assert.deepEqual(event.refusal, { kind: 'unpriced', model: 'unheard-of' })
    assert.match(exchange.received.toString(), /has no price/)
    assert.deepEqual([event.cost.nanoUsd, event.cost.source], [0, 'none'])
  }
  assert.deepEqual(h.vendor.paths, [])
  for (const model of ['paid-model', 'free-model']) assert.equal((await h.ask({ model })).status, 200)
  const free = [
    await h.call({ method: 'GET', target: '/v1/models' }),
    await h.call({ method: 'GET', target: '/v1/models/unheard-of' }),
    await h.call({ target: '/v1/messages/count_tokens', body: JSON.stringify({ model: 'unheard-of', messages }) }),
  ]
  for (const { status, event } of free) assert.equal(status, 200, `${event.endpoint} generates nothing`)
})

test('C5: a model with the price 0 stays usable when the budget is used up, streamed or not', async () => {
  const h = policyWorld(budget(0.0001))
  while ((await h.ask()).status === 200);
  for (const stream of [false, true]) {
    const { status, event } = await h.ask({ model: 'free-model', stream })
    assert.equal(status, 200)
    assert.deepEqual(event.cost, { nanoUsd: 0, source: 'price', book: 'config' })
    assert.deepEqual([event.outcome, event.usage.outputTokens, event.charges], ['ok', 12, []])
  }
  assert.equal((await h.ask()).status, 429, 'and the priced one is not')
})

test('C4, C9: usage that is not reported is counted and priced; usage that is reported as zero costs nothing', async () => {
  for (const stream of [false, true]) {
    const h = policyWorld(budget(1))
    h.vendor.usage = null
    const unsaid = await h.ask({ stream })
    assert.deepEqual([unsaid.event.usageSource, unsaid.event.cost.source], ['estimate', 'price'])
    const { inputTokens, outputTokens } = unsaid.event.usage
    assert.ok(inputTokens > 0 && outputTokens > 0)
    assert.equal(unsaid.event.charges[0]!.units, inputTokens * 1000 + outputTokens * 2000)
    const free = await h.ask({ model: 'free-model', stream })
    assert.deepEqual(free.event.cost, { nanoUsd: 0, source: 'price', book: 'config' })
    assert.ok(free.event.usage.outputTokens > 0)
  }
  const h = policyWorld(budget(1))
  h.vendor.usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }
  const zero = await h.ask()
  assert.deepEqual([zero.event.usageSource, zero.event.cost.nanoUsd, zero.event.charges], ['provider', 0, []])
})

test('C7: cached, cache-writing, reasoning and audio tokens and tool calls cost their own prices', async () => {
  const prices = `{ input: 10, cached_input: 1, cache_write: 12.5, audio_input: 40, output: 20, reasoning: 60, audio_output: 80, tool_call: 0.01 }`
  const h = policyWorld(`${budget(1)}
pricing: { estimate: ${prices} }`)
  const body = { model: 'vendor-model', max_tokens: 500, messages: [{ role: 'user', content: 'hello' }] }
  const post = async (target: string, fields: object, usage: object): Promise<number> => {
    h.vendor.usage = usage
    const { event } = await h.call({ target, body: JSON.stringify(fields) })
    assert.equal(event.outcome, 'ok')
    assert.equal(event.charges[0]!.units, event.cost.nanoUsd)
    return event.cost.nanoUsd / 1000
  }
  const chat = await post('/v1/chat/completions', body, {
    prompt_tokens: 100,
    completion_tokens: 50,
    prompt_tokens_details: { cached_tokens: 60, audio_tokens: 10 },
    completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 5 },
  })
  assert.equal(chat, 30 * 10 + 60 * 1 + 10 * 40 + 15 * 20 + 30 * 60 + 5 * 80)
  const responses = await post(
    '/v1/responses',
    { model: 'vendor-model', input: 'hello' },
    {
      input_tokens: 100,
      output_tokens: 50,
      input_tokens_details: { cached_tokens: 60 },
      output_tokens_details: { reasoning_tokens: 30 },
    },
  )
  assert.equal(responses, 40 * 10 + 60 * 1 + 20 * 20 + 30 * 60)
  const messages = await post('/v1/messages', body, {
    input_tokens: 40,
    cache_creation_input_tokens: 8,
    cache_read_input_tokens: 52,
    output_tokens: 20,
    server_tool_use: { web_search_requests: 2 },
  })
  // Anthropic's input leaves out what a cache read or wrote. A search costs a cent, 10,000 micro-dollars.
  assert.equal(messages, 40 * 10 + 8 * 12.5 + 52 * 1 + 20 * 20 + 2 * 10_000)
  const gemini = await post(
    '/v1beta/models/vendor-model:generateContent',
    { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] },
    { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 20, thoughtsTokenCount: 30 },
  )
  assert.equal(gemini, 40 * 10 + 60 * 1 + 20 * 20 + 30 * 60)
})

test('B3: the client cannot choose what it costs, and senseless bounds are refused', async () => {
  const h = policyWorld(budget(1))
  const plain = await h.ask()
  const hinting = await h.ask(
    { usage: { prompt_tokens: 0, completion_tokens: 0 }, cost: 0, price: 0, cost_usd: -1 },
    { headers: { 'x-cost': '0', 'x-tokens': '-5', 'x-weir-cost': '0', 'x-litellm-spend': '0' } },
  )
  assert.deepEqual(hinting.event.cost, plain.event.cost)
  const chat = (field: string, value: string): Parameters<typeof h.call>[0] => ({
    body: `{"model":"paid-model","messages":[{"role":"user","content":"hello"}],"${field}":${value}}`,
  })
  const claude = (value: string): Parameters<typeof h.call>[0] => ({
    target: '/v1/messages',
    body: `{"model":"paid-model","messages":[{"role":"user","content":"hello"}],"max_tokens":${value}}`,
  })
  const responses = (value: string): Parameters<typeof h.call>[0] => ({
    target: '/v1/responses',
    body: `{"model":"paid-model","input":"hello","max_output_tokens":${value}}`,
  })
  const gemini = (value: string): Parameters<typeof h.call>[0] => ({
    target: '/v1beta/models/paid-model:generateContent',
    body: `{"contents":[{"parts":[{"text":"hello"}]}],"generationConfig":{"maxOutputTokens":${value}}}`,
  })
  for (const value of ['-1', '1.5', '1e400', '"10"', '1e12', '[1]', 'true', 'NaN']) {
    for (const request of [
      chat('max_tokens', value),
      chat('max_completion_tokens', value),
      chat('n', value),
      claude(value),
      responses(value),
      gemini(value),
    ]) {
      const { status, event } = await h.call(request)
      assert.deepEqual([status, event.refusal?.kind, event.charges], [400, 'bad_request', []], String(request.body))
    }
  }
})

test('a limit of requests over three days refuses on the second and frees on the fourth', async () => {
  const h = policyWorld(`
quotas:
  - { name: sustained, per: [key], requests: 10, window: 3d, kind: sliding }`)
  for (let i = 0; i < 10; i++) assert.equal((await h.ask()).status, 200)
  await h.clock.advance(DAY_MS)
  const second = await h.ask()
  assert.equal(second.status, 429)
  assert.equal(second.exchange.headers['x-should-retry'], 'false', 'no library waits for days')
  const waitMs = Number(second.exchange.headers['retry-after-ms'])
  assert.ok(waitMs > 1.9 * DAY_MS && waitMs < 2.2 * DAY_MS, `${waitMs} ms`)
  await h.clock.advance(DAY_MS)
  assert.equal((await h.ask()).status, 429)
  await h.clock.advance(1.2 * DAY_MS)
  for (let i = 0; i < 10; i++) assert.equal((await h.ask()).status, 200)
  assert.equal((await h.ask()).status, 429)
})

test('a budget over 31 days lasts for 31 days, whichever way its window moves', async () => {
  for (const kind of ['sliding', 'calendar', 'bucket']) {
    const h = policyWorld(`
quotas:
  - { name: month, per: [tenant], cost_usd: 0.0001, window: 31d, kind: ${kind} }`)
    // Calendar periods of 31 days begin where they do: from the start of one on.
    await h.clock.advance(31 * DAY_MS - (h.clock.now() % (31 * DAY_MS)))
    const ok = [await h.ask(), await h.ask(), await h.ask()].map(({ status }) => status)
    assert.deepEqual(ok, [200, 200, 429], kind)
    for (let day = 1; day <= 6; day++) {
      await h.clock.advance(DAY_MS)
      assert.equal(
        (await h.ask({}, { headers: keyOf('b') })).status,
        429,
        `${kind}: day ${day}, and for the whole tenant`,
      )
    }
    await h.clock.advance(27 * DAY_MS)
    assert.equal((await h.ask()).status, 200, `${kind}: day 34`)
  }
})
