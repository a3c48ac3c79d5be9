import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import type { AppliedAction } from './core/action.ts'
import type { Level } from './core/decision.ts'
import type { Facts } from './core/dimensions.ts'
import type { RequestEvent } from './core/event.ts'
import { parseConfig } from './config/load.ts'
import type { DecoysConfig } from './config/response-config.ts'
import type { MemoryExchange, MemoryRequest } from './gateway/memory-exchange.ts'
import { createDemoModel } from './lab/demo-model.ts'
import { levelInForce } from './decoying.ts'
import type { World } from './compose.ts'
import { atLevel, HONEY_KEY, honeyKey, withDecoys } from '../test/support/decoys.ts'
import { configOf, dataOf, harness, SECRET, type Harness } from '../test/support/harness.ts'
import {
  json,
  scriptedUpstream,
  streamSteps,
  wholeSteps,
  type ScriptedUpstream,
} from '../test/support/scripted-upstream.ts'

const real = { id: 'acme-1', object: 'model', created: 1_700_000_000, owned_by: 'acme', root: 'acme-1', parent: null }
const small = { ...real, id: 'acme-small', root: 'acme-small' }

interface Room extends Harness {
  readonly upstream: ScriptedUpstream
  ask(request?: Partial<MemoryRequest>, secret?: string): Promise<Asked>
}

interface Asked {
  readonly exchange: MemoryExchange
  readonly event: RequestEvent
}

const QUOTAS = '  - { name: day, per: [key, model], requests: 1000, window: 1d }'

function room(decoys: Partial<DecoysConfig>, world: Partial<World> = {}, more = '', quotas = QUOTAS): Room {
  let upstream: ScriptedUpstream | null = null
  const config = withDecoys(configOf(quotas, more), decoys)
  const h = harness(
    config,
    (clock) =>
      (upstream ??= scriptedUpstream(clock, ({ path, body }) => {
        if (path.startsWith('/models')) {
          const list = path === '/models' ? { object: 'list', data: [real, small], more: 1 } : real
          return [
            { afterMs: 5, head: 200, headers: json },
            { afterMs: 0, data: JSON.stringify(list) },
            { afterMs: 0, end: true },
          ]
        }
        const stream = Buffer.from(body!).includes('"stream":true')
        return stream ? streamSteps(6, 20, 30) : wholeSteps(6, 20, 250)
      })),
    world,
  )
  const ask: Room['ask'] = async (request = {}, secret = SECRET) => {
    const headers =
      secret === '' ? { authorization: undefined as unknown as string } : { authorization: `Bearer ${secret}` }
    const exchange = h.send({ ...request, headers: { ...headers, ...request.headers } })
    await h.clock.advance(30_000)
    return { exchange, event: h.events.find(({ id }) => id === exchange.id)! }
  }
  return { ...h, upstream: upstream!, ask }
}

const chat = (model: string, over: object = {}): Partial<MemoryRequest> => ({
  body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], ...over }),
})
const list: Partial<MemoryRequest> = { method: 'GET', target: '/v1/models' }
const idsOf = ({ exchange }: Asked): string[] =>
  (JSON.parse(exchange.received.toString()) as { data: { id: string }[] }).data.map(({ id }) => id)

/** What a client gets, but for what differs between any two requests. */
const seen = ({ exchange }: Asked): object => {
  const { 'x-request-id': _, ...headers } = exchange.headers
  return { status: exchange.status, headers, body: exchange.received.toString().replaceAll(exchange.id, 'ID') }
}

const PATH = '/v1/internal/export'
const endpoints = [{ path: PATH, weight: 30 }]
const endpointTouch = { kind: 'endpoint', name: PATH, weight: 30, owner: null }

