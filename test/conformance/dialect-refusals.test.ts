import assert from 'node:assert/strict'
import { test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { dialectNames, type DialectName } from '../../src/dialects/dialect.ts'
import { withFront, type Clients, type Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'
import { plainScenario } from '../support/vendor-server.ts'
import { plainRequests, send, type Sent } from './dialect-calls.ts'
import { shapeOf, shapes, type GeminiError } from './dialect-errors.ts'
import { PROMPT } from './matrix-clients.ts'
import { toldBy } from './matrix-told.ts'

/** Refusals as each vendor words them: bodies, headers, and what the official clients do with them. */
const CAPS = `
request: { max_body: 1KiB, max_messages: 4, max_depth: 16 }`

/** What is refused, and the status and words for it: Weir's own, then the type of each dialect. */
const refusals: readonly {
  readonly what: string
  readonly sent: (dialect: DialectName) => Sent
  readonly status: number
  readonly code: string
  readonly types: readonly [openai: string, anthropic: string, gemini: string]
}[] = [
  {
    what: 'a key that nobody knows',
    sent: () => ({ secret: 'wr_test_wrong_0123456789abcdef0123456789' }),
    status: 401,
    code: 'invalid_api_key',
    types: ['invalid_request_error', 'authentication_error', 'UNAUTHENTICATED'],
  },
  {
    what: 'a model that is not there',
    sent: (dialect) =>
      dialect === 'gemini'
        ? { path: '/v1beta/models/other:generateContent' }
        : { body: { ...plainRequests[dialect].body, model: 'other' } },
    status: 404,
    code: 'model_not_found',
    types: ['invalid_request_error', 'not_found_error', 'NOT_FOUND'],
  },
  {
    what: 'a body that is no JSON',
    sent: () => ({ body: '{"model": "vendor-model", <html>' }),
    status: 400,
    code: 'invalid_request',
    types: ['invalid_request_error', 'invalid_request_error', 'INVALID_ARGUMENT'],
  },
  {
    what: 'a body without its text',
    sent: () => ({ body: { model: 'vendor-model' } }),
    status: 400,
    code: 'invalid_request',
    types: ['invalid_request_error', 'invalid_request_error', 'INVALID_ARGUMENT'],
  },
  {
    what: 'a body that is too large',
    sent: () => ({ body: { padding: 'x'.repeat(2000) } }),
    status: 413,
    code: 'request_too_large',
    types: ['invalid_request_error', 'request_too_large', 'INVALID_ARGUMENT'],
  },
  {
    what: 'another method',
    sent: () => ({ method: 'GET' }),
    status: 405,
    code: 'method_not_allowed',
    types: ['invalid_request_error', 'invalid_request_error', 'UNIMPLEMENTED'],
  },
  {
    what: 'a path that is not there',
    sent: (dialect) => ({ path: `${plainRequests[dialect].path}s` }),
    status: 404,
    code: 'unknown_url',
    types: ['invalid_request_error', 'not_found_error', 'NOT_FOUND'],
  },
]

test("F1: every refusal has the vendor's JSON shape, with our code and the id of its event", async () => {
  await withFront({ more: CAPS }, async (front) => {
    let count = 0
    for (const { what, sent, status, code, types } of refusals) {
      for (const [i, dialect] of dialectNames.entries()) {
        const response = await send(front, dialect, sent(dialect))
        const shape = await shapeOf(response, dialect)
        assert.deepEqual([response.status, shape.code, shape.type], [status, code, types[i]], `${dialect}: ${what}`)
        assert.equal(response.headers.get('retry-after'), null, 'it is not about time')
        const event = (await front.eventsUntil(++count)).at(-1)!
        assert.deepEqual([event.id, event.outcome, event.status], [shape.requestId, 'refused', status])
      }
    }
    assert.equal(front.vendor.requests.length, 0, 'the vendor was not asked')
  })
})

test('what an endpoint does not offer is refused in words, not guessed at', async () => {
  await withFront({}, async (front) => {
    const model = 'vendor-model'
    for (const [dialect, path, body] of [
      ['openai', '/v1/embeddings', { model, input: PROMPT, stream: true }],
      ['gemini', '/v1beta/models/gemini-model:streamGenerateContent', plainRequests.gemini.body],
      ['gemini', '/v1beta/models/gemini-model:generateContent?alt=sse', plainRequests.gemini.body],
    ] as const) {
      const response = await send(front, dialect, { path, body })
      assert.equal(response.status, 400, path)
      assert.equal((await shapeOf(response, dialect)).code, 'invalid_request')
    }
    assert.equal(front.vendor.requests.length, 0)
  })
})

/** Go's durations, as OpenAI writes them, in milliseconds. */
function goMs(text: string): number {
  const [, h = '0', m = '0', s = '0', ms = '0'] = /^(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?(?:(\d+)ms)?$/.exec(text)!
  return Number(h) * 3_600_000 + Number(m) * 60_000 + Math.round(Number(s) * 1000) + Number(ms)
}

const limitOf = (resource: string, amount: number, window: string): string =>
  `  - { name: tight, per: [key], ${resource}: ${amount}, window: ${window}, kind: sliding }`

for (const [resource, amount, openaiName, anthropicName] of [
  ['requests', 1, 'requests', 'requests'],
  ['tokens', 200, 'tokens', 'tokens'],
  ['input_tokens', 200, 'tokens', 'input-tokens'],
  ['output_tokens', 200, 'tokens', 'output-tokens'],
  ['cost_usd', 0.0003, null, null],
] as const) {
  for (const [window, polite] of [
    ['30s', true],
    ['1h', false],
  ] as const) {
    test(`F2: refused by ${resource} for ${window}: the headers of each vendor agree with the wait`, async () => {
      const quotas = limitOf(resource, amount, window)
      await withFront({ quotas, model: ', price: { input: 1, output: 2 }' }, async (front) => {
        front.vendor.scenario =
          resource === 'input_tokens' ? { ...plainScenario, input: 190 } : { ...plainScenario, input: 105, words: 90 }
        // Enough for nothing else to fit, of output too.
        if (resource === 'output_tokens') front.vendor.scenario = { ...plainScenario, words: 190 }
        assert.equal((await send(front, 'openai')).status, 200)
        for (const dialect of dialectNames) {
          const askedAtMs = Date.now()
          const response = await send(front, dialect)
          const { headers } = response
          assert.equal(response.status, 429, dialect)
          const waitMs = Number(headers.get('retry-after-ms'))
          assert.ok(polite ? waitMs > 0 && waitMs <= 60_000 : waitMs > 3_000_000, `${waitMs} ms`)
          assert.equal(headers.get('retry-after'), String(Math.ceil(waitMs / 1000)))
          assert.equal(headers.get('x-should-retry'), polite ? null : 'false')
          const rates = [...headers.keys()].filter((name) => name.includes('ratelimit')).toSorted()
          if (dialect === 'openai' && openaiName !== null) {
            const of = (what: string): string => headers.get(`x-ratelimit-${what}-${openaiName}`)!
            assert.equal(rates.length, 3)
            assert.deepEqual([of('limit'), Number(of('remaining')) < amount / 10], [String(amount), true])
            assert.equal(goMs(of('reset')), waitMs)
          } else if (dialect === 'anthropic' && anthropicName !== null) {
            const of = (what: string): string => headers.get(`anthropic-ratelimit-${anthropicName}-${what}`)!
            assert.equal(rates.length, 3)
            assert.deepEqual([of('limit'), Number(of('remaining')) < amount / 10], [String(amount), true])
            assert.match(of('reset'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
            const early = askedAtMs + waitMs - Date.parse(of('reset'))
            assert.ok(early <= 0, `${early} ms too early`)
            assert.ok(Date.parse(of('reset')) <= Date.now() + waitMs + 1000)
          } else assert.deepEqual(rates, [])
          const shape = shapes[dialect]
          const body: unknown = await response.json()
          assert.equal(shape(body).code, 'rate_limit_exceeded')
          if (dialect !== 'gemini') continue
          const { details } = (body as { error: GeminiError }).error
          const info = details.find((one) => one['@type'] === 'type.googleapis.com/google.rpc.RetryInfo')!
          assert.equal(info.retryDelay, `${headers.get('retry-after')}s`, 'the body says the same wait as the header')
        }
        assert.equal(front.vendor.requests.length, 1)
      })
    })
  }
}

test('F2: where no wait can help, no wait is named and the client is told not to retry', async () => {
  await withFront({ quotas: limitOf('input_tokens', 10, '1m') }, async (front) => {
    for (const dialect of dialectNames) {
      const response = await send(front, dialect)
      assert.equal(response.status, 429)
      assert.equal(response.headers.get('retry-after'), null)
      assert.equal(response.headers.get('x-should-retry'), 'false')
      assert.match((await shapeOf(response, dialect)).message, /can never fit/)
    }
  })
})

type Call = (clients: Clients) => Promise<unknown>

const calls: Readonly<Record<DialectName, Call>> = {
  openai: ({ openai }) => openai.responses.create({ model: 'vendor-model', input: PROMPT }),
  anthropic: ({ anthropic }) => {
    const messages = [{ role: 'user' as const, content: PROMPT }]
    return anthropic.messages.create({ model: 'vendor-model', max_tokens: 100, messages })
  },
  gemini: ({ google }) => google.models.generateContent({ model: 'gemini-model', contents: PROMPT }),
}

/** Clients that try again, Google's too, which does so only where it is told to. */
const eager = ({ serving: { dataUrl } }: Front, maxRetries: number): Clients => ({
  openai: new OpenAI({ apiKey: SECRET, baseURL: `${dataUrl}/v1`, maxRetries }),
  anthropic: new Anthropic({ apiKey: SECRET, baseURL: dataUrl, maxRetries }),
  google: new GoogleGenAI({
    apiKey: SECRET,
    vertexai: false,
    httpOptions: {
      baseUrl: dataUrl,
      apiVersion: 'v1beta',
      retryOptions: { attempts: maxRetries + 1, initialDelay: 0.01, maxDelay: 0.02 },
    },
  }),
})

for (const dialect of ['openai', 'anthropic'] as const) {
  test(`F4: ${dialect}: a client waits as long as a refusal of ours says, and then gets its answer`, async () => {
    // One request every 800 ms: the next one is refused, unless the machine has slept in between.
    const quotas = `  - { name: pace, per: [key], requests: 75, window: 1m, burst: 1 }`
    await withFront({ quotas }, async (front) => {
      const clients = eager(front, 1)
      let made = 0
      while (!front.events.some(({ outcome }) => outcome === 'refused') && made < 20) {
        await calls[dialect](clients)
        made++
      }
      const events = await front.eventsUntil(made + 1)
      assert.deepEqual(
        events.slice(-2).map(({ outcome }) => outcome),
        ['refused', 'ok'],
      )
      const { refusal, endMs } = events.at(-2)!
      assert.ok(refusal?.kind === 'over_quota')
      assert.ok(events.at(-1)!.atMs - endMs >= refusal.retryAfterMs! - 2, 'not before its time')
    })
  })

  test(`F4: ${dialect}: a client follows the vendor's own wait through the gateway`, async () => {
    await withFront({}, async (front) => {
      front.vendor.scenario = { ...plainScenario, ends: 429, errorHeaders: { 'retry-after-ms': '20' } }
      const error = await calls[dialect](eager(front, 1)).then(
        () => assert.fail('no error'),
        (thrown: unknown) => toldBy(thrown),
      )
      assert.deepEqual([error.status, error.name], [429, 'RateLimitError'])
      assert.equal(front.vendor.requests.length, 2)
      await front.eventsUntil(2)
    })
  })
}

for (const dialect of dialectNames) {
  test(`F4: ${dialect}: ${dialect === 'gemini' ? "Google's client asks again whatever it is told, and only us" : 'a client told not to retry does not'}`, async () => {
    await withFront({ quotas: limitOf('requests', 1, '1h') }, async (front) => {
      const clients = eager(front, 2)
      await calls[dialect](clients)
      await assert.rejects(calls[dialect](clients), (error) => toldBy(error).status === 429)
      // The library reads neither headers nor RetryInfo, and waits as its own options say.
      const events = await front.eventsUntil(dialect === 'gemini' ? 4 : 2)
      assert.ok(events.slice(1).every(({ outcome }) => outcome === 'refused'))
      assert.equal(front.vendor.requests.length, 1)
    })
  })
}

test('F4: by default neither a refusal nor an error of the vendor makes the client of Google ask again', async () => {
  await withFront({}, async (front) => {
    front.vendor.scenario = { ...plainScenario, ends: 503 }
    await assert.rejects(calls.gemini(front), (error) => toldBy(error).status === 503)
    await front.eventsUntil(1)
    assert.equal(front.vendor.requests.length, 1)
  })
})
