import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { clientsOf, withFront, type Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'
import { plainScenario } from '../support/vendor-server.ts'
import { metric, until } from '../support/waiting.ts'

/** More to do than can be done at once: bounded, the least trusted go first, and everybody is told when to come back. */

const LOW = `${SECRET}-low`
const HIGH = `${SECRET}-high`
const EXEMPT = `${SECRET}-exempt`

const identity = `  keys:
    - { id: usual, secret: "${SECRET}" }
    - { id: low, secret: "${LOW}", trust: low }
    - { id: high, secret: "${HIGH}", trust: high }
    - { id: exempt, secret: "${EXEMPT}", tenant: acme, trust: low }`

const more = (maxInFlight: number): string => `overload: { max_in_flight: ${maxInFlight} }
trust_profiles:
  low: { priority: 0 }
  high: { priority: 9 }
exemptions:
  - { reason: "ticket 42", expires: 2999-01-01, match: { tenant: acme }, from: [overload] }`

const body = { model: 'vendor-model', messages: [{ role: 'user' as const, content: 'Tell me about rivers.' }] }

const post = (front: Front, secret: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${front.serving.dataUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })

async function statusOf(answering: Promise<Response>): Promise<number> {
  const answer = await answering
  await answer.text()
  return answer.status
}

/** Requests of each caller that stay in flight until they are let go. */
class Crowd {
  readonly #front: Front
  readonly #leave = new AbortController()
  readonly #waiting: Promise<unknown>[] = []
  #in = 0

  constructor(front: Front) {
    this.#front = front
    front.vendor.scenario = { ...plainScenario, ends: 'stall' }
  }

  /** Starts as many and waits until their upstream has them. */
  async enter(secret: string, count: number): Promise<void> {
    this.#in += count
    for (let i = 0; i < count; i++) {
      this.#waiting.push(post(this.#front, secret, this.#leave.signal).catch(() => {}))
    }
    await until(() => this.#front.vendor.open === this.#in, `${this.#front.vendor.open} of ${this.#in} got in`)
  }

  async leave(): Promise<void> {
    this.#leave.abort()
    await Promise.all(this.#waiting)
    await until(() => this.#front.serving.weir.stats.inFlight === 0, 'an exchange is still in flight')
    await until(() => this.#front.vendor.open === 0, 'an upstream still works for somebody who left')
    this.#front.vendor.scenario = plainScenario
  }
}

test('D2: under overload the least trusted are turned away first, the bound holds for all, and all of it is given back', async () => {
  await withFront({ identity, more: more(10) }, async (front) => {
    const crowd = new Crowd(front)
    await crowd.enter(LOW, 7)
    assert.equal(await statusOf(post(front, LOW)), 503, 'seven tenths are for the least trusted')
    await crowd.enter(SECRET, 2)
    assert.equal(await statusOf(post(front, SECRET)), 503)
    assert.equal(await statusOf(post(front, LOW)), 503)
    await crowd.enter(HIGH, 1)
    assert.equal(await statusOf(post(front, HIGH)), 503, 'the bound is one for everybody')
    assert.equal(await statusOf(post(front, EXEMPT)), 503)
    assert.equal(front.vendor.requests.length, 10, 'who is turned away costs the upstream nothing')
    assert.deepEqual(front.serving.weir.stats.shed, [2, 0, 0, 0, 0, 1, 0, 0, 0, 2])
    assert.equal(await metric(front, 'weir_shed_requests'), 5)
    assert.equal(await metric(front, 'weir_in_flight'), 10)
    const refused = front.events.filter(({ refusal }) => refusal?.kind === 'overloaded')
    assert.deepEqual(
      refused.map(({ who, outcome }) => `${who?.keyId} ${outcome}`),
      ['low refused', 'usual refused', 'low refused', 'high refused', 'exempt refused'],
    )
    await crowd.leave()
    assert.equal(await metric(front, 'weir_in_flight'), 0)
    const again = await Promise.all(Array.from({ length: 7 }, () => statusOf(post(front, LOW))))
    assert.deepEqual(
      again,
      Array.from({ length: 7 }, () => 200),
    )
    await front.eventsUntil(22)
  })
})

test('whoever is exempt from overload goes on where its trust profile would be turned away', async () => {
  await withFront({ identity, more: more(10) }, async (front) => {
    const crowd = new Crowd(front)
    await crowd.enter(LOW, 7)
    assert.equal(await statusOf(post(front, LOW)), 503)
    await crowd.enter(EXEMPT, 3)
    await crowd.leave()
  })
})

test('F1: each dialect hears of overload in its own words, with a time to come back', async () => {
  await withFront({ identity, more: more(1) }, async (front) => {
    const crowd = new Crowd(front)
    await crowd.enter(HIGH, 1)
    const { openai, anthropic, google } = clientsOf(front.serving.dataUrl, SECRET)
    const chat = openai.chat.completions.create(body)
    await assert.rejects(chat, (error: Error) => {
      const { status, code, type, headers } = error as unknown as Told
      assert.deepEqual([status, code, type], [503, 'overloaded', 'server_error'])
      assert.ok(Number(headers.get('retry-after')) >= 1)
      assert.ok(Number(headers.get('retry-after-ms')) >= 1000)
      assert.equal(headers.get('x-should-retry'), null)
      return true
    })
    await assert.rejects(anthropic.messages.create({ ...body, max_tokens: 9 }), (error: Error) => {
      const { status, type, headers } = error as unknown as Told
      assert.deepEqual([status, type], [529, 'overloaded_error'])
      assert.ok(Number(headers.get('retry-after')) >= 1)
      return true
    })
    const generate = google.models.generateContent({ model: 'gemini-model', contents: 'hello' })
    await assert.rejects(generate, (error: Error) => {
      assert.equal((error as unknown as Told).status, 503)
      assert.match(error.message, /"UNAVAILABLE"/)
      assert.match(error.message, /"retryDelay":"[1-9]\d*s"/)
      return true
    })
    await crowd.leave()
    assert.equal(await statusOf(post(front, SECRET)), 200)
  })
})

interface Told {
  readonly status: number
  readonly code: string
  readonly type: string
  readonly headers: Headers
}

test('who is turned away is told before its body is read', async () => {
  await withFront({ identity, more: more(1) }, async (front) => {
    const crowd = new Crowd(front)
    await crowd.enter(HIGH, 1)
    const { hostname, port } = new URL(front.serving.dataUrl)
    const socket = connect(Number(port), hostname)
    const answered = new Promise<string>((resolve) => {
      socket.setEncoding('utf8').once('data', resolve)
    })
    socket.on('error', () => {})
    const head = ['POST /v1/chat/completions HTTP/1.1', 'host: x', `authorization: Bearer ${SECRET}`]
    socket.write(`${[...head, 'content-length: 1000000'].join('\r\n')}\r\n\r\n{`)
    assert.match(await answered, /^HTTP\/1\.1 503 /)
    socket.destroy()
    await crowd.leave()
  })
})

test('a reload changes the bound at once, and whoever is in flight counts', async () => {
  await withFront({ identity, more: more(2) }, async (front) => {
    const crowd = new Crowd(front)
    await crowd.enter(HIGH, 2)
    assert.equal(await statusOf(post(front, HIGH)), 503)
    assert.equal(front.reload(more(3)), null)
    await crowd.enter(HIGH, 1)
    assert.equal(await statusOf(post(front, HIGH)), 503, 'no bound starts anew with a reload')
    assert.equal(await metric(front, 'weir_shed_requests'), 2)
    assert.equal(front.reload(more(1)), null)
    assert.equal(await statusOf(post(front, HIGH)), 503)
    await crowd.leave()
    assert.equal(await statusOf(post(front, HIGH)), 200)
  })
})

test('streams count until they have ended, and a client that leaves one makes room', async () => {
  await withFront({ identity, more: more(1) }, async (front) => {
    front.vendor.scenario = { ...plainScenario, words: 10_000, paceMs: 5 }
    const { openai } = clientsOf(front.serving.dataUrl, HIGH)
    const stream = await openai.chat.completions.create({ ...body, stream: true })
    for await (const _chunk of stream) break
    await until(() => front.serving.weir.stats.inFlight === 0, 'its place is not given back')
    front.vendor.scenario = { ...plainScenario, words: 10_000, paceMs: 5 }
    const second = await openai.chat.completions.create({ ...body, stream: true })
    let chunks = 0
    for await (const _chunk of second) {
      if (chunks++ === 0) assert.equal(await statusOf(post(front, HIGH)), 503)
      if (chunks === 3) break
    }
    await until(() => front.serving.weir.stats.inFlight === 0, 'its place is not given back')
  })
})