test('a honey path is answered as any unknown route is, to everybody, and named is only who has shown a key', async () => {
  const r = room({ endpoints })
  for (const [secret, account] of [
    ['', null],
    ['sk-wrong-0123456789', null],
    [SECRET, 'acme'],
    [`${SECRET}2`, 'key:k2'],
  ] as const) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const touched = await r.ask({ method, target: `${PATH}?x=1` }, secret)
      const other = await r.ask({ method, target: '/v1/internal/exporx?x=1' }, secret)
      assert.deepEqual(seen(touched), seen(other))
      assert.equal(touched.exchange.status, 404)
      assert.deepEqual(touched.event.decoys, [endpointTouch])
      assert.equal(touched.event.who?.account ?? null, account)
      assert.deepEqual([other.event.decoys, other.event.who], [[], null])
      assert.match(touched.event.client!.id, /^fp_/)
    }
  }
  assert.equal(r.upstream.requests.length, 0)
})

test('keys cannot be tried at a honey path: no attempt there counts', async () => {
  const r = room({ endpoints, keys: [honeyKey] })
  for (let i = 0; i < 200; i++) await r.ask({ target: PATH }, i % 2 === 0 ? `sk-guess-${i}` : HONEY_KEY)
  const wrong = await r.ask(chat('acme-1'), 'sk-guess-more')
  assert.equal(wrong.event.refusal!.kind, 'unauthenticated')
})

test('a claim that was not proven names nobody at a honey path', async () => {
  const h = harness(withDecoys(configOf(''), { endpoints }), (clock) => scriptedUpstream(clock, () => []))
  const signature = {
    'signature-input': 'sig1=("@method");created=1;keyid="k1";alg="hmac-sha256"',
    signature: 'sig1=:AA==:',
  }
  const exchange = h.send({ target: PATH, headers: { ...signature, authorization: undefined as unknown as string } })
  await h.clock.advance(10)
  const event = h.events.find(({ id }) => id === exchange.id)!
  assert.deepEqual([event.decoys.length, event.who], [1, null])
})

test('a honey key is told what any wrong key is told, word for word, wherever it is tried', async () => {
  const r = room({ keys: [honeyKey], endpoints })
  for (const request of [
    list,
    chat('acme-1'),
    chat('acme-1', { stream: true }),
    { target: '/v1/embeddings', body: '{}' },
  ]) {
    const honey = await r.ask(request, HONEY_KEY)
    const wrong = await r.ask(request, `${HONEY_KEY.slice(0, -1)}x`)
    assert.deepEqual(seen(honey), seen(wrong))
    assert.equal(honey.exchange.status, 401)
    assert.deepEqual(honey.event.decoys, [{ kind: 'key', name: 'repo-1', weight: 1e6, owner: null }])
    assert.deepEqual([wrong.event.decoys, honey.event.who], [[], null])
    assert.equal(honey.event.network.ipPrefix, '127.0.0.0/24')
    assert.match(honey.event.client!.id, /^fp_/)
  }
  const elsewhere = await r.ask({ target: '/v1/nothing-here' }, HONEY_KEY)
  assert.deepEqual([elsewhere.exchange.status, elsewhere.event.decoys[0]!.kind], [404, 'key'])
  const both = await r.ask({ target: PATH }, HONEY_KEY)
  assert.deepEqual(
    both.event.decoys.map(({ kind }) => kind),
    ['endpoint', 'key'],
  )
  assert.equal(r.upstream.requests.length, 0)
  assert.equal(JSON.stringify(r.events).includes(HONEY_KEY), false)
})

test('a honey key’s failures count like a wrong key’s, and afterwards both wait', async () => {
  const answers = async (secret: (i: number) => string): Promise<readonly (number | string)[]> => {
    const r = room({ keys: [honeyKey] })
    const all: (number | string)[] = []
    for (let i = 0; i < 60; i++) {
      const { exchange } = await r.ask({ ...list, peerAddress: '192.0.2.9' }, secret(i))
      all.push(exchange.status, exchange.headers['retry-after'] ?? '-')
    }
    return all
  }
  assert.deepEqual(await answers(() => HONEY_KEY), await answers((i) => `sk-wrong-${i}`))
})

