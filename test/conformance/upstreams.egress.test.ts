import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { createAuthority, openssl } from '../support/certificates.ts'
import { clientsOf, withFront, type Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'
import { plainScenario } from '../support/vendor-server.ts'
import { until } from '../support/waiting.ts'
import { messages, post, chat, withVendors, withServer, nobody, NEVER_OPEN, aThenB, fails } from './upstream-servers.ts'

/** Where a request never goes, how long an upstream may take, and whom it is believed to be. */

test('a redirect of an upstream is not followed: the client hears 502, and the other host hears nothing', async () => {
  await withVendors(1, async (elsewhere) => {
    for (const status of [301, 302, 307, 308]) {
      const redirect: RequestListener = (_request, response) =>
        void response.writeHead(status, { location: `${elsewhere.url}/v1/chat/completions` }).end('go there')
      await withServer(createHttpServer(redirect), async (host) => {
        const upstreams = `  a: { dialect: openai, base_url: "http://${host}/v1", api_key: key-of-a }`
        await withFront({ upstreams, models: '  "*": { upstream: a }' }, async (front) => {
          const answer = await chat(front)
          assert.deepEqual([answer.status, answer.outcome], [502, 'upstream_error'])
          assert.match(answer.body, /"upstream_error"/)
          assert.equal(answer.body.includes(elsewhere.url), false)
        })
      })
    }
    assert.equal(elsewhere.requests.length, 0)
  })
})

test('B5: no header, target or field of a request makes Weir talk to a host that the configuration does not name', async () => {
  await withVendors(1, async (elsewhere) => {
    await withFront({}, async (front) => {
      const { vendor } = front
      const evil = elsewhere.url
      const evilHost = new URL(evil).host
      const bearer = { authorization: `Bearer ${SECRET}` }
      const fields = [
        'base_url',
        'api_base',
        'api_base_url',
        'endpoint',
        'url',
        'host',
        'proxy',
        'provider',
        'upstream',
      ]
      await chat(front, Object.fromEntries(fields.map((name) => [name, `${evil}/v1`])))
      await chat(
        front,
        {},
        {
          ...bearer,
          'x-forwarded-host': evilHost,
          'x-original-url': `${evil}/v1/chat/completions`,
          'x-portkey-custom-host': `${evil}/v1`,
          'x-upstream': evil,
          forwarded: `host=${evilHost}`,
        },
      )
      for (const model of [`${evil}/v1`, `vendor-x@${evilHost}`, `vendor-../../..//${evilHost}`])
        await chat(front, { model })
      for (const id of [
        `gemini-x@${evilHost}`,
        `gemini-..%2f..%2f%2f${evilHost}`,
        `gemini-%3f@${evilHost}`,
        'gemini-%0d%0ahost%3a%20evil',
      ]) {
        await fetch(`${front.serving.dataUrl}/v1beta/models/${id}:generateContent`, {
          method: 'POST',
          headers: { 'x-goog-api-key': SECRET },
          body: JSON.stringify({ contents: [{ parts: [{ text: 'hello' }] }] }),
        }).then((answer) => answer.text())
      }
      const absolute = await raw(front, `POST ${evil}/v1/chat/completions HTTP/1.1`, evilHost)
      assert.match(absolute, /^HTTP\/1\.1 404 /)
      const hosted = await raw(front, 'POST /v1/chat/completions HTTP/1.1', evilHost)
      assert.match(hosted, /^HTTP\/1\.1 200 /)
      assert.match(await raw(front, `CONNECT ${evilHost} HTTP/1.1`, evilHost), /^(?:HTTP\/1\.1 4\d\d |$)/)
      assert.equal(elsewhere.requests.length, 0)
      assert.ok(vendor.requests.length >= 3)
      for (const { url, headers } of vendor.requests) {
        assert.equal(headers.host, new URL(vendor.url).host)
        assert.match(url, /^\/v1(?:beta)?\/[a-z]/)
        assert.equal(JSON.stringify(headers).includes(evilHost), false)
        assert.equal(url.includes('..'), false)
      }
    })
  })
})

/** One request by hand, with a body that is a good chat. */
function raw(front: Front, requestLine: string, host: string): Promise<string> {
  const { hostname, port } = new URL(front.serving.dataUrl)
  const body = JSON.stringify({ model: 'vendor-model', messages })
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => (text += part))
    socket.on('error', () => {})
    socket.once('close', () => resolve(text))
    const headers = [`host: ${host}`, `authorization: Bearer ${SECRET}`, 'connection: close']
    socket.write(`${[requestLine, ...headers, `content-length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`)
  })
}

const passing = {
  identity: '  pass_through: { match: ["sk-*"] }',
}

test("a client's own key goes to the first upstream and to no other one, whatever happens there", async () => {
  await withVendors(2, async (a, b) => {
    await withFront({ ...aThenB(a.url, b.url), ...passing }, async (front) => {
      const own = { authorization: 'Bearer sk-of-the-client' }
      const good = await chat(front, {}, own)
      assert.deepEqual([good.status, good.by], [200, 'a'])
      for (const ends of [503, 529, 429, 502] as const) {
        a.scenario = fails(ends)
        const answer = await chat(front, {}, own)
        assert.deepEqual([answer.status, answer.by], [ends, 'a'])
      }
      const claude = await post(
        front,
        '/v1/messages',
        { model: 'vendor-model', max_tokens: 9, messages },
        { 'x-api-key': 'sk-of-the-client' },
      )
      assert.equal(claude.by, 'a')
      assert.equal(b.requests.length, 0)
      for (const { headers, url } of a.requests) {
        const shown = url.endsWith('/messages') ? headers['x-api-key'] : headers.authorization
        assert.match(String(shown), /sk-of-the-client$/)
        assert.equal(JSON.stringify(headers).includes('key-of-a'), false)
      }
      assert.equal(JSON.stringify([front.events, front.said]).includes('sk-of-the-client'), false)
    })
    a.scenario = plainScenario
    await withFront({ ...aThenB(await nobody(), b.url), ...passing }, async (front) => {
      assert.equal((await chat(front, {}, { authorization: 'Bearer sk-of-the-client' })).status, 502)
      assert.equal(b.requests.length, 0)
    })
  })
})

test('time-outs: an upstream that says nothing at all, and one that falls silent in mid-stream', async () => {
  await withFront({ upstream: ', first_byte_timeout: 250ms, idle_timeout: 250ms' }, async (front) => {
    front.vendor.scenario = { ...fails('stall'), after: 3 }
    const silent = await chat(front)
    assert.deepEqual([silent.status, silent.outcome], [504, 'upstream_lost'])
    assert.match(silent.body, /"upstream_timeout"/)
    const stalled = await chat(front, { stream: true })
    assert.deepEqual([stalled.status, stalled.outcome], [200, 'upstream_lost'])
    assert.match(stalled.body, /tok0/, 'what came before is passed on')
    assert.match(stalled.body, /event: error\ndata: .*"upstream_timeout"/)
    assert.deepEqual(
      front.events.map(({ fault }) => fault),
      ['timeout', 'timeout'],
    )
    await until(() => front.vendor.open === 0, 'the upstream is not let go')
    assert.equal(front.vendor.aborted, 2)
    const { anthropic } = clientsOf(front.serving.dataUrl, SECRET)
    const ask = anthropic.messages.create({ model: 'vendor-model', max_tokens: 9, messages })
    await assert.rejects(ask, { status: 504 })
  })
})

test('time-outs: an answer that never comes to its end is ended', async () => {
  const scenario = { ...plainScenario, words: 10_000, paceMs: 20 }
  await withFront({ more: 'request: { max_duration: 300ms }' }, async (front) => {
    front.vendor.scenario = scenario
    const answer = await chat(front, { stream: true })
    assert.equal(answer.outcome, 'upstream_lost')
    assert.match(answer.body, /"upstream_timeout"/)
    await until(() => front.vendor.open === 0, 'the upstream is not let go')
  })
})

test('time-outs: an upstream that takes a connection and never greets is given up, and the next one asked', async () => {
  const mute = createTcpServer((socket) => void socket.on('error', () => {}))
  const sockets = new Set<{ destroy(): void }>()
  mute.on('connection', (socket) => sockets.add(socket))
  await withServer(
    Object.assign(mute, { closeAllConnections: () => sockets.forEach((socket) => socket.destroy()) }),
    async (host) => {
      await withVendors(1, async (b) => {
        const options = aThenB(`https://${host}`, b.url, `${NEVER_OPEN}, connect_timeout: 200ms`)
        await withFront(options, async (front) => {
          const answer = await chat(front)
          assert.deepEqual([answer.status, answer.by], [200, 'b'])
        })
      })
    },
  )
})

