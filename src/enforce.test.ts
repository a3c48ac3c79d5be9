import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionSpec, ActionSubject } from './core/action.ts'
import { noFacts } from './core/dimensions.ts'
import { startDraft } from './core/draft.ts'
import { deskEndpoints } from './desk.ts'
import type { Known } from './describe.ts'
import { enforce } from './enforce.ts'
import { memoryExchange } from './gateway/memory-exchange.ts'
import { createVirtualClock } from './lab/virtual-clock.ts'
import type { RequestPath } from './pipeline.ts'
import type { Policy } from './policy.ts'
import { as, chatOf, enforcedWorld, SIGNS, type EnforcedWorld } from '../test/support/enforced-world.ts'
import { inForce, on } from '../test/support/in-force.ts'
import { signed } from '../test/support/reception.ts'

const acme = on('account', 'acme')
const stepUp = (grace: number): ActionSpec => ({ action: 'step_up', grace, means: ['proof_of_work'] })
const block: ActionSpec = { action: 'block' }
const MINUTE_MS = 60_000

/** Sends a request whose body is counted as it is read. */
async function readsOf(h: EnforcedWorld): Promise<{ reads: number; status: number }> {
  const request = { id: h.weir.nextId(), receivedAtMs: h.clock.now(), ...as('k1'), body: chatOf() }
  const exchange = memoryExchange(request)
  const { readBody } = exchange
  let reads = 0
  exchange.readBody = (...given) => {
    reads++
    return readBody(...given)
  }
  void h.weir.handle(exchange)
  await h.clock.advance(100)
  return { reads, status: exchange.status }
}

const shutOut: readonly (readonly [spec: ActionSpec, subject: ActionSubject, status: number, code: string])[] = [
  [block, acme, 403, 'access_denied'],
  [block, on('key', 'k1'), 403, 'access_denied'],
  [block, on('campaign', 'c1'), 403, 'access_denied'],
  [{ action: 'quarantine' }, on('key', 'k1'), 403, 'key_quarantined'],
  [{ action: 'cooldown' }, acme, 429, 'cooling_down'],
  [block, on('descriptor', 'everything'), 503, 'switched_off'],
]

test('whoever is shut out is refused before its body is read, and nobody else is', async () => {
  for (const [spec, subject, status, code] of shutOut) {
    const h = enforcedWorld()
    h.actions.campaigns.set('acme', 'c1')
    assert.deepEqual(await readsOf(h), { reads: 1, status: 200 })
    const { id } = h.actions.apply(spec, subject, { untilMs: h.clock.now() + 30_000 })
    assert.deepEqual(await readsOf(h), { reads: 0, status }, code)
    const { event, error } = await h.ask()
    assert.equal(error!.code, code)
    assert.deepEqual([event.outcome, event.action, event.actions], ['refused', spec.action, [id]])
    assert.deepEqual((await h.ask({}, as('k2'))).status, subject.kind === 'descriptor' ? 503 : 200)
    assert.equal(h.sent.length, subject.kind === 'descriptor' ? 1 : 2)
    h.actions.lift(id)
    assert.equal((await h.ask()).status, 200)
  }
})

test('a cooldown names what is left of it as the wait', async () => {
  const h = enforcedWorld()
  h.actions.apply({ action: 'cooldown' }, acme, { untilMs: h.clock.now() + 30_000 })
  const { exchange, event } = await h.ask()
  assert.deepEqual(event.refusal, { kind: 'cooling_down', retryAfterMs: 30_000 })
  const waitMs = Number(exchange.headers['retry-after-ms'])
  assert.ok(waitMs >= 30_000)
  await h.clock.advance(waitMs)
  assert.equal((await h.ask()).status, 200)
})

test('what is said of users, programs, models and prompts is decided when the body is known', async () => {
  const cases: readonly (readonly [ActionSubject, Parameters<EnforcedWorld['actions']['apply']>[2], object])[] = [
    [on('user', 'acme/u1'), {}, { user: 'u1' }],
    [acme, { scope: [{ dimension: 'model', globs: ['big-*'] }] }, { model: 'big-2' }],
    [acme, { scope: [{ dimension: 'prompt_class', globs: ['translation'] }] }, asked('Translate to French: good day')],
    [on('descriptor', 'route'), { scope: [{ dimension: 'model', globs: ['big-2'] }] }, { model: 'big-2' }],
  ]
  for (const [subject, over, meets] of cases) {
    const h = enforcedWorld()
    h.actions.apply(block, subject, over)
    assert.equal((await h.ask({ model: 'small-1' })).status, 200, JSON.stringify(meets))
    assert.ok([403, 503].includes((await h.ask(meets)).status), JSON.stringify(meets))
    assert.equal(h.sent.length, 1)
  }
})