test('a honey key has no rights even where the configuration gives it to somebody', async () => {
  const r = room({ keys: [{ ...honeyKey, secretSha256: hash('sha256', SECRET, 'hex') }] })
  const { exchange, event } = await r.ask(chat('acme-1'))
  assert.deepEqual([exchange.status, event.who, event.decoys.length], [401, null, 1])
})

test('where clients bring keys of the upstream’s, a honey key gets there in a form that nobody can have', async () => {
  const config = configOf('')
  const passThrough = { match: ['sk-*'], profile: 'unknown', trust: null } as const
  let upstream: ScriptedUpstream | null = null
  const h = harness(
    withDecoys({ ...config, identity: { ...config.identity, passThrough } }, { keys: [honeyKey] }),
    (clock) => (upstream = scriptedUpstream(clock, () => wholeSteps(1, 1, 1))),
  )
  const wrong = `${HONEY_KEY.slice(0, 20)}0${HONEY_KEY.slice(21)}`
  for (const key of [HONEY_KEY, wrong]) h.send({ ...chat('acme-1'), headers: { authorization: `Bearer ${key}` } })
  await h.clock.advance(100)
  const [honey, other] = upstream!.requests.map(({ credential }) => credential!)
  assert.equal(other, wrong)
  assert.notEqual(honey, HONEY_KEY)
  assert.match(honey!, /^sk-proj-[0-9A-Za-z]{32}23456789$/)
  assert.deepEqual(
    h.events.map(({ decoys }) => decoys.map(({ kind }) => kind)),
    [['key'], []],
  )
})

test('nobody is touched by what honest programs do', async () => {
  const r = room({
    endpoints,
    keys: [honeyKey],
    models: [{ name: 'acme-next', weight: 8, fromLevel: 'step_up' }],
    aliases: { model: 'acme-1', prefix: 'acme-large', weight: 20 },
  })
  const listed = await r.ask(list)
  for (const id of idsOf(listed)) {
    await r.ask(chat(id))
    await r.ask(chat(id, { stream: true }))
    await r.ask({ method: 'GET', target: `/v1/models/${id}` })
  }
  for (const target of [
    '/',
    '/health',
    '/healthz',
    '/v1',
    '/v1/models/',
    '/robots.txt',
    '/favicon.ico',
    '/weir/quotas',
  ]) {
    await r.ask({ method: 'GET', target })
  }
  await r.ask(list, `${SECRET}2`)
  await r.ask(list, 'sk-mistyped')
  assert.ok(r.events.length > 15)
  for (const event of r.events) assert.deepEqual(event.decoys, [], event.route)
})

const models = [
  { name: 'acme-next', weight: 8, fromLevel: 'step_up' },
  { name: 'acme-raw', weight: 9, fromLevel: 'squeeze' },
] as const

test('honey models stand in the list of those at their level and above, and in nobody else’s', async () => {
  const at = async (level: Level, over: Partial<AppliedAction> = {}): Promise<string[]> => {
    const r = room({ models }, { actions: atLevel(level, ['acme'], over) })
    const others = idsOf(await r.ask(list, `${SECRET}2`))
    assert.deepEqual(others, ['acme-1', 'acme-small'])
    return idsOf(await r.ask(list)).slice(2)
  }
  assert.deepEqual(await at('notice'), [])
  assert.deepEqual(await at('step_up'), ['acme-next'])
  assert.deepEqual(await at('block'), ['acme-next', 'acme-raw'])
  assert.deepEqual(await at('block', { mode: 'shadow' }), [], 'shadow mode changes no answer')
  assert.deepEqual(await at('block', { heldBack: true }), [])
  assert.deepEqual(await at('block', { level: null }), [])
})

