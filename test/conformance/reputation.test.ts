import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFront, type Front, type FrontOptions } from '../support/front.ts'
import { CONTROL_TOKEN, inFolder } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'
import { until } from '../support/waiting.ts'
import { SECOND, THIRD, identity, chat, quotas, codeOf } from './desk-calls.ts'

/** What operators say of callers through the control plane. */

const trust = `trust_profiles:
  watched: { when_reputation_at_most: 20, quotas: { hour: 1 }, scale: 0.5, request: { max_choices: 1 }, deny_fields: [logprobs] }
  kept: {}`

const TRUSTED = `${SECRET}9`
const judged: FrontOptions = {
  identity: `${identity}\n    - { id: k9, secret: "${TRUSTED}", trust: kept }`,
  quotas: `  - { name: hour, per: [key], requests: 100, window: 1h, kind: sliding }
  - { name: inflight, per: [key], concurrent: 8 }`,
  more: trust,
}

interface Said {
  readonly status: number
  readonly json: unknown
}

async function control(front: Front, method: string, query = '', body?: unknown, token = CONTROL_TOKEN): Promise<Said> {
  const answer = await fetch(`${front.serving.controlUrl}/api/v1/reputation${query}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.status, json: await answer.json() }
}

const bad = { kind: 'key', value: 'k1', score: 5, reason: 'seen in a leak' }

test('what an operator says of a caller decides over its very next request, and is taken back as fast', async () => {
  await withFront(judged, async (front) => {
    assert.equal((await chat(front, SECRET, { logprobs: true })).status, 200)
    assert.deepEqual(await control(front, 'GET'), { status: 200, json: [] })
    assert.equal((await control(front, 'POST', '', bad)).status, 200)
    const denied = await chat(front, SECRET, { logprobs: true })
    assert.deepEqual([denied.status, codeOf(denied)], [403, 'field_not_allowed'])
    assert.equal((await chat(front, SECRET, { n: 2 })).status, 400)
    assert.equal((await chat(front)).status, 429, 'one an hour, and one was made before')
    assert.equal((await chat(front, THIRD)).status, 200, 'another key of the tenant is not meant')
    assert.deepEqual(await control(front, 'GET'), {
      status: 200,
      json: [{ kind: 'key', value: 'k1', score: 5, expires: null, reason: 'seen in a leak' }],
    })
    assert.equal((await control(front, 'POST', '', { ...bad, score: 60 })).status, 200)
    assert.equal((await chat(front)).status, 200, 'said anew, it replaces what was said')
    assert.equal((await control(front, 'POST', '', bad)).status, 200)
    assert.equal((await chat(front)).status, 429)
    assert.equal((await control(front, 'DELETE', '?kind=key&value=k1')).status, 200)
    assert.equal((await chat(front)).status, 200)
    assert.equal((await control(front, 'DELETE', '?kind=key&value=k1')).status, 404)
    const scores = (await front.eventsUntil(8)).map(({ reputation }) => reputation)
    assert.deepEqual(scores, [50, 5, 5, 5, 50, 60, 5, 50])
  })
})

test('a reputation is said of networks and programs too, ends by itself, and moves nobody who has a profile of its own', async () => {
  await withFront(judged, async (front) => {
    await chat(front)
    const fingerprint = (await front.eventsUntil(1))[0]!.client!.id
    for (const entry of [
      { kind: 'cidr', value: '127.0.0.0/8' },
      { kind: 'cidr', value: '127.0.0.1' },
      { kind: 'fingerprint', value: fingerprint },
    ]) {
      assert.equal((await control(front, 'POST', '', { ...bad, ...entry })).status, 200, JSON.stringify(entry))
      assert.equal((await chat(front)).status, 429, JSON.stringify(entry))
      assert.equal((await chat(front, TRUSTED)).status, 200)
      const query = `?kind=${entry.kind}&value=${encodeURIComponent(entry.value)}`
      assert.equal((await control(front, 'DELETE', query)).status, 200)
      assert.equal((await chat(front)).status, 200)
    }
    const past = new Date(Date.now() - 1000).toISOString()
    assert.equal((await control(front, 'POST', '', { ...bad, expires: past })).status, 422)
    assert.equal((await chat(front)).status, 200)
    const soon = new Date(Date.now() + 400).toISOString()
    assert.equal((await control(front, 'POST', '', { ...bad, expires: soon })).status, 200)
    await until(async () => (await chat(front)).status === 200, 'it never ends')
    const later = new Date(Date.now() + 3_600_000).toISOString()
    assert.equal((await control(front, 'POST', '', { ...bad, expires: later })).status, 200)
    assert.equal((await chat(front)).status, 429)
    assert.equal(
      front.reload(`${trust}
exemptions: [{ reason: "false alarm", expires: 2999-01-01, match: { key: k1 }, from: [reputation] }]`),
      null,
    )
    assert.equal((await chat(front)).status, 200)
  })
})

test('what an operator says outlives a reload and a restart', async () => {
  await inFolder(async (dataDir) => {
    await withFront({ ...judged, dataDir }, async (front) => {
      assert.equal((await control(front, 'POST', '', bad)).status, 200)
      assert.equal((await control(front, 'POST', '', { ...bad, kind: 'asn', value: '64500' })).status, 200)
      assert.equal((await control(front, 'DELETE', '?kind=asn&value=64500')).status, 200)
      assert.equal(front.reload(trust.replace('hour: 1', 'hour: 2')), null)
      const statuses = [await chat(front), await chat(front), await chat(front)].map(({ status }) => status)
      assert.deepEqual(statuses, [200, 200, 429])
    })
    await withFront({ ...judged, dataDir }, async (front) => {
      assert.deepEqual(
        ((await control(front, 'GET')).json as { kind: string }[]).map(({ kind }) => kind),
        ['key'],
      )
      assert.equal((await chat(front)).status, 429)
      assert.equal((await chat(front, SECOND)).status, 200)
    })
  })
})

test('the reputation API wants the control token, and takes nothing that it cannot use', async () => {
  await withFront(judged, async (front) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const said = await control(front, method, '', method === 'GET' ? undefined : bad, SECRET)
      assert.equal(said.status, 401)
    }
    for (const entry of [
      {},
      { ...bad, score: 101 },
      { ...bad, score: -1 },
      { ...bad, score: '5' },
      { ...bad, kind: 'tenant' },
      { ...bad, value: '' },
      { ...bad, value: 'x'.repeat(257) },
      { ...bad, reason: '' },
      { ...bad, reason: undefined },
      { ...bad, expires: 'tomorrow' },
      { ...bad, more: 1 },
      { ...bad, kind: 'cidr', value: 'no network' },
      { ...bad, kind: 'asn', value: 'x' },
      'not JSON',
      '[]',
    ]) {
      const { status, json } = await control(front, 'POST', '', entry)
      assert.ok(status === 400 || status === 422, `${status} for ${JSON.stringify(entry)}`)
      assert.equal(typeof (json as { error: string }).error, 'string')
    }
    assert.equal((await control(front, 'DELETE', '?kind=key')).status, 400)
    assert.deepEqual((await control(front, 'GET')).json, [])
    assert.equal((await chat(front)).status, 200)
  })
})

test('GET /weir/quotas shows a caller the limits that hold for it, its reputation among them', async () => {
  await withFront(judged, async (front) => {
    const shown = async (): Promise<number[]> => (await quotas(front)).map(({ limit }) => limit)
    assert.deepEqual(await shown(), [100, 8])
    assert.equal((await control(front, 'POST', '', { ...bad, score: 15 })).status, 200)
    assert.equal(front.reload(trust.replace('hour: 1', 'hour: 7')), null)
    assert.deepEqual(await shown(), [7, 4])
  })
})
