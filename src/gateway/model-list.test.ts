import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Upstream, UpstreamFault } from '../core/upstream.ts'
import { createVirtualClock } from '../../src/lab/virtual-clock.ts'
import { json, scriptedUpstream, type ScriptedUpstream, type Step } from '../../test/support/scripted-upstream.ts'
import { addToModelList, createModelList, modelLikeOthers } from './model-list.ts'

const clock = createVirtualClock(0)

const lists = (ids: readonly string[], afterMs: number): ScriptedUpstream =>
  scriptedUpstream(clock, () => [
    { afterMs, head: 200, headers: json },
    { afterMs: 0, data: JSON.stringify({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) }) },
    { afterMs: 0, end: true },
  ])

const plays = (...steps: Step[]): ScriptedUpstream => scriptedUpstream(clock, () => steps)

interface Heard {
  status: number
  ids: string[]
  fault: UpstreamFault | null
}

let credential: string | null = null

async function listOf(...listed: { upstream: ScriptedUpstream; routes?: (id: string) => boolean }[]): Promise<Heard> {
  const heard: Heard = { status: 0, ids: [], fault: null }
  const all = listed.map(({ upstream, routes }) => ({
    upstream,
    routes: routes ?? ((): boolean => true),
  }))
  createModelList(all).send(
    {
      method: 'GET',
      path: '/models',
      headers: { accept: 'application/json' },
      credential,
      keyStyle: 'bearer',
      body: null,
    },
    {
      onHead: (status) => void (heard.status = status),
      onData(bytes) {
        const { data } = JSON.parse(Buffer.from(bytes).toString()) as { data: { id: string }[] }
        heard.ids = data.map(({ id }) => id)
      },
      onEnd() {},
      onFault: (fault) => void (heard.fault = fault),
    },
  )
  await clock.run()
  return heard
}

test('models of several upstreams are one list, in the order of the configuration', async () => {
  const [slow, fast] = [lists(['gpt-a', 'gpt-b'], 50), lists(['llama'], 5)]
  const heard = await listOf({ upstream: slow }, { upstream: fast })
  assert.deepEqual(heard, { status: 200, ids: ['gpt-a', 'gpt-b', 'llama'], fault: null })
})

test("a client's own key goes to the first upstream only: another one may be another company", async () => {
  const [first, second] = [lists(['gpt-a'], 1), lists(['llama'], 1)]
  credential = 'sk-of-the-client'
  const heard = await listOf({ upstream: first }, { upstream: second })
  credential = null
  assert.deepEqual([heard.ids, first.requests.length, second.requests.length], [['gpt-a'], 1, 0])
})

test('a model that would be routed elsewhere is not listed', async () => {
  const heard = await listOf(
    { upstream: lists(['gpt-a', 'llama'], 1), routes: (id) => id.startsWith('gpt') },
    { upstream: lists(['gpt-a', 'llama'], 1), routes: (id) => !id.startsWith('gpt') },
  )
  assert.deepEqual(heard.ids, ['gpt-a', 'llama'])
})

test('an upstream that fails is left out, and only if all fail the list does', async () => {
  const dead = (): ScriptedUpstream => plays({ afterMs: 1, fault: { kind: 'unreachable', detail: '', sent: false } })
  const strange = (): ScriptedUpstream =>
    plays({ afterMs: 1, head: 200, headers: json }, { afterMs: 0, data: 'nonsense' }, { afterMs: 0, end: true })
  assert.deepEqual((await listOf({ upstream: dead() }, { upstream: lists(['m'], 1) }, { upstream: strange() })).ids, [
    'm',
  ])
  assert.equal((await listOf({ upstream: dead() }, { upstream: strange() })).fault?.kind, 'unreachable')
  assert.equal((await listOf({ upstream: strange() })).fault?.kind, 'protocol')
})

/** What a client gets of an upstream's list. */
async function rewritten(upstream: Upstream): Promise<{ status: number; text: string; fault: UpstreamFault | null }> {
  const got = { status: 0, text: '', fault: null as UpstreamFault | null }
  upstream.send(
    { method: 'GET', path: '/models/x', headers: {}, credential: null, keyStyle: 'bearer', body: null },
    {
      onHead: (status) => void (got.status = status),
      onData: (bytes) => void (got.text += Buffer.from(bytes).toString()),
      onEnd() {},
      onFault: (fault) => void (got.fault = fault),
    },
  )
  await clock.run()
  return got
}

const answers = (text: string, status = 200): ScriptedUpstream =>
  plays({ afterMs: 1, head: status, headers: json }, { afterMs: 0, data: text }, { afterMs: 0, end: true })

test('models are added behind the one that they are like, and look like it', async () => {
  const text = '{"data":[{"id":"a","root":"a","n":1},{"id":"b"}],"object":"list","has_more":false}'
  const added = [
    { id: 'a-alias', like: 'a' },
    { id: 'honey', like: null },
    { id: 'nobody', like: 'gone' },
  ]
  assert.equal(
    (await rewritten(addToModelList(answers(text), added))).text,
    '{"data":[{"id":"a","root":"a","n":1},{"id":"a-alias","root":"a-alias","n":1},{"id":"b"},{"id":"honey"}],"object":"list","has_more":false}',
  )
})

test('what is no list, or larger than any list, goes on as it came', async () => {
  const added = [{ id: 'x', like: null }]
  const large = JSON.stringify({ data: [{ id: 'a' }], padding: 'x'.repeat(5 * 1024 * 1024) })
  for (const text of ['', 'no json', '{"data":1}', '{"error":{"message":"no"}}', large]) {
    const { status, text: got } = await rewritten(addToModelList(answers(text, 200), added))
    assert.deepEqual([status, got === text], [200, true], text.slice(0, 30))
  }
  const refused = await rewritten(addToModelList(answers('{"data":[{"id":"a"}]}', 503), added))
  assert.deepEqual([refused.status, refused.text], [503, '{"data":[{"id":"a"}]}'])
  const fault = { kind: 'dropped', detail: 'x', sent: true } as const
  assert.equal((await rewritten(addToModelList(plays({ afterMs: 1, fault }), added))).fault, fault)
})

test('one model alone looks like the last of the list, and like any model where the list is empty', async () => {
  const text = '{"data":[{"id":"a","owned_by":"me"}]}'
  assert.equal((await rewritten(modelLikeOthers(answers(text), 'x'))).text, '{"id":"x","owned_by":"me"}')
  assert.equal((await rewritten(modelLikeOthers(answers('{"data":[]}'), 'x'))).text, '{"id":"x","object":"model"}')
})