test('an offered model looks like the others in the list, and alone', async () => {
  const r = room({ models }, { actions: atLevel('step_up', ['acme']) })
  const { exchange } = await r.ask(list)
  const { data, ...rest } = JSON.parse(exchange.received.toString()) as { data: object[] }
  assert.deepEqual(rest, { object: 'list', more: 1 })
  assert.deepEqual(data, [real, small, { ...small, id: 'acme-next', root: 'acme-next' }])
  const alone = await r.ask({ method: 'GET', target: '/v1/models/acme-next' })
  assert.deepEqual(JSON.parse(alone.exchange.received.toString()), data[2])
  assert.deepEqual(alone.event.decoys, [{ kind: 'model', name: 'acme-next', weight: 8, owner: null }])
})

/** Names of fields and kinds of values, all the way down. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, shapeOf((value as Record<string, unknown>)[name])]))
}

/** The demo model answers as OpenAI's servers do. */
const demoRoom = (decoys: Partial<DecoysConfig>): Harness =>
  harness(withDecoys(configOf(QUOTAS), decoys), (clock) =>
    createDemoModel({ clock, seed: 't', firstByteMs: 700, tokensPerSecond: 50 }),
  )

async function answered(h: Harness, model: string, over: object): Promise<MemoryExchange> {
  const exchange = h.chat({ model, ...over })
  await h.clock.advance(60_000)
  assert.equal(exchange.ending, 'end')
  return exchange
}

test('a honey model’s whole answer has the shape, the headers and the time of a real one', async () => {
  const h = demoRoom({ models })
  for (const over of [{}, { n: 3 }, { max_tokens: 3 }]) {
    const real = await answered(h, 'weir-demo-small', over)
    const honey = await answered(h, 'acme-next', over)
    assert.deepEqual(Object.keys(honey.headers).sort(), Object.keys(real.headers).sort())
    const [a, b] = [real, honey].map(({ received }) => JSON.parse(received.toString()) as Answer)
    assert.deepEqual(shapeOf({ ...b, system_fingerprint: '' }), shapeOf({ ...a, system_fingerprint: '' }))
    assert.equal(b!.choices.length, a!.choices.length)
    assert.equal(b!.choices[0]!.finish_reason, 'max_tokens' in over ? 'length' : 'stop')
    assert.equal(b!.model, 'acme-next')
  }
  const times = h.events.map(({ answer }) => answer!.firstByteMs!)
  for (const i of [1, 3, 5]) assert.ok(times.filter((_, k) => k % 2 === 0).includes(times[i]!), String(times))
})

interface Answer {
  readonly model: string
  readonly choices: readonly { readonly finish_reason: string; readonly message: { readonly content: string } }[]
  readonly usage: { readonly total_tokens: number }
}

test('a honey model’s stream has the events and the tempo of a real one', async () => {
  const h = demoRoom({ models })
  for (const over of [{ stream: true }, { stream: true, n: 2, stream_options: { include_usage: true } }]) {
    const real = await answered(h, 'weir-demo-small', over)
    const honey = await answered(h, 'acme-next', over)
    const kinds = [real, honey].map((exchange) => {
      const shapes = dataOf(exchange).map((data) =>
        data === '[DONE]'
          ? data
          : JSON.stringify(shapeOf({ usage: null, ...JSON.parse(data), system_fingerprint: '' })),
      )
      return shapes.filter((shape, i) => shape !== shapes[i - 1])
    })
    assert.deepEqual(kinds[1], kinds[0])
    const { 'x-request-id': _, ...headers } = honey.headers
    assert.deepEqual(
      Object.keys(headers),
      Object.keys(real.headers).filter((name) => name !== 'x-request-id'),
    )
  }
  const [first, second] = h.events
  assert.equal(first!.answer!.firstByteMs, second!.answer!.firstByteMs)
  const perChunk = ({ answer, endMs, atMs }: RequestEvent): number =>
    (endMs - atMs - answer!.firstByteMs!) / answer!.chunks
  assert.ok(Math.abs(perChunk(first!) / perChunk(second!) - 1) < 0.5, `${perChunk(first!)} ${perChunk(second!)}`)
})

