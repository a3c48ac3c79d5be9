import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness, type Harness } from '../../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../../test/support/scripted-upstream.ts'
import { controlApp } from './app.ts'
import { createMetrics } from './metrics.ts'

const TOKEN = 'control-token'
const authorized = { headers: { authorization: `Bearer ${TOKEN}` } }

interface Set extends Harness {
  readonly state: { problem: string | null; reloads: number }
  request(path: string, init?: RequestInit): Promise<Response>
}

function start(): Set {
  const metrics = createMetrics()
  const config = configOf('  - { name: rpm, per: [key], requests: 10, window: 1m }')
  const made = harness(config, (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)), {
    sinks: [metrics.sink],
  })
  metrics.watch(made.weir)
  const state = { problem: null as string | null, reloads: 0 }
  const app = controlApp({
    weir: made.weir,
    metrics,
    log: null,
    token: TOKEN,
    reload() {
      state.reloads++
      return state.problem
    },
    get configProblem() {
      return state.problem
    },
  })
  return { ...made, state, request: async (path, init) => app.request(path, init) }
}

test('probes answer without a token, and say whether requests are taken and which configuration runs', async () => {
  const { request, weir, state } = start()
  assert.deepEqual(await (await request('/livez')).json(), { status: 'ok' })
  const ready = await request('/readyz')
  assert.equal(ready.status, 200)
  assert.deepEqual(await ready.json(), {
    status: 'ok',
    config: weir.config.hash,
    limits: 'live',
    audit: 'off',
    config_on_disk: 'in force',
  })
  state.problem = 'weir.yaml:3:1 secret-detail'
  const refused = await request('/readyz')
  const body = await refused.text()
  assert.equal(refused.status, 200, 'a bad file takes nobody out of service')
  assert.match(body, /refused; the last good one is in force/)
  assert.doesNotMatch(body, /secret-detail/)
  weir.drain()
  assert.equal((await request('/readyz')).status, 503)
  assert.equal((await request('/livez')).status, 200)
})

test('everything else wants the token, whatever exists and whatever is sent instead of it', async () => {
  const { request, state } = start()
  const paths = ['/metrics', '/api/v1/quotas?key=k1', '/api/v1/status', '/nothing', '/', '/livez/x']
  const wrong = [undefined, '', 'Bearer', 'Bearer ', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, `Bearer  ${TOKEN}`, TOKEN]
  for (const path of paths) {
    for (const authorization of wrong) {
      const answer = await request(path, authorization === undefined ? {} : { headers: { authorization } })
      assert.equal(answer.status, 401, `${path} with ${authorization}`)
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
    }
  }
  assert.equal((await request('/api/v1/config/reload', { method: 'POST' })).status, 401)
  assert.equal(state.reloads, 0)
  assert.equal((await request('/api/v1/status', { headers: { authorization: `bearer ${TOKEN}` } })).status, 200)
})

test('quotas of a key: its counters, 404 for one that is not there, 400 for none', async () => {
  const { request, chat, clock } = start()
  chat({})
  await clock.run()
  const known = await request('/api/v1/quotas?key=k1', authorized)
  assert.equal(known.status, 200)
  const [row] = (await known.json()) as { name: string; used: number; remaining: number }[]
  assert.deepEqual([row?.name, row?.used, row?.remaining], ['rpm', 1, 9])
  const unknown = await request(`/api/v1/quotas?key=${'x'.repeat(5000)}`, authorized)
  assert.equal(unknown.status, 404)
  assert.ok((await unknown.text()).length < 200, 'what a caller sends is not repeated at length')
  for (const path of ['/api/v1/quotas', '/api/v1/quotas?key=']) {
    assert.equal((await request(path, authorized)).status, 400)
  }
})

test('metrics are in the format that Prometheus reads', async () => {
  const { request, chat, clock } = start()
  chat({})
  await clock.run()
  const answer = await request('/metrics', authorized)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const text = await answer.text()
  assert.match(text, /^weir_requests_total\{[^}]*outcome="ok"[^}]*\} 1$/m)
  assert.match(text, /^weir_in_flight 0$/m)
  assert.ok(text.endsWith('\n'))
})

test('status gives the numbers of the running Weir', async () => {
  const { request, weir } = start()
  const body = (await (await request('/api/v1/status', authorized)).json()) as Record<string, unknown>
  assert.equal(body['config'], weir.config.hash)
  assert.equal(body['draining'], false)
})

test('a reload says which configuration is in force, or what is wrong with the new one', async () => {
  const { request, weir, state } = start()
  const post = { ...authorized, method: 'POST' }
  const good = await request('/api/v1/config/reload', post)
  assert.deepEqual([good.status, await good.json()], [200, { config: weir.config.hash }])
  state.problem = 'weir.yaml:3:1: unknown key'
  const bad = await request('/api/v1/config/reload', post)
  assert.deepEqual([bad.status, await bad.json()], [422, { error: 'weir.yaml:3:1: unknown key' }])
  assert.equal((await request('/api/v1/config/reload', authorized)).status, 404, 'only a POST reloads')
  assert.equal(state.reloads, 2)
})

test('an unknown page is 404 and a body that is too large is 413', async () => {
  const { request, state } = start()
  assert.equal((await request('/nothing', authorized)).status, 404)
  const body = 'x'.repeat(64 * 1024 + 1)
  const large = { ...authorized, method: 'POST', body }
  const said = { ...large, headers: { ...authorized.headers, 'content-length': String(body.length) } }
  for (const init of [large, said]) assert.equal((await request('/api/v1/config/reload', init)).status, 413)
  assert.equal(state.reloads, 0)
})