const asked = (content: string): object => ({ messages: [{ role: 'user', content }] })

test('a mere claim to be somebody does not learn what stands against it', async () => {
  const h = enforcedWorld()
  h.actions.apply(block, on('account', 'sealed'))
  const forged = signed(h.clock.now(), `${SIGNS}x`, 'signs', { body: chatOf() })
  const claim = await h.call(forged)
  assert.deepEqual([claim.status, claim.error!.code], [401, 'invalid_api_key'])
  assert.deepEqual(claim.event.actions, [])
  const real = await h.call(signed(h.clock.now(), SIGNS, 'signs', { body: chatOf() }))
  assert.deepEqual([real.status, real.error!.code], [403, 'access_denied'])
})

test('a network alone is asked to show who it is, and never shut out', async () => {
  const h = enforcedWorld()
  h.actions.apply(block, on('ip_prefix', '127.0.0.0/24'))
  const { error, event } = await h.ask()
  assert.deepEqual([error!.code, event.action], ['step_up_required', 'step_up'])
})

test('grace is answered as a caller of low trust, taken once for each request, and then the step-up is insisted on', async () => {
  const h = enforcedWorld()
  const { id } = h.actions.apply(stepUp(2), acme)
  for (let i = 0; i < 2; i++) {
    const { status, event } = await h.ask({ logprobs: true, n: 3 })
    assert.deepEqual([status, event.action, event.actions], [200, 'restrict', [id]])
  }
  assert.deepEqual(
    h.sent.map(({ body }) => Object.keys(body).toSorted()),
    Array.from({ length: 2 }, () => ['max_completion_tokens', 'messages', 'model']),
  )
  assert.equal(h.sent[0]!.body['max_completion_tokens'], 1024)
  const { status, error, event } = await h.ask()
  assert.deepEqual([status, error!.code, event.action, event.actions], [403, 'step_up_required', 'step_up', [id]])
  assert.equal(h.sent.length, 2)
  h.actions.lift(id)
  assert.equal((await h.ask()).event.action, 'allow', 'one request after it was passed')
})

test('a request that is refused for another reason uses up no grace', async () => {
  const h = enforcedWorld(`
request: { max_tokens: 1000 }
screening: { invisible_unicode: refuse }
trust_profiles: { plain: { deny_fields: [logit_bias] } }
tenants: { acme: { trust: plain } }
quotas:
  - { name: few, per: [key], requests: 1, window: 1h, match: { model: "big-9" } }`)
  const { id } = h.actions.apply(stepUp(2), acme)
  const refused = async (body: object, status: number): Promise<void> => {
    assert.equal((await h.ask(body)).status, status, JSON.stringify(body))
  }
  await refused({ messages: 1 }, 400)
  await refused({ model: 'nobody' }, 404)
  await refused({ logit_bias: {} }, 403)
  await refused({ max_tokens: 2000 }, 400)
  await refused(asked(`hi ${'\u{e0041}'.repeat(40)}`), 400)
  assert.equal(h.actions.grace.get(id), 2)
  await refused({ model: 'big-9' }, 200)
  await refused({ model: 'big-9' }, 429)
  const left = h.send({ ...as('k1'), body: chatOf() })
  left.leave()
  await h.clock.advance(100)
  assert.equal(h.actions.grace.get(id), 1)
  const cooldown = h.actions.apply({ action: 'cooldown' }, acme, { untilMs: h.clock.now() + 1000 })
  await refused({}, 429)
  h.actions.lift(cooldown.id)
  assert.equal(h.actions.grace.get(id), 1)
})

test('a refused step-up gives back what was held for it', async () => {
  const h = enforcedWorld(`
quotas:
  - { name: once, per: [key], requests: 1, window: 1h }
  - { name: one, per: [key], concurrent: 1 }`)
  const { id } = h.actions.apply(stepUp(0), acme)
  for (let i = 0; i < 3; i++) assert.equal((await h.ask()).error!.code, 'step_up_required')
  h.actions.lift(id)
  assert.equal((await h.ask()).status, 200)
})