test('a honey model is limited, counted and charged like any other, says one true thing, and asks no upstream', async () => {
  const r = room({ models })
  const { exchange, event } = await r.ask(chat('acme-next'))
  const { choices, usage } = JSON.parse(exchange.received.toString()) as Answer
  assert.match(choices[0]!.message.content, /can't|not able/)
  assert.equal(event.usage.inputTokens + event.usage.outputTokens, usage.total_tokens)
  assert.deepEqual([event.model, event.upstream, event.outcome], ['acme-next', 'weir', 'ok'])
  assert.equal(event.charges[0]!.units, 1)
  assert.deepEqual(event.decoys, [{ kind: 'model', name: 'acme-next', weight: 8, owner: null }])
  assert.equal(r.upstream.requests.length, 0)
  const embedded = await r.ask({ target: '/v1/embeddings', body: '{"model":"acme-next","input":"x"}' })
  assert.equal(embedded.event.refusal!.kind, 'unknown_model', 'a made-up vector would be a false answer')
})

test('where a form was asked for, a honey model refuses in the field for it', async () => {
  const r = room({ models })
  const form = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } } }
  const { exchange } = await r.ask(chat('acme-next', form))
  const { message } = (JSON.parse(exchange.received.toString()) as { choices: { message: object }[] }).choices[0]!
  assert.deepEqual(Object.keys(message), ['role', 'content', 'refusal'])
  assert.equal((message as { content: unknown }).content, null)
})

test('a client that leaves takes a honey model’s answer with it', async () => {
  const r = room({ models })
  const exchange = r.send(chat('acme-next', { stream: true }))
  await r.clock.advance(620)
  exchange.leave()
  await r.clock.advance(10_000)
  assert.equal(r.events.at(-1)!.outcome, 'client_left')
  assert.equal(r.weir.stats.inFlight, 0)
})

test('a decoy upstream answers in the place of a honey model, and gets its name', async () => {
  const r = room({ models, upstream: 'main' })
  const { event } = await r.ask(chat('acme-next'))
  assert.deepEqual([event.upstream, event.outcome], ['scripted', 'ok'])
  assert.match(r.upstream.requests[0]!.text, /"model":"acme-next"/)
})

test('a honey model is answered where no other unknown model is: without a route, and without a price', async () => {
  const parsed = parseConfig(
    `
upstreams: { main: { dialect: openai, embedded: demo } }
models: { "acme-1": { upstream: main, price: { input: 1, output: 2 } } }
pricing: { on_unpriced: block }
identity: { keys: [{ id: k1, secret: "${SECRET}" }] }
quotas: [{ name: cost, per: [key], cost_usd: 5, window: 1d }]
`,
    'test.yaml',
    {},
  )
  assert.ok(parsed.ok)
  const h = harness(withDecoys(parsed.value, { models }), (clock) => scriptedUpstream(clock, () => []))
  const [honey, unknown] = [h.send(chat('acme-next')), h.send(chat('acme-nest'))]
  await h.clock.advance(5000)
  assert.deepEqual([honey.status, unknown.status], [200, 404])
  const event = h.events.find(({ id }) => id === honey.id)!
  assert.ok(event.charges[0]!.units > 0, 'a limit on cost must not tell them apart')
})

test('a path that Weir serves is answered in full, whatever the configuration calls it', async () => {
  const r = room({ endpoints: [{ path: '/v1/chat/completions', weight: 3 }] })
  const { exchange, event } = await r.ask(chat('acme-1'))
  assert.deepEqual([exchange.status, event.outcome, event.decoys.length], [200, 'ok', 1])
  assert.equal((await r.ask({ method: 'GET' })).exchange.status, 405)
})

const aliases = { model: 'acme-1', prefix: 'acme-large', weight: 20 }