test(
  'TLS to an upstream: its own authority, our certificate, and no request where either does not hold',
  { skip: openssl.skip },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-upstream-'))
    const authority = createAuthority('Upstream Test CA')
    const stranger = createAuthority('Somebody else')
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const server = authority.issue('/CN=127.0.0.1', 'IP:127.0.0.1')
    const client = authority.issue('/CN=weir-itself')
    const other = stranger.issue('/CN=weir-itself')
    const ca = file('ca.pem', authority.cert)
    const strangerCa = file('stranger.pem', stranger.cert)
    const own = `cert: ${file('client.pem', client.cert)}, key: ${file('client-key.pem', client.key)}`
    const wrong = `cert: ${file('other.pem', other.cert)}, key: ${file('other-key.pem', other.key)}`
    const asked: string[] = []
    const listener: RequestListener = (request, response) => {
      asked.push((request.socket as TLSSocket).getPeerCertificate().subject.CN as string)
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          object: 'chat.completion',
          choices: [],
          usage: { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 },
        }),
      )
    }
    const options = {
      cert: server.cert,
      key: server.key,
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
    }
    try {
      await withServer(createHttpsServer(options, listener), async (host) => {
        const upstreams = (tls: string): string =>
          `  a: { dialect: openai, base_url: "https://${host}/v1", api_key: key-of-a${tls} }`
        const models = '  "*": { upstream: a }'
        await withFront({ upstreams: upstreams(`, tls: { ca: ${ca}, ${own} }`), models }, async (front) => {
          assert.equal((await chat(front)).status, 200)
          assert.deepEqual(asked, ['weir-itself'])
          for (const [tls, why] of [
            ['', 'a public authority'],
            [`, tls: { ca: ${strangerCa}, ${own} }`, "another server's authority"],
            [`, tls: { ca: ${ca} }`, 'no certificate of ours'],
            [`, tls: { ca: ${ca}, ${wrong} }`, 'a certificate of somebody else'],
          ] as const) {
            assert.equal(front.reloadWith({ upstreams: upstreams(tls) }), null)
            const answer = await chat(front)
            assert.equal(answer.status, 502, why)
          }
          assert.equal(asked.length, 1, 'no request was sent on a connection that was not trusted')
          assert.equal(front.reloadWith({ upstreams: upstreams(`, tls: { ca: ${ca}, ${own} }`) }), null)
          assert.equal((await chat(front)).status, 200, 'mended by a reload')
        })
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
