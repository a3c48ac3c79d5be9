import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientsOf, withFront, type FrontOptions } from '../support/front.ts'
import { inFolder } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'
import { SECOND, THIRD, identity, send, chat, quotas, codeOf, messages } from './desk-calls.ts'

/** What Weir itself answers its callers: their own limits, and terms to accept. */

const limits = `  - { name: hour, per: [key], requests: 10, window: 1h, kind: sliding }
  - { name: tokens, per: [tenant], tokens: 5000, window: 1h, kind: sliding }
  - { name: money, per: [key], cost_usd: 2, window: 1h, kind: sliding }
  - { name: shy, per: [key], requests: 5, window: 1h, mode: shadow }
  - { name: asleep, per: [key], requests: 5, window: 1h, mode: off }
  - { name: everybody, per: [global], requests: 1000, window: 1h }
  - { name: place, per: [ip_prefix], requests: 1000, window: 1h }`

test('GET /weir/quotas: what enforces, what is left of it, and the counters of nobody else', async () => {
  await withFront({ identity, quotas: limits }, async (front) => {
    for (let i = 0; i < 2; i++) assert.equal((await chat(front)).status, 200)
    assert.equal((await chat(front, THIRD)).status, 200)
    const rows = new Map((await quotas(front)).map((row) => [row.name, row]))
    assert.deepEqual([...rows.keys()], ['hour', 'tokens', 'money'], 'no shadow, none switched off, none of others')
    const pick = (name: string): unknown[] => {
      const { limit, used, remaining } = rows.get(name)!
      return [limit, used, remaining]
    }
    assert.deepEqual(pick('hour'), [10, 2, 7], 'of what is left this very call has taken one')
    assert.deepEqual(pick('tokens'), [5000, 96, 4904], 'the tenant is charged for both of its keys')
    assert.equal(pick('money')[0], 2)
    const [hour, tokens] = await quotas(front, SECOND)
    assert.deepEqual([hour!.used, tokens!.used], [0, 0])
    const again = await quotas(front)
    assert.equal(again[0]!.used, 3, 'looking counts as a request, and as no token')
    assert.equal(again[1]!.used, 96)
    const event = front.events.at(-1)!
    assert.deepEqual([event.endpoint, event.upstream, event.usageSource], ['weir_quotas', 'weir', 'none'])
  })
})

test('the desk wants a credential, keeps its limits, and takes only its own methods', async () => {
  await withFront(
    { identity, quotas: '  - { name: two, per: [key], requests: 2, window: 1h, kind: sliding }' },
    async (front) => {
      for (const path of ['/weir/quotas', '/weir/terms']) {
        assert.equal((await send(front, 'GET', path, undefined, 'wr_wrong_0123456789abcdef01234567')).status, 401)
        assert.equal((await send(front, 'DELETE', path)).status, 405)
      }
      assert.equal((await send(front, 'GET', '/weir/')).status, 404)
      assert.equal((await send(front, 'GET', '/weir/quotas/')).status, 404)
      await quotas(front)
      await quotas(front)
      assert.equal((await send(front, 'GET', '/weir/quotas')).status, 429)
      assert.equal(front.vendor.requests.length, 0, 'no upstream hears of it')
    },
  )
})

test('the desk is there whatever the upstreams speak', async () => {
  for (const dialect of ['anthropic', 'gemini', '[gemini, anthropic]']) {
    const upstreams = `  v1: { dialect: ${dialect}, base_url: "\${VENDOR}/v1" }`
    const options = { identity, upstreams, models: '  "only-*": { upstream: v1 }', quotas: limits }
    await withFront({ ...options, more: terms('deny') }, async (front) => {
      assert.equal((await quotas(front)).length, 3)
      assert.equal((await send(front, 'POST', '/weir/terms', { version: '1' })).status, 200)
    })
  }
})

const terms = (onUnaccepted: string, version = '1'): string =>
  `terms: { version: "${version}", url: https://example.com/terms, on_unaccepted: ${onUnaccepted} }`