test('the page of a step-up is on the host asked only where nobody can have made that up', async () => {
  const pageOf = async (more: string, host: string): Promise<string> => {
    const h = enforcedWorld(more)
    h.actions.apply(stepUp(0), acme)
    const { headers } = as('k1')
    const { event } = await h.ask({}, { headers: { ...headers, host } })
    return event.refusal?.kind === 'step_up' ? event.refusal.url : ''
  }
  for (const [host, page] of [
    ['localhost:8080', 'http://localhost:8080/weir/step-up/page'],
    ['[::1]:80', 'http://[::1]:80/weir/step-up/page'],
    ['api.example.com', '/weir/step-up/page'],
    ['localhost.evil.test', '/weir/step-up/page'],
    ['127.0.0.1@evil.test', '/weir/step-up/page'],
    ['localhost/evil', '/weir/step-up/page'],
    ['', '/weir/step-up/page'],
  ] as const) {
    assert.equal(await pageOf('quotas: []', host), page, host)
  }
})

test('the desk and the list of models stay open to whoever is asked, slowed or squeezed', async () => {
  for (const [spec, other] of [
    [stepUp(0), 403],
    [{ action: 'throttle', requestsPerMinute: 0.001 }, 429],
    [{ action: 'squeeze', factor: 0.001, requestsPerDay: 1 }, 429],
  ] as const) {
    const h = enforcedWorld()
    const { id } = h.actions.apply(spec, acme)
    if (spec.action !== 'step_up') await h.ask()
    assert.equal((await h.ask()).status, other)
    for (const target of ['/v1/models', '/v1/models/big-1', '/weir/quotas', '/weir/terms']) {
      const { status, event } = await h.call({ method: 'GET', target })
      assert.deepEqual([status, event.action, event.actions], [200, 'allow', []], target)
    }
    assert.equal(h.actions.grace.get(id) ?? 0, spec.action === 'step_up' ? -1 : 0, 'once, for the chat')
    h.actions.apply(block, acme)
    for (const target of ['/v1/models', '/weir/quotas']) {
      assert.equal((await h.call({ method: 'GET', target })).status, 403, target)
    }
  }
})

test('a throttle refuses with the true wait, and an agent in a loop is told that it is in one', async () => {
  const h = enforcedWorld()
  const tell = 'The same request was sent 40 times.'
  const { id } = h.actions.apply({ action: 'throttle', requestsPerMinute: 6, tell }, acme)
  assert.equal((await h.ask()).status, 200)
  for (const key of ['k1', 'k3'] as const) {
    const { status, error, event, exchange } = await h.ask({}, as(key))
    assert.deepEqual([status, error!.code, event.action, event.actions], [429, 'rate_limit_exceeded', 'throttle', [id]])
    assert.equal(error!.message, `Requests come too fast. ${tell} Please slow down.`)
    assert.equal(exchange.headers['x-ratelimit-limit-requests'], undefined)
  }
  const { event } = await h.ask()
  assert.ok(event.refusal?.kind === 'throttled')
  const { retryAfterMs } = event.refusal
  assert.ok(retryAfterMs > 9000 && retryAfterMs <= 10_000)
  await h.clock.advance(retryAfterMs - 50)
  assert.equal((await h.ask()).status, 429, 'not before its time')
  await h.clock.advance(50)
  assert.equal((await h.ask()).status, 200)
  assert.equal((await h.ask({}, as('k2'))).status, 200)
})

test('members of a campaign share one budget, and no answer says who is counted together', async () => {
  const h = enforcedWorld(`
quotas:
  - { name: key-rpm, per: [key], requests: 40, window: 1m, kind: calendar }
  - { name: key-day, per: [key], requests: 1000, window: 1d, kind: calendar }`)
  h.actions.campaigns.set('acme', 'c1').set('key:k2', 'c1')
  h.actions.apply({ action: 'squeeze', factor: 0.1, requestsPerDay: 6 }, on('campaign', 'c1'))
  const statuses: number[] = []
  for (const key of ['k1', 'k2', 'k3', 'k1', 'k2'] as const) {
    const { status, exchange, error } = await h.ask({}, as(key))
    statuses.push(status)
    if (status === 200) assert.equal(exchange.headers['x-ratelimit-limit-requests'], '40')
    else assert.equal(error!.message, 'Requests come too fast. Please slow down.')
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 429])
  await h.clock.advance(MINUTE_MS)
  assert.deepEqual((await h.ask({}, as('k2'))).status, 200)
  assert.deepEqual((await h.ask({}, as('k1'))).status, 200)
  const { event, exchange } = await h.ask({}, as('k3'))
  assert.ok(event.refusal?.kind === 'throttled' && event.refusal.retryAfterMs > 20 * 60 * MINUTE_MS, 'the day is over')
  assert.equal(exchange.headers['x-should-retry'], 'false')
})

