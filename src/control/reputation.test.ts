import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness, SECRET, type Harness } from '../../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../../test/support/scripted-upstream.ts'
import { controlApp } from './app.ts'
import { createMetrics } from './metrics.ts'

const TOKEN = 'control-token'
const PATH = '/api/v1/reputation'

interface Set extends Harness {
  request(path: string, init?: RequestInit): Promise<Response>
  say(entry: object): Promise<Response>
}

function start(): Set {
  const metrics = createMetrics()
  const made = harness(configOf(''), (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)))
  const app = controlApp({ weir: made.weir, metrics, log: null, token: TOKEN, reload: () => null, configProblem: null })
  const request = async (path: string, init: RequestInit = {}): Promise<Response> =>
    app.request(path, { ...init, headers: { authorization: `Bearer ${TOKEN}` } })
  return { ...made, request, say: (entry) => request(PATH, { method: 'POST', body: JSON.stringify(entry) }) }
}
const plain = { kind: 'key', value: 'k1', score: 10, reason: 'abuse, case 7' }

test('what an operator says is listed, changes the next request, and can be taken back', async () => {
  const { request, say, chat, clock, events } = start()
  assert.deepEqual(await (await request(PATH)).json(), [])
  const said = await say({ ...plain, expires: '2026-02-01T00:00:00+01:00' })
  assert.deepEqual([said.status, await said.json()], [200, { kind: 'key', value: 'k1', score: 10 }])
  assert.deepEqual(await (await request(PATH)).json(), [{ ...plain, expires: '2026-01-31T23:00:00.000Z' }])
  chat({})
  await clock.run()
  assert.equal(events.at(-1)?.reputation, 10)
  const removed = await request(`${PATH}?kind=key&value=k1`, { method: 'DELETE' })
  assert.deepEqual([removed.status, await removed.json()], [200, { removed: { kind: 'key', value: 'k1' } }])
  chat({})
  await clock.run()
  assert.equal(events.at(-1)?.reputation, 50)
})

test('networks and programs are known by what they are', async () => {
  const { say, send, clock, events } = start()
  await say({ ...plain, kind: 'cidr', value: '192.0.2.0/24', score: 20 })
  send({ method: 'GET', target: '/v1/models', peerAddress: '192.0.2.9' })
  await clock.run()
  assert.equal(events.at(-1)?.reputation, 20)
  await say({ ...plain, kind: 'fingerprint', value: events.at(-1)!.client!.id, score: 5 })
  send({ method: 'GET', target: '/v1/models', peerAddress: '198.51.100.1' })
  await clock.run()
  assert.equal(events.at(-1)?.reputation, 5)
})

test('what makes no sense is refused with its reason, and nothing is in force', async () => {
  const { request, say } = start()
  for (const [over, status] of [
    [{ kind: 'tenant' }, 400],
    [{ value: '' }, 400],
    [{ value: 'x'.repeat(257) }, 400],
    [{ score: -1 }, 400],
    [{ score: 101 }, 400],
    [{ score: '10' }, 400],
    [{ reason: '' }, 400],
    [{ reason: 'x'.repeat(501) }, 400],
    [{ expires: 'tomorrow' }, 400],
    [{ expires: '2027-01-01' }, 400],
    [{ source: 'config' }, 400],
    [{ kind: 'cidr', value: '192.0.2.1/24' }, 422],
    [{ kind: 'asn', value: 'x' }, 422],
    [{ expires: '2025-01-01T00:00:00Z' }, 422],
  ] as const) {
    const answer = await say({ ...plain, ...over })
    assert.equal(answer.status, status, JSON.stringify(over))
    assert.ok(((await answer.json()) as { error: string }).error.length > 0)
  }
  for (const body of ['', '{', '[]', 'null', '"key"']) {
    assert.equal((await request(PATH, { method: 'POST', body })).status, 400, body)
  }
  assert.deepEqual(await (await request(PATH)).json(), [])
})

test('what was never said cannot be taken back, and whom it is about must be said', async () => {
  const { request } = start()
  assert.equal((await request(`${PATH}?kind=key&value=k1`, { method: 'DELETE' })).status, 404)
  for (const query of ['', '?kind=key', '?value=k1', '?kind=tenant&value=k1', '?kind=key&value=']) {
    assert.equal((await request(`${PATH}${query}`, { method: 'DELETE' })).status, 400, query)
  }
})

test('a body that is too large is refused as such, also where it does not say its size', async () => {
  const { request } = start()
  const stream = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 3; i++) controller.enqueue(new Uint8Array(32 * 1024).fill(0x20))
      controller.close()
    },
  })
  const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit
  assert.equal((await request(PATH, init)).status, 413)
})

test('none of it is there without the control token, and a data-plane key is none', async () => {
  const { weir } = start()
  const app = controlApp({
    weir,
    metrics: createMetrics(),
    log: null,
    token: TOKEN,
    reload: () => null,
    configProblem: null,
  })
  for (const authorization of ['', `Bearer ${SECRET}`]) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      assert.equal((await app.request(PATH, { method, headers: { authorization } })).status, 401)
    }
  }
})