const ASKS = '"1";accepted=?0;url="https://example.com/terms"'
const KNOWS = '"1";accepted=?1;url="https://example.com/terms"'

test('terms that are announced: a header on whole and streamed answers of every dialect says whether they are accepted', async () => {
  await withFront({ identity, more: terms('announce') }, async (front) => {
    const both = async (secret: string): Promise<unknown[]> => {
      const body = { model: 'vendor-model', max_tokens: 99, messages }
      const google = { contents: [{ parts: [{ text: 'hello' }] }] }
      const answers = [
        await chat(front, secret),
        await chat(front, secret, { stream: true }),
        await send(front, 'POST', '/v1/messages', body, secret),
        await send(front, 'POST', '/v1/messages', { ...body, stream: true }, secret),
        await send(front, 'POST', '/v1/responses', { model: 'vendor-model', input: 'hello' }, secret),
        await send(front, 'POST', '/v1beta/models/gemini-model:generateContent', google, secret),
        await send(front, 'POST', '/v1beta/models/gemini-model:streamGenerateContent?alt=sse', google, secret),
      ]
      for (const { status, text } of answers) assert.equal(status, 200, text)
      return [...new Set(answers.map(({ headers }) => headers.get('weir-terms')))]
    }
    assert.deepEqual(await both(SECRET), [ASKS])
    const before = await send(front, 'GET', '/weir/terms')
    assert.deepEqual(before.json, {
      version: '1',
      url: 'https://example.com/terms',
      accepted: false,
      accepted_version: null,
      accepted_at: null,
    })
    const accepted = await send(front, 'POST', '/weir/terms', { version: '1' })
    assert.equal(accepted.status, 200)
    assert.deepEqual([accepted.json['accepted'], accepted.json['accepted_version']], [true, '1'])
    assert.ok(Math.abs(Date.parse(String(accepted.json['accepted_at'])) - Date.now()) < 60_000)
    assert.deepEqual(await both(SECRET), [KNOWS])
    assert.deepEqual(await both(THIRD), [KNOWS], 'one key of a tenant accepts for it')
    assert.deepEqual(await both(SECOND), [ASKS], 'and for nobody else')
    const again = await send(front, 'POST', '/weir/terms', { version: '1' })
    assert.equal(again.json['accepted_at'], accepted.json['accepted_at'], 'accepting twice changes nothing')
  })
})

test('terms that are only there: no header, and they can be read and accepted', async () => {
  await withFront({ identity, more: terms('allow') }, async (front) => {
    assert.equal((await chat(front)).headers.get('weir-terms'), null)
    assert.equal((await send(front, 'GET', '/weir/terms')).json['accepted'], false)
    assert.equal((await send(front, 'POST', '/weir/terms', { version: '1' })).status, 200)
    assert.equal((await send(front, 'GET', '/weir/terms')).json['accepted'], true)
  })
})

