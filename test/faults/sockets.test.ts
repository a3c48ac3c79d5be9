import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { withGateway, type Gateway } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'

/** What no client library would send: raw bytes on a socket. Never a crash, never a 500, and an event for each request. */
const QUOTAS = `
  - { name: inflight, per: [key], concurrent: 50 }
  - { name: tpm, per: [key], tokens: 10000000, window: 1m }`

const chatBody = '{"model":"demo-model","messages":[{"role":"user","content":"hi [[demo: tokens=5]]"}]}'

interface Raw {
  readonly socket: Socket
  readonly text: () => string
  readonly closed: Promise<void>
}

function open(g: Gateway): Raw {
  const { hostname, port } = new URL(g.serving.dataUrl)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  let text = ''
  socket.on('data', (data) => (text += data.toString('latin1')))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    socket.once('end', () => {
      socket.end()
      resolve()
    })
  })
  return { socket, text: () => text, closed }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail(`never: ${what}`)
}

const head = (lines: readonly string[], path = '/v1/chat/completions'): string =>
  [
    `POST ${path} HTTP/1.1`,
    'host: weir',
    `authorization: Bearer ${SECRET}`,
    'content-type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n')

/** Sends bytes and gives the status of the answer. */
async function statusOf(g: Gateway, bytes: string | Buffer): Promise<number> {
  const raw = open(g)
  raw.socket.write(bytes)
  await until(() => raw.text().includes('\r\n\r\n'), `an answer to ${bytes.slice(0, 80).toString()}`)
  raw.socket.destroy()
  return Number(raw.text().slice(9, 12))
}

async function stillWell(g: Gateway): Promise<void> {
  const answer = await g.client.chat.completions.create({
    model: 'demo-model',
    messages: [{ role: 'user', content: 'hi [[demo: tokens=5]]' }],
  })
  assert.equal(answer.usage!.completion_tokens, 5)
  for (const row of g.serving.weir.quotasOf('k1')!) assert.equal(row.held, 0, `${row.name} holds nothing`)
  assert.ok(!g.events.some((event) => event.status === 500 || event.outcome === 'failed'), 'no fault of ours')
}

test('smuggled framing is refused, counted, and reaches no upstream', async () => {
  await withGateway({ quotas: QUOTAS }, async (g) => {
    const length = `content-length: ${chatBody.length}`
    const cases = [
      head([length, 'transfer-encoding: chunked']) + '0\r\n\r\n',
      head([length, 'content-length: 5']) + chatBody,
      head(['transfer-encoding: chunked, identity']) + '0\r\n\r\n',
      head(['transfer-encoding: xchunked']) + '0\r\n\r\n',
      head(['content-length: +5']) + chatBody,
      head(['content-length: -1']) + chatBody,
      head(['content-length : 5']) + chatBody,
      head(['x-a: b\r\n c: folded', length]) + chatBody,
      head(['x-\0: nul', length]) + chatBody,
      head(['transfer-encoding: chunked']) + 'zz\r\n\r\n',
      head(['transfer-encoding: chunked']) + 'ffffffffffffffffff\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'POST /v1/chat/completions HTTP/1.1\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      `GET /v1/models HTTP/1.1\r\nhost: weir\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`,
    ]
    for (const bytes of cases) {
      const status = await statusOf(g, bytes)
      assert.ok([400, 408, 431].includes(status), `${status} for ${JSON.stringify(bytes.slice(-80))}`)
    }
    assert.equal(g.upstream.requests, 0)
    await g.eventsUntil(cases.length)
    await stillWell(g)
  })
})

test('only the path routes: hosts, queries, cases and encodings in a request choose nothing', async () => {
  await withGateway({ quotas: QUOTAS }, async (g) => {
    const post = (path: string, host = 'weir'): string =>
      `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${SECRET}\r\ncontent-length: ${chatBody.length}\r\n\r\n${chatBody}`
    for (const path of [
      'http://evil.example/v1/chat/completions',
      '/v1/chat/completions/',
      '/v1/Chat/completions',
      '/v1/chat%2fcompletions',
      '//v1/chat/completions',
      '/v1/../v1/chat/completions',
      '/v1/chat/completions;x',
      '/v1/audio/speech',
      '*',
    ]) {
      assert.equal(await statusOf(g, post(path)), 404, path)
    }
    assert.equal(await statusOf(g, post('/v1/chat/completions?host=http://evil.example', 'evil.example')), 200)
    assert.equal(g.upstream.requests, 1)
    await g.eventsUntil(10)
  })
})