test('on probation a caller has a part of its own limits, by a name that tells nothing', async () => {
  const h = enforcedWorld(`
quotas:
  - { name: key-rpm, per: [key], requests: 6, window: 1m, kind: calendar }
exemptions:
  - { reason: let, expires: 2027-01-31, match: { key: k2 }, from: [key-rpm] }`)
  for (const value of ['acme', 'key:k2']) {
    h.actions.apply({ action: 'squeeze', factor: 0.5, requestsPerDay: null }, on('account', value))
  }
  for (const key of ['k1', 'k3'] as const) {
    for (let i = 0; i < 3; i++) assert.equal((await h.ask({}, as(key))).status, 200)
    const { error, event } = await h.ask({}, as(key))
    assert.match(error!.message, /^Rate limit "requests" reached on requests: limit 3, used 3, requested 1\./)
    assert.equal(event.action, 'squeeze')
  }
  for (let i = 0; i < 9; i++)
    assert.equal((await h.ask({}, as('k2'))).status, 200, 'exempt from one, and from the other')
})

test('a decoy answers in place of the honest upstream, and its client sees and pays the same', async () => {
  const h = enforcedWorld()
  const honest = await h.ask({ n: 2, logprobs: true })
  const { id } = h.actions.apply({ action: 'decoy', upstream: 'decoys' }, acme)
  const decoy = await h.ask({ n: 2, logprobs: true })
  assert.deepEqual(
    h.sent.map(({ upstream, body }) => [upstream, body]),
    [
      ['main', h.sent[0]!.body],
      ['decoys', h.sent[0]!.body],
    ],
  )
  assert.deepEqual([decoy.event.action, decoy.event.actions, decoy.event.upstream], ['decoy', [id], 'decoys'])
  assert.deepEqual(decoy.event.cost, honest.event.cost)
  assert.deepEqual(decoy.exchange.received, honest.exchange.received)
  assert.deepEqual(Object.keys(decoy.exchange.headers), Object.keys(honest.exchange.headers))
})

test('a decoy that is not there, or speaks another dialect, shuts nobody out and is said', async () => {
  for (const [upstream, request] of [
    ['nowhere', { body: chatOf() }],
    [
      'decoys',
      {
        target: '/v1/messages',
        body: JSON.stringify({ model: 'claude-1', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }),
      },
    ],
  ] as const) {
    const h = enforcedWorld()
    h.actions.apply({ action: 'decoy', upstream }, acme)
    const { status, event } = await h.call(request)
    assert.deepEqual([status, event.action, event.actions, event.fault], [200, 'allow', [], 'no_decoy'])
    assert.deepEqual(h.sent[0]!.upstream, 'main')
  }
})

test("a client's own key goes to no decoy", async () => {
  const h = enforcedWorld()
  const own = { headers: { authorization: 'Bearer sk-0123456789abcdef0123456789' } }
  const { event } = await h.ask({}, own)
  h.actions.apply({ action: 'decoy', upstream: 'decoys' }, on('account', event.who!.account))
  await h.ask({}, own)
  assert.deepEqual(
    h.sent.map(({ upstream, credential }) => [upstream, credential]),
    [
      ['main', 'sk-0123456789abcdef0123456789'],
      ['decoys', null],
    ],
  )
})

test('a restricted call is answered by the cheaper model, at its price, within its bounds', async () => {
  const h = enforcedWorld()
  h.actions.apply({ action: 'restrict', maxTokens: 256, model: 'small-2' }, acme)
  const { status, event } = await h.ask({ n: 4, max_tokens: 4000, seed: 1 })
  assert.deepEqual([status, event.action, event.outcome, event.model], [200, 'restrict', 'ok', 'big-1'])
  assert.deepEqual(h.sent[0]!.body, JSON.parse(chatOf({ model: 'small-2', max_tokens: 256 })))
  assert.equal(event.cost.nanoUsd, event.usage.inputTokens * 1000 + event.usage.outputTokens * 2000)
  await h.ask()
  assert.equal(h.sent[1]!.body['max_completion_tokens'], 64, 'as the cheaper route has it')
})