test('terms that must be accepted: 403 in every dialect until they are, and the desk stays open', async () => {
  await withFront({ identity, quotas: limits, more: terms('deny') }, async (front) => {
    const { openai, anthropic, google } = clientsOf(front.serving.dataUrl, SECRET)
    const ask = { model: 'vendor-model', max_tokens: 99, messages }
    await assert.rejects(openai.chat.completions.create(ask), (error: Error) => {
      const { status, code, message } = error as Error & { status: number; code: string }
      assert.deepEqual([status, code], [403, 'terms_not_accepted'])
      assert.match(message, /Version 1 .*https:\/\/example\.com\/terms/)
      return true
    })
    await assert.rejects(openai.chat.completions.create({ ...ask, stream: true }), { status: 403 })
    await assert.rejects(anthropic.messages.create(ask), { status: 403, type: 'permission_error' })
    const generate = google.models.generateContent({ model: 'gemini-model', contents: 'hello' })
    await assert.rejects(generate, (error: Error) => {
      assert.equal((error as Error & { status: number }).status, 403)
      assert.match(error.message, /PERMISSION_DENIED/)
      return true
    })
    assert.equal(front.vendor.requests.length, 0)
    assert.deepEqual(
      (await front.eventsUntil(4)).map(({ refusal }) => refusal?.kind),
      Array.from({ length: 4 }, () => 'terms_unaccepted'),
    )
    assert.equal((await quotas(front)).length, 3)
    assert.equal((await send(front, 'GET', '/weir/terms')).json['accepted'], false)
    for (const [body, status] of [
      [undefined, 409],
      [{}, 409],
      [{ version: '0' }, 409],
      [{ version: 1 }, 400],
      [{ version: 'x'.repeat(65) }, 400],
      [{ version: ['1'] }, 400],
      ['{"version":"1","version":"1"}', 400],
      ['{"Version":"1"}', 400],
      ['not JSON', 400],
      ['[]', 400],
    ] as const) {
      assert.equal((await send(front, 'POST', '/weir/terms', body)).status, status, JSON.stringify(body))
    }
    assert.equal(codeOf(await send(front, 'POST', '/weir/terms', { version: '2' })), 'other_version')
    assert.equal((await chat(front)).status, 403, 'none of these was an acceptance')
    assert.equal((await send(front, 'POST', '/weir/terms', { version: '1' })).status, 200)
    const answer = await chat(front)
    assert.deepEqual([answer.status, answer.headers.get('weir-terms')], [200, KNOWS])
    assert.equal((await chat(front, SECOND)).status, 403)
  })
})

test('without terms there is nothing to accept', async () => {
  await withFront({ identity }, async (front) => {
    const status = await send(front, 'GET', '/weir/terms')
    assert.deepEqual([status.status, status.json['version'], status.json['accepted']], [200, null, true])
    const accept = await send(front, 'POST', '/weir/terms', { version: '1' })
    assert.deepEqual([accept.status, codeOf(accept)], [404, 'no_terms'])
    assert.equal((await chat(front)).headers.get('weir-terms'), null)
  })
})

test('an exemption lets its caller go on without accepting, until it ends, and the event says why', async () => {
  const exemption = (expires: string): string => `${terms('deny')}
exemptions:
  - { reason: "signed on paper", expires: ${expires}, match: { tenant: acme }, from: [terms] }`
  await withFront({ identity, more: exemption('2999-01-01') }, async (front) => {
    assert.equal((await chat(front)).status, 200)
    assert.equal((await chat(front, SECOND)).status, 403)
    assert.deepEqual(
      (await front.eventsUntil(2)).map(({ exemptions }) => exemptions),
      [['signed on paper'], []],
    )
    assert.equal(front.reload(exemption('2020-01-01')), null)
    assert.equal((await chat(front)).status, 403)
  })
})

test('an acceptance outlives a restart where there is a data_dir; another version asks again, also after a reload', async () => {
  await inFolder(async (dataDir) => {
    const options: FrontOptions = { identity, dataDir, more: terms('deny') }
    await withFront(options, async (front) => {
      assert.equal((await chat(front)).status, 403)
      assert.equal((await send(front, 'POST', '/weir/terms', { version: '1' })).status, 200)
    })
    await withFront(options, async (front) => {
      assert.equal((await chat(front)).status, 200)
      assert.equal((await chat(front, SECOND)).status, 403)
      assert.equal(front.reload(terms('deny', '2')), null)
      assert.equal((await chat(front)).status, 403)
      const status = (await send(front, 'GET', '/weir/terms')).json
      assert.deepEqual([status['version'], status['accepted'], status['accepted_version']], ['2', false, '1'])
      assert.equal((await send(front, 'POST', '/weir/terms', { version: '1' })).status, 409, 'nobody accepts the past')
      assert.equal((await send(front, 'POST', '/weir/terms', { version: '2' })).status, 200)
      assert.equal((await chat(front)).status, 200)
    })
    await withFront({ ...options, more: terms('deny', '2') }, async (front) => {
      assert.equal((await chat(front)).status, 200)
    })
  })
})