test('every account sees one more name beside the real ones, its own, and always the same', async () => {
  const r = room({ aliases })
  const [mine, again, theirs] = [await r.ask(list), await r.ask(list), await r.ask(list, `${SECRET}2`)]
  const [first, alias, last] = idsOf(mine)
  assert.deepEqual([first, last, idsOf(mine).length], ['acme-1', 'acme-small', 3])
  assert.match(alias!, /^acme-large-[0-9a-hjkmnp-tv-z]{16}$/)
  assert.deepEqual(idsOf(again), idsOf(mine))
  assert.notEqual(idsOf(theirs)[1], alias)
  const { data } = JSON.parse(mine.exchange.received.toString()) as { data: object[] }
  assert.deepEqual(data[1], { ...real, id: alias, root: alias })
  assert.equal(mine.exchange.headers['content-length'], String(mine.exchange.received.length))
})

test('an alias is the real model in everything, for its owner without a touch', async () => {
  const r = room({ aliases })
  const alias = idsOf(await r.ask(list))[1]!
  for (const over of [{}, { stream: true }]) {
    const own = await r.ask(chat(alias, over))
    const plain = await r.ask(chat('acme-1', over))
    assert.equal(own.exchange.status, plain.exchange.status)
    assert.equal(own.exchange.received.toString(), plain.exchange.received.toString())
    assert.deepEqual([own.event.model, own.event.decoys], ['acme-1', []])
    const [a, b] = r.upstream.requests.slice(-2)
    assert.equal(a!.text, b!.text)
  }
  const alone = await r.ask({ method: 'GET', target: `/v1/models/${alias}` })
  assert.equal(r.upstream.requests.at(-1)!.path, '/models/acme-1')
  assert.deepEqual([alone.exchange.status, alone.event.decoys], [200, []])
})

test('a limit on the real model counts an alias of it, whoever’s', async () => {
  const r = room({ aliases }, {}, '', '  - { name: few, per: [key, model], requests: 2, window: 1d }')
  const alias = idsOf(await r.ask(list))[1]!
  const statuses: number[] = []
  for (const model of ['acme-1', alias, 'acme-1', alias, `acme-large-${'z'.repeat(16)}`]) {
    statuses.push((await r.ask(chat(model))).exchange.status)
  }
  assert.deepEqual(statuses, [200, 200, 429, 429, 429])
})

test('an alias of another account is answered just the same, and is an edge between the two', async () => {
  const r = room({ aliases })
  const alias = idsOf(await r.ask(list))[1]!
  const own = await r.ask(chat(alias))
  const other = await r.ask(chat(alias), `${SECRET}2`)
  assert.equal(other.exchange.received.toString(), own.exchange.received.toString())
  assert.deepEqual(other.event.decoys, [{ kind: 'alias', name: alias, weight: 20, owner: 'acme' }])
  const guessed = await r.ask(chat(`acme-large-${'7'.repeat(16)}`), `${SECRET}2`)
  assert.equal(guessed.exchange.received.toString(), own.exchange.received.toString(), 'a guess tells nothing')
  assert.deepEqual(
    guessed.event.decoys.map(({ weight, owner }) => [weight, owner]),
    [[1, null]],
  )
})

test('a name that only begins like an alias is a model like any other', async () => {
  const r = room({ aliases })
  for (const model of ['acme-large', 'acme-large-', 'acme-large-mini', 'acme-larger-0000000000000000']) {
    const { event } = await r.ask(chat(model))
    assert.deepEqual([event.model, event.decoys], [model, []])
  }
})

test('an alias whose model is in nobody’s list is offered to nobody', async () => {
  const r = room({ aliases: { ...aliases, model: 'gone-1' } })
  assert.deepEqual(idsOf(await r.ask(list)), ['acme-1', 'acme-small'])
})

test('the level in force is the highest of what a client really meets', () => {
  const [action] = atLevel('tarpit', ['a']).find({ tenant: 'a' } as Facts, 0)
  assert.equal(levelInForce([]), 'normal')
  assert.equal(levelInForce([action!, { ...action!, level: 'step_up' }]), 'tarpit')
  assert.equal(
    levelInForce([
      { ...action!, mode: 'shadow' },
      { ...action!, level: 'watch' },
    ]),
    'watch',
  )
})