test('where the cheaper model has no route, the one that was asked for answers', async () => {
  const h = enforcedWorld()
  h.actions.apply({ action: 'restrict', maxTokens: null, model: 'nobody' }, acme)
  assert.equal((await h.ask({ n: 2 })).status, 200)
  assert.deepEqual(h.sent[0]!.body, JSON.parse(chatOf()))
})

test('a restricted stream ends after its one choice, with its usage', async () => {
  const h = enforcedWorld()
  h.actions.apply({ action: 'restrict', maxTokens: 100, model: null }, acme)
  const { exchange, event } = await h.ask({ n: 3, stream: true, stream_options: { include_usage: true, x: 1 } })
  assert.deepEqual([event.outcome, event.usageSource], ['ok', 'provider'])
  assert.deepEqual(h.sent[0]!.body['stream_options'], { include_usage: true })
  assert.match(exchange.received.toString(), /"usage":\{/)
  assert.match(exchange.received.toString(), /data: \[DONE\]\n\n$/)
})

test('whoever is exempt from actions meets none, and the event says why', async () => {
  const h = enforcedWorld(`
quotas: []
exemptions:
  - { reason: our own probe, expires: 2027-01-31, match: { key: k1 }, from: [actions] }
  - { reason: at night, expires: 2026-01-01, match: { key: k3 }, from: [actions] }`)
  h.actions.apply(block, acme)
  const { status, event } = await h.ask()
  assert.deepEqual([status, event.action, event.exemptions], [200, 'allow', ['our own probe']])
  assert.equal((await h.ask({}, as('k3'))).status, 403, 'that one has ended')
})

test('an exemption that the body decides about is waited for', async () => {
  const h = enforcedWorld(`
quotas: []
exemptions:
  - { reason: small ones, expires: 2027-01-31, match: { key: k1, model: "small-*" }, from: [actions] }`)
  h.actions.apply(block, acme)
  assert.equal((await h.ask({ model: 'small-1' })).status, 200)
  assert.equal((await h.ask()).status, 403)
  assert.deepEqual(await readsOf(h), { reads: 1, status: 403 })
})

test('a stage that fails denies, or lets go on where the configuration says so, and is counted', async () => {
  for (const [more, status, fault] of [
    ['quotas: []', 500, 'Error'],
    ['on_error: { enforce: allow }', 200, 'enforce_failed'],
  ] as const) {
    const h = enforcedWorld(more)
    h.actions.apply(block, acme)
    h.actions.broken = true
    const { event } = await h.ask()
    assert.deepEqual([event.status, event.fault], [status, fault])
    assert.equal(h.sent.length, status === 200 ? 1 : 0)
    assert.ok(h.said.some(({ what }) => what === 'request_failed'))
  }
})

test('a step-up can be reached by whoever is shut out, and not where it is switched off itself', () => {
  const actions = inForce()
  const known = { facts: { ...noFacts, tenant: 'acme', key: 'k1' }, exempt: { from: new Set(), reasons: [] } }
  const policy = { detours: new Map(), exemptions: [], onError: { enforce: 'deny' } } as unknown as Policy
  const path = { actions, clock: createVirtualClock(0) } as unknown as RequestPath
  const draft = startDraft('id', 0, 'hash', 'POST /weir/step-up/answer', null)
  const met = (where: string): string | null => {
    const route = {
      endpoint: { ...deskEndpoints[0]!, path: where },
      target: { id: null, query: new URLSearchParams() },
    }
    return enforce(route, known as unknown as Known, policy, path, draft).refusal?.kind ?? null
  }
  for (const name of ['block', 'quarantine', 'cooldown'] as const) actions.apply({ action: name }, acme)
  actions.apply(stepUp(0), acme)
  assert.deepEqual(['/weir/step-up', '/weir/step-up/answer', '/weir/step-upper', '/weir/token'].map(met), [
    null,
    null,
    'blocked',
    'blocked',
  ])
  actions.apply(block, on('descriptor', 'all'))
  assert.equal(met('/weir/step-up/answer'), 'switched_off')
})