test('bodies that lie, stop or are too large get their own status and hold nothing', async () => {
  const more = 'request: { body_timeout: 400ms, max_body: 1MiB }'
  await withGateway({ quotas: QUOTAS, more }, async (g) => {
    assert.equal(await statusOf(g, head(['content-length: 500']) + chatBody), 408, 'a body that never ends')
    assert.equal(await statusOf(g, head(['content-length: 99999999'])), 413, 'said to be too large')
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    assert.equal(
      await statusOf(g, head(['transfer-encoding: chunked']) + chunk.repeat(20)),
      413,
      'found to be too large',
    )
    assert.equal(await statusOf(g, head(['content-length: 0'])), 400)
    assert.equal(
      await statusOf(g, head(['content-encoding: gzip', `content-length: ${chatBody.length}`]) + chatBody),
      415,
    )
    const slow = open(g)
    slow.socket.write(head([`content-length: ${chatBody.length}`]))
    for (const byte of chatBody.slice(0, 20)) {
      slow.socket.write(byte)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    await until(() => slow.text().startsWith('HTTP/1.1 408'), 'a slow body is ended')
    slow.socket.destroy()
    await g.eventsUntil(6)
    await stillWell(g)
  })
})

test('clients that vanish at any moment leave nothing behind', async () => {
  await withGateway({ quotas: QUOTAS }, async (g) => {
    const streamBody = chatBody.replace('tokens=5', 'tokens=400 pace_tps=300').replace('{', '{"stream":true,')
    const full = head([`content-length: ${streamBody.length}`]) + streamBody
    for (let at = 40; at < full.length; at += 23) {
      const raw = open(g)
      raw.socket.write(full.slice(0, at))
      await new Promise((resolve) => setTimeout(resolve, 2))
      raw.socket.destroy()
    }
    const halfClosed = open(g)
    halfClosed.socket.end(full)
    const mid = open(g)
    mid.socket.write(full)
    await until(() => mid.text().includes('data: '), 'the stream starts')
    mid.socket.destroy()
    await until(() => g.serving.weir.stats.inFlight === 0, 'all exchanges have ended')
    await until(() => g.upstream.openStreams === 0, 'the upstream has nothing left to do')
    await stillWell(g)
  })
})

test('two requests in one packet are two exchanges with two events', async () => {
  await withGateway({ quotas: QUOTAS }, async (g) => {
    const one = head([`content-length: ${chatBody.length}`]) + chatBody
    const raw = open(g)
    raw.socket.write(one + one)
    await until(() => raw.text().split('HTTP/1.1 200').length === 3, 'two answers')
    raw.socket.destroy()
    const events = await g.eventsUntil(2)
    assert.notEqual(events[0]!.id, events[1]!.id)
  })
})

test('a client that does not read is not buffered without end, and is let go', async () => {
  await withGateway({ quotas: QUOTAS }, async (g) => {
    const body = chatBody.replace('tokens=5', 'tokens=200000 pace_tps=1000000').replace('{', '{"stream":true,')
    const raw = open(g)
    raw.socket.pause()
    raw.socket.write(head([`content-length: ${body.length}`]) + body)
    await until(() => g.upstream.openStreams === 1, 'the stream runs')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const before = process.memoryUsage().arrayBuffers
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.ok(process.memoryUsage().arrayBuffers - before < 8_000_000, 'the upstream is paused')
    assert.equal(g.upstream.openStreams, 1, 'and not yet done')
    raw.socket.destroy()
    await until(() => g.upstream.openStreams === 0, 'the upstream is aborted')
    await until(() => g.serving.weir.stats.inFlight === 0, 'the exchange has ended')
  })
})
